# The gateway forbids OCSP with status 403; elsewhere the servers' own 404 says that the path works.
ENDING=pcapng

setup() { answer_http 'return 403;' 203.0.113.8; }

traffic() {
  ocsp c1 ocsp.digicert.com -4
  ocsp c1 ocsp.digicert.com -4
  fetch c1 http://evintl-ocsp.verisign.com/gone
  fetch c1 http://appldnld.apple.com/no-such-file
}
