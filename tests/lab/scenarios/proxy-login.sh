# The proxy wants a login and gets it on the same connection: 407, then 200.
ENDING=pcapng

setup() { start_proxy; }

traffic() {
  fetch c1 https://gs.apple.com/ --proxy http://192.168.7.1:3128 --proxy-anyauth --proxy-user lab:lab
  fetch c1 https://itunes.apple.com/ --proxy http://192.168.7.1:3128 --proxy-anyauth --proxy-user lab:lab
}
