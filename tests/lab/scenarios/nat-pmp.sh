# A gateway with miniupnpd refuses a mapping by NAT-PMP, then grants one and another by PCP; a second device waits in vain.
ENDING=pcapng

setup() {
  start_port_mapper
  fault gw input ip saddr 192.168.7.21 udp dport 5351 drop
}

traffic() {
  map_port c1 3689
  make_room_for_mappings
  map_port c1 3690
  chatter c1 pcp 192.168.7.1 3691
  ask c2 www.example.com
  LIMIT=9 map_port c2 3692
}
