# IPv6 to one host is dropped, IPv4 works: a client without Happy Eyeballs waits and falls back.
ENDING=pcapng

setup() { fault gw forward ip6 daddr 2001:db8:a::40 drop; }

traffic() {
  fetch c1 https://itunes.apple.com/ -6 -m 5
  fetch c1 https://itunes.apple.com/ -4
  fetch c1 https://gs.apple.com/
}
