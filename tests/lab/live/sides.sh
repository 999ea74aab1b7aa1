# Both sides of the gateway are watched while it drops one host's packets.
DELAY_MS=9

# Somebody else is always at work, as behind any gateway: by IPv4, since each family has routes of its own.
keep_busy() {
  local tries
  for tries in $(seq 40); do
    fetch c2 https://itunes.apple.com/ -4
    sleep 0.2
  done
  note "busy $tries times"
}

session() {
  translate
  start_watch -i wan --no-tui --format json
  keep_busy &
  local busy=$!
  fetch c1 https://init.itunes.apple.com/
  fault gw forward iifname lan ip daddr 192.0.2.39 drop
  note dropped
  fetch c1 https://albert.apple.com/ -m 8
  wait "$busy"
  stop_watch INT
}
