# The server begins the handshake and stops in its middle.
ENDING=pcap

setup() { bad_server half 192.0.2.35 443; }

traffic() { fetch c1 https://gs.apple.com/ -m 12; }
