# Recorded on a gateway whose network cards segment for it: frames of up to 64 kB.
ENDING=pcap
WAN=veth
OFFLOAD=on

traffic() {
  fetch c1 http://appldnld.apple.com/package.pkg
  fetch c1 https://play.itunes.apple.com/
  fetch c1 https://gs.apple.com/
}
