# The resolver takes questions and never answers; a name looked up before still works.
ENDING=pcap

setup() { silence_resolver; }

known() { fetch c1 https://play.itunes.apple.com/ --resolve play.itunes.apple.com:443:192.0.2.42; }

traffic() {
  known
  fetch c1 https://gs.apple.com/ -m 11
  known
}
