# The capture ends in the middle of everything: a question, a SYN and a hello just sent.
ENDING=pcapng
DELAY_MS=250

setup() { fault gw input udp dport 53 @th,160,24 0x03736b drop; }

traffic() {
  fetch c1 https://play.itunes.apple.com/ > /dev/null 2>&1 &
  sleep 0.9
  fetch c1 https://skl.apple.com/ > /dev/null 2>&1 &
  fetch c1 https://gs.apple.com/ > /dev/null 2>&1 &
  sleep 0.2
}
