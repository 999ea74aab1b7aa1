# The resolver takes questions and never answers.
ENDING=pcap

setup() { silence_resolver; }

traffic() {
  ping_gateway c1
  fetch c1 https://gs.apple.com/ -m 11
  ping_gateway c1
}
