# An access point that isolates its clients: two devices ask for what a third offers, and hear nothing from anyone.
ENDING=pcapng

setup() {
  on gw nft -f - << RULES
table bridge lab_isolation {
  chain forward { type filter hook forward priority 0; }
}
add rule bridge lab_isolation forward udp dport 5353 drop
RULES
  add_device c3 22 c8:69:cd:5a:11:60
  avahi c3 Living-Room 'Living Room|_airplay._tcp|7000|model=AppleTV11,1' 'Living Room|_home-sharing._tcp|3689'
  avahi c1 Jans-MacBook-Pro
  # What the third announces at its start is over by then.
  sleep 6
}

traffic() {
  together 'avahi_browse c1 17 _airplay._tcp' 'zeroconf c2 browse 17 _airplay._tcp _home-sharing._tcp' \
    'fetch c2 https://itunes.apple.com/'
}
