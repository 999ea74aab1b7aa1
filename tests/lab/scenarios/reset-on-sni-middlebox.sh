# A middlebox forges a RST when it reads the server's name, and lets the hello pass: the server's answer comes later.
ENDING=pcap
FORMAT=nsecpcap
DELAY_MS=40

setup() { forge_resets 192.0.2.35; }

traffic() {
  fetch c1 https://gs.apple.com/
  fetch c1 https://gs.apple.com/ --tls-max 1.2
  fetch c1 https://itunes.apple.com/
}
