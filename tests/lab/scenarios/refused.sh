# The server refuses the connection: its RST arrives with the TTL of a distant host.
ENDING=pcapng

setup() { fault srv input ip daddr 192.0.2.35 tcp dport 443 reject with tcp reset; }

traffic() {
  fetch c1 https://gs.apple.com/
  fetch c1 https://itunes.apple.com/
}
