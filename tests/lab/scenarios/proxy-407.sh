# The proxy wants a login that the client does not have.
ENDING=pcapng

setup() { start_proxy; }

traffic() {
  fetch c1 https://gs.apple.com/ --proxy http://192.168.7.1:3128
  fetch c1 https://gs.apple.com/ --proxy http://192.168.7.1:3128
}
