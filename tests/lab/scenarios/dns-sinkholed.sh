# The resolver's block list gives 0.0.0.0 for an Apple name.
ENDING=pcap
SINKHOLED_NAMES=gs.apple.com

traffic() {
  fetch c1 https://gs.apple.com/
  fetch c1 https://itunes.apple.com/
}
