# IPv6 does not answer and the client takes IPv4 after 200 ms, as Happy Eyeballs does: nothing is wrong with the host.
ENDING=pcapng

setup() { fault gw forward ip6 daddr 2001:db8:a::/48 drop; }

traffic() {
  fetch c1 https://itunes.apple.com/
  fetch c1 https://init.itunes.apple.com/
  sleep 4
}
