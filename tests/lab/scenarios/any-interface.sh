# Recorded on all interfaces of the gateway at once: every packet shows several times, some with another TTL.
ENDING=pcap
INTERFACE=any

setup() { fault gw forward ip daddr 192.0.2.35 tcp dport 443 reject with tcp reset; }

traffic() {
  fetch c1 https://play.itunes.apple.com/
  fetch c1 https://gs.apple.com/
  ocsp c2 ocsp.digicert.com -4
}
