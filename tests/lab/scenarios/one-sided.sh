# Only what the client sends was captured, as by a mirror port of one direction: no verdict can be had.
ENDING=pcap
FILTER='not (tcp and src net 192.0.2.0/24) and not (tcp and src net 198.51.100.0/24)'

traffic() {
  fetch c1 https://gs.apple.com/
  fetch c1 https://play.itunes.apple.com/
  fetch c1 http://appldnld.apple.com/artwork.jpg
}
