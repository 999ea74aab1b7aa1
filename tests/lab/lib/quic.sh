# QUIC: a client and a server in Rust (quic-peer/), built once a recording that needs them; no apt package has both.

# Builds quic-peer if one of the named scenarios uses it.
make_quic_peer() {
  local name
  for name in "$@"; do
    grep -q quic "$LAB/scenarios/$name.sh" || continue
    cargo build --quiet --manifest-path "$LAB/quic-peer/Cargo.toml" && return
    echo "quic-peer cannot be built: it needs cargo and its crates" >&2
    return 1
  done
}

QUIC_PEER=$LAB/quic-peer/target/debug/quic-peer

# serve_quic NAME ADDRESS [retry]: a server of NAME on UDP 443, at an address of the server network.
serve_quic() {
  local name=$1 address=$2
  shift 2
  # All addresses of the server networks are local, but IPv6 lets nothing bind to those of a route.
  set_sysctl srv net.ipv6.ip_nonlocal_bind=1
  in_background srv "$QUIC_PEER" serve "$address:443" "$SHARED/pki/$name.pem" "$SHARED/pki/$name.key" "$@"
  wait_until on srv sh -c "ss -lun | grep -qF '$address:443 '"
}

# quic HOST NAME SECONDS [4|6] [large]: one request over QUIC, given up after so many seconds.
quic() {
  local host=$1 name=$2 seconds=$3
  shift 3
  on "$host" "$QUIC_PEER" get "$name:443" "$SHARED/pki/public-root.pem" "$seconds" "$@" || true
}
