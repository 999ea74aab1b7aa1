# HTTPS inspection with TLS 1.3, and a client (OpenSSL) whose alert is readable.
ENDING=pcapng

setup() { intercept; }

traffic() {
  fetch c1 https://gs.apple.com/
  fetch c1 https://gs.apple.com/
}
