# The gateway drops what goes to one host: SYNs without an answer.
ENDING=pcap

setup() { fault gw forward ip daddr 192.0.2.35 drop; }

traffic() {
  fetch c1 https://gs.apple.com/ -m 5
  fetch c1 https://itunes.apple.com/
}
