# The demonstration: two devices, several faults at once, and unrelated traffic all around.
ENDING=pcapng
DELAY_MS=35
SINKHOLED_NAMES=mesu.apple.com

setup() {
  forge_resets 192.0.2.35
  fault gw forward ip daddr 192.0.2.39 drop
  fault gw forward tcp dport 5223 drop
  fault gw forward ip daddr 203.0.113.99 drop
  redirect srv 'ip daddr 203.0.113.20 tcp dport 443' 203.0.113.20:5223
}

# What goes by on any network and is not Apple's.
bystanders() {
  for _ in 1 2 3 4 5 6 7; do
    on c2 ping -6 -c 2 www.example.com
    fetch c2 https://www.example.com/
    fetch c1 https://static.example.net/artwork.jpg
    chatter c1 ntp time.apple.com
    chatter c2 mdns-ask
    chatter c1 mdns-answer
    sleep 8
  done
}

# The computer with iTunes: push, the store, activation, a restore.
first_device() {
  fetch c1 http://captive.apple.com/hotspot-detect.html
  push c1 5223 0
  fetch c1 https://init.itunes.apple.com/
  push c1 443 1
  fetch c1 https://itunes.apple.com/
  fetch c1 https://is1-ssl.mzstatic.com/artwork.jpg
  fetch c1 https://gs.apple.com/ --retry 1 --retry-all-errors --retry-delay 2
  ocsp c1 ocsp.digicert.com
  ocsp c1 evintl-ocsp.verisign.com
  fetch c1 https://albert.apple.com/ -m 6
  fetch c1 https://play.itunes.apple.com/
  fetch c1 https://s.mzstatic.com/artwork.jpg
  fetch c1 https://albert.apple.com/ -m 6
  sleep 4
  fetch c1 https://gs.apple.com/
  fetch c1 https://buy.itunes.apple.com/ --tls-max 1.2
  fetch c1 http://dead.example.net/ -m 5
  fetch c1 https://albert.apple.com/ -m 6
  fetch c1 http://appldnld.apple.com/artwork.jpg
  fetch c1 https://gs.apple.com/ --tls-max 1.2
  fetch c1 https://itunes.apple.com/ -4
  fetch c1 https://play.itunes.apple.com/
  fetch c1 https://is1-ssl.mzstatic.com/artwork.jpg -4
}

# A phone beside it, which suffers from the resolver alone.
second_device() {
  sleep 3
  fetch c2 https://itunes.apple.com/
  fetch c2 https://is1-ssl.mzstatic.com/artwork.jpg
  fetch c2 https://mesu.apple.com/
  sleep 8
  fetch c2 https://play.itunes.apple.com/
  fetch c2 https://buy.itunes.apple.com/ --tls-max 1.2
  ocsp c2 ocsp.digicert.com
  sleep 10
  fetch c2 https://mesu.apple.com/
  fetch c2 https://s.mzstatic.com/artwork.jpg
  push c2 443 1
}

traffic() { together bystanders first_device second_device; }
