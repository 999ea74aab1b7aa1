# A small MTU beyond the gateway, whose ICMP errors are filtered: a large ClientHello is lost, small ones pass.
ENDING=pcapng

setup() {
  ip -n "$(ns gw)" link set wan mtu 1400
  fault gw output icmp type destination-unreachable drop
}

traffic() { together 'fetch c1 https://itunes.apple.com/ -4' 'large_hello c1 gs.apple.com 7'; }
