# The server itself resets after the ClientHello.
ENDING=pcap

setup() { bad_server reset 192.0.2.35 443; }

traffic() {
  fetch c1 https://gs.apple.com/
  fetch c1 https://gs.apple.com/
}
