# The resolver says that two Apple names do not exist; a third works.
ENDING=pcapng
RESOLVER=(--address=/gs.apple.com/ --address=/mesu.apple.com/)

traffic() {
  fetch c1 https://gs.apple.com/
  fetch c1 https://mesu.apple.com/
  fetch c1 https://itunes.apple.com/
}
