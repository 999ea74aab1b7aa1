# Push on 5223 is dropped; the device falls back to 443.
ENDING=pcap

setup() {
  fault gw forward tcp dport 5223 drop
  redirect srv 'ip daddr 203.0.113.20 tcp dport 443' 203.0.113.20:5223
}

traffic() {
  push c1 5223 0
  push c1 443 1
}
