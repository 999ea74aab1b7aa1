# A small MTU beyond the gateway; its ICMP errors are seen on the LAN and the client does not heed them.
ENDING=pcap

setup() {
  ip -n "$(ns gw)" link set wan mtu 1400
  fault c1 input icmp type destination-unreachable drop
}

traffic() { large_hello c1 gs.apple.com 7; }
