# HTTPS inspection with TLS 1.3, and a client (GnuTLS) whose alert is encrypted.
ENDING=pcapng

setup() { intercept; }

traffic() {
  ping_gateway c1
  for _ in 1 2; do
    on c1 wget -q -O /dev/null -T 5 -t 1 --no-hsts --ca-certificate="$SHARED/pki/public-root.pem" https://gs.apple.com/ || true
  done
}
