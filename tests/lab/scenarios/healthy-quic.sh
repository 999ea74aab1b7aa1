# QUIC that works: IPv4 and IPv6, a Retry, a ClientHello of two packets, and TCP beside it.
ENDING=pcapng

setup() {
  serve_quic itunes.apple.com 192.0.2.40
  serve_quic itunes.apple.com '[2001:db8:a::40]'
  serve_quic init.itunes.apple.com 192.0.2.41 retry
}

traffic() {
  quic c1 itunes.apple.com 5 4
  quic c1 itunes.apple.com 5 6 large
  quic c1 init.itunes.apple.com 5 4
  quic c1 init.itunes.apple.com 5 4 large
  fetch c1 https://itunes.apple.com/
  quic c2 itunes.apple.com 5 4
}
