# HTTPS inspection with TLS 1.2: a certificate of the proxy's own authority; a client that refuses it, one that does not.
ENDING=pcapng

setup() { intercept -tls1_2; }

traffic() {
  fetch c1 https://gs.apple.com/
  fetch c1 https://gs.apple.com/ --insecure
  fetch c1 https://itunes.apple.com/ -4 --tls-max 1.2
}
