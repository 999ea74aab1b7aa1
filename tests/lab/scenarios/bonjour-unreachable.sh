# A service that is announced and whose port a firewall on its host drops: found, and not reached. Another one works.
ENDING=pcapng

JAN='Jan’s MacBook Pro'

setup() {
  on c1 sh -c "cd '$SHARED/www' && exec '$PYTHON' -m http.server --bind :: 3689" > "$WORK/daap.log" 2>&1 &
  wait_listening c1 3689
  fault c1 input tcp dport 7000 drop
}

traffic() {
  avahi c1 Jans-MacBook-Pro "$JAN|_airplay._tcp|7000|model=Mac14,7" "$JAN|_daap._tcp|3689|Machine Name=Jan’s Library"
  zeroconf c2 browse 3 _airplay._tcp _daap._tcp
  fetch c2 http://192.168.7.20:3689/index.html
  fetch c2 http://192.168.7.20:7000/info -m 6
  fetch c2 https://itunes.apple.com/
}
