# A working store session: TLS 1.2 and 1.3, IPv4 and IPv6, OCSP over HTTP, push on 5223, a download.
ENDING=pcapng

store() {
  fetch c1 http://captive.apple.com/hotspot-detect.html
  ask c1 @192.168.7.1 GS.Apple.COM HTTPS
  fetch c1 https://itunes.apple.com/
  fetch c1 https://itunes.apple.com/ -4 --tls-max 1.2
  fetch c1 https://init.itunes.apple.com/
  fetch c1 https://play.itunes.apple.com/
  fetch c1 https://buy.itunes.apple.com/ --tls-max 1.2
  fetch c1 https://gs.apple.com/
  fetch c1 https://is1-ssl.mzstatic.com/artwork.jpg
  fetch c1 https://s.mzstatic.com/artwork.jpg
  ocsp c1 ocsp.digicert.com
  ocsp c1 evintl-ocsp.verisign.com
  fetch c1 http://appldnld.apple.com/package.pkg
  fetch c2 https://itunes.apple.com/
  fetch c2 https://is1-ssl.mzstatic.com/artwork.jpg -4
}

traffic() { together 'push c1 5223 12' store; }
