# One packet in nine is lost each way and everything is sent again in time: slow, and healthy.
ENDING=pcapng

setup() { fault gw forward 'meta l4proto tcp numgen inc mod 9 == 0 drop'; }

traffic() {
  fetch c1 https://itunes.apple.com/ -4
  fetch c1 http://appldnld.apple.com/artwork.jpg
  fetch c1 https://gs.apple.com/
  fetch c1 https://play.itunes.apple.com/
}
