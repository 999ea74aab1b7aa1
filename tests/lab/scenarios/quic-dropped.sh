# The gateway drops UDP 443 to one host: its client repeats its QUIC Initials in vain and falls back to TCP.
ENDING=pcapng

setup() {
  serve_quic itunes.apple.com 192.0.2.40
  serve_quic init.itunes.apple.com 192.0.2.41
  fault gw forward ip daddr 192.0.2.40 udp dport 443 drop
}

traffic() {
  quic c1 itunes.apple.com 4 4
  fetch c1 https://itunes.apple.com/ -4
  quic c1 init.itunes.apple.com 5 4
  sleep 1.5
}
