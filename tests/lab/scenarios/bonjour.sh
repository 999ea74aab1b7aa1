# Bonjour at work: Avahi and python3-zeroconf offer and find services, over IPv4 and IPv6; one says goodbye.
ENDING=pcapng

JAN='Jan’s MacBook Pro'

setup() {
  on c1 sh -c "cd '$SHARED/www' && exec '$PYTHON' -m http.server --bind :: 7000" > "$WORK/airplay.log" 2>&1 &
  wait_listening c1 7000
}

# Offered while the capture runs, so that probes and announcements are in it.
traffic() {
  avahi c1 Jans-MacBook-Pro "$JAN|_airplay._tcp|7000|model=Mac14,7|features=0x4A7FCFD5,0x174FDE|srcvers=670.6.2" \
    "$JAN|_raop._tcp|7000|am=Mac14,7|vs=670.6.2"
  together library listener
}

# iTunes on the second computer, and then it is closed.
library() {
  zeroconf c2 offer 9 Jans-PC "Jan’s Library|_daap._tcp|3689|Machine Name=Jan’s Library|Password=0" \
    "Jan’s Library|_home-sharing._tcp|3689|hN=Jan’s Library|txtvers=1"
}

listener() {
  sleep 2
  together 'avahi_browse c1 5 -r _daap._tcp' 'avahi_browse c1 5 -r _home-sharing._tcp' \
    'zeroconf c2 browse 5 _airplay._tcp _raop._tcp'
  fetch c2 http://192.168.7.20:7000/index.html
  fetch c2 "http://[2001:db8:7::20]:7000/index.html"
  fetch c2 https://itunes.apple.com/
  sleep 4
}
