# A SOCKS5 proxy: two targets work through it, one refuses; another proxy wants a login, which one client lacks.
ENDING=pcapng

setup() {
  fault srv input ip daddr 192.0.2.39 tcp dport 443 reject with tcp reset
  start_socks 1080
  start_socks 1081 -u lab -P lab
}

traffic() {
  fetch c1 https://gs.apple.com/ --socks5-hostname 192.168.7.1:1080
  fetch c1 https://albert.apple.com/ --socks5-hostname 192.168.7.1:1080
  fetch c1 https://buy.itunes.apple.com/ --socks5 192.168.7.1:1080
  fetch c2 https://gs.apple.com/ --socks5-hostname 192.168.7.1:1081 --proxy-user lab:lab
  fetch c2 https://albert.apple.com/ --socks5-hostname 192.168.7.1:1081
}
