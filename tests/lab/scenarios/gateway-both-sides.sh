# Both sides of a gateway that translates addresses; it drops, rejects and loses, and one fault is not its own.
ENDING=pcapng
INTERFACE="lan wan"

setup() {
  translate
  fault gw forward iifname lan ip daddr 192.0.2.35 tcp dport 443 drop
  fault gw forward iifname wan ip saddr 192.0.2.42 tcp sport 443 drop
  fault gw forward iifname lan ip daddr 192.0.2.43 tcp dport 443 reject with tcp reset
  fault srv input ip daddr 192.0.2.39 tcp dport 443 drop
}

traffic() {
  fetch c1 https://itunes.apple.com/
  together \
    'fetch c1 https://gs.apple.com/ -m 8' \
    'fetch c1 https://play.itunes.apple.com/ -m 8' \
    'fetch c2 https://buy.itunes.apple.com/' \
    'fetch c1 https://albert.apple.com/ -m 8' \
    'ocsp c2 ocsp.digicert.com'
  fetch c2 https://init.itunes.apple.com/
}
