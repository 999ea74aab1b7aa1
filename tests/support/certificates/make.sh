#!/usr/bin/env bash
# Makes the certificates of the hand-built TLS 1.2 traces: one chain that names a known issuing organisation, one that
# does not. Both authorities are ours; no key is kept.
set -euo pipefail
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chain() { # name, organisation of the CA
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 36500 -subj "/O=$2/CN=$2 Test CA" \
        -keyout "$work/ca.key" -out "$work/ca.pem" 2>/dev/null
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/O=Apple Inc./CN=gs.apple.com" \
        -keyout "$work/leaf.key" -out "$work/leaf.csr" 2>/dev/null
    openssl x509 -req -in "$work/leaf.csr" -CA "$work/ca.pem" -CAkey "$work/ca.key" -days 36500 \
        -extfile <(echo "subjectAltName=DNS:gs.apple.com") -out "$work/leaf.pem" 2>/dev/null
    openssl x509 -in "$work/ca.pem" -outform DER -out "$1-ca.der"
    openssl x509 -in "$work/leaf.pem" -outform DER -out "$1-leaf.der"
}
chain genuine "DigiCert Inc"
chain proxy "Corporate Inspection Ltd"
