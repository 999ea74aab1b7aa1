# The gateway drops NTP on its way out: a device asks for the time again and again.
ENDING=pcap

setup() {
  serve_time
  fault gw forward udp dport 123 drop
}

traffic() {
  fetch c1 https://gs.apple.com/
  ask_time c1 time.apple.com
}
