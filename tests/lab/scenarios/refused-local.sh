# The gateway refuses the connection in the server's name: its RST has the TTL of the LAN.
ENDING=pcapng

setup() { fault gw forward ip daddr 192.0.2.35 tcp dport 443 reject with tcp reset; }

traffic() {
  fetch c1 https://gs.apple.com/
  fetch c1 https://itunes.apple.com/
}
