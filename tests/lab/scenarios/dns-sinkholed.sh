# The resolver's block list gives 0.0.0.0 for an Apple name.
ENDING=pcap
RESOLVER=(--address=/gs.apple.com/0.0.0.0)

traffic() {
  fetch c1 https://gs.apple.com/
  fetch c1 https://itunes.apple.com/
}
