# The client has its whole answer and closes with a RST, as browsers and stores do: nothing is wrong.
ENDING=pcap
FORMAT=nsecpcap

traffic() {
  odd_client c1 reset gs.apple.com "$SHARED/pki/public-root.pem"
  odd_client c1 reset play.itunes.apple.com "$SHARED/pki/public-root.pem"
}
