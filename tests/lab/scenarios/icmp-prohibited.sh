# The gateway rejects by ICMP and ICMPv6: administratively prohibited.
ENDING=pcap.gz

setup() {
  fault gw forward ip daddr 192.0.2.35 reject with icmp type admin-prohibited
  fault gw forward ip6 daddr 2001:db8:a::38 reject with icmpv6 type admin-prohibited
}

traffic() {
  fetch c1 https://gs.apple.com/
  fetch c1 https://mesu.apple.com/ -6 -m 5
}
