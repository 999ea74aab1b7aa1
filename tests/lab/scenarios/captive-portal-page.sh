# A captive portal answers the probe with its own page and status 200.
ENDING=pcapng

setup() {
  answer_http "default_type text/html; return 200 '<html><body>Welcome to the hotel. Please sign in.</body></html>';" \
    203.0.113.12
}

traffic() {
  fetch c1 http://captive.apple.com/hotspot-detect.html
  fetch c1 http://appldnld.apple.com/index.html
}
