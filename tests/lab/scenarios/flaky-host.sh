# One connection in three is refused by the gateway, the others work.
ENDING=pcapng

setup() {
  fault gw forward 'ip daddr 192.0.2.35 tcp flags & (syn | ack) == syn numgen inc mod 3 == 1 reject with tcp reset'
}

traffic() {
  for _ in 1 2 3 4 5 6; do fetch c1 https://gs.apple.com/; done
}
