# ClientHellos of 1.7 kB in two segments, over IPv4 and IPv6, that are answered.
ENDING=pcap

traffic() {
  large_hello c1 gs.apple.com
  large_hello c1 init.itunes.apple.com
}
