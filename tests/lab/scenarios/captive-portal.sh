# A captive portal redirects all plain HTTP to its sign-in page.
ENDING=pcap

setup() { answer_http 'return 302 http://portal.hotel.example/login;'; }

traffic() {
  fetch c1 http://captive.apple.com/hotspot-detect.html -L
  fetch c1 http://appldnld.apple.com/package.pkg
}
