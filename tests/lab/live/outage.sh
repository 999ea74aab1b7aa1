# The gateway drops one host's packets, refuses another's, its resolver falls silent; then all of it is healed.
DELAY_MS=9

session() {
  # A short window, so that a healed connection is called ok within the test.
  start_watch --no-tui --format json --window 4s
  fetch c1 https://itunes.apple.com/
  fetch c1 https://init.itunes.apple.com/

  fault gw forward ip daddr 192.0.2.39 drop
  note dropped
  fetch c1 https://albert.apple.com/ -m 8
  heal forward

  fault gw forward ip daddr 192.0.2.35 tcp dport 443 reject with tcp reset
  note refused
  fetch c1 https://gs.apple.com/
  heal forward

  fault gw input udp dport 53 drop
  note silenced
  ask c1 skl.apple.com
  sleep 5
  heal input

  note healed
  local tries
  for tries in 1 2 3 4 5 6 7; do
    fetch c1 https://albert.apple.com/
    fetch c1 https://gs.apple.com/
    fetch c1 https://skl.apple.com/
    sleep 1
  done
  note "done after $tries"
  stop_watch INT
}
