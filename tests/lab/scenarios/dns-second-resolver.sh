# The first resolver is silent, the second answers: everything works, five seconds late.
ENDING=pcapng

setup() {
  silence_resolver
  start_resolver srv
  use_resolvers c1 192.168.7.1 198.51.100.53
}

traffic() { fetch c1 https://gs.apple.com/; }
