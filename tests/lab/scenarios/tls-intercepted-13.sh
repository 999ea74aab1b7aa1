# HTTPS inspection with TLS 1.3, and a client (GnuTLS) whose alert is encrypted.
ENDING=pcapng

setup() { intercept; }

traffic() {
  for _ in 1 2; do
    on c1 gnutls-cli --x509cafile "$SHARED/pki/public-root.pem" gs.apple.com < /dev/null || true
  done
}
