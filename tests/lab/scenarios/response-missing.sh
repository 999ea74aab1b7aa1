# An OCSP request is acknowledged and never answered; another one is.
ENDING=pcap

setup() { bad_server silent 203.0.113.10 80; }

traffic() {
  ocsp c1 evintl-ocsp.verisign.com -m 34
  ocsp c1 ocsp.digicert.com
}
