# An Apple address whose name the capture does not give: a device that looked it up before, and drops on the way.
ENDING=pcap

setup() { fault gw forward ip daddr 17.253.144.10 drop; }

traffic() {
  fetch c1 https://play.itunes.apple.com/ --resolve play.itunes.apple.com:443:192.0.2.42
  fetch c1 https://17.253.144.10/ --insecure -m 5
}
