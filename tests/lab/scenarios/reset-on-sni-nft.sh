# The gateway rejects the ClientHello with a RST of its own; the server never sees the hello.
ENDING=pcapng

# 0x16 is the first byte of a TLS handshake record.
setup() { fault gw forward ip daddr 192.0.2.35 tcp dport 443 @ih,0,8 0x16 reject with tcp reset; }

traffic() {
  fetch c1 https://gs.apple.com/
  fetch c1 https://gs.apple.com/ --tls-max 1.2
  fetch c1 https://itunes.apple.com/
}
