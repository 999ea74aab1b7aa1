# The server closes after the ClientHello, without an alert.
ENDING=pcapng

setup() { bad_server close 192.0.2.35 443; }

traffic() {
  fetch c1 https://gs.apple.com/
  fetch c1 https://gs.apple.com/
}
