# The resolver says that two Apple names do not exist; a third works.
ENDING=pcapng
UNKNOWN_NAMES='gs.apple.com mesu.apple.com'

traffic() {
  fetch c1 https://gs.apple.com/
  fetch c1 https://mesu.apple.com/
  fetch c1 https://itunes.apple.com/
}
