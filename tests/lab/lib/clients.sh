# What the clients do. None of it fails the scenario: that a request fails is often the point.

AGENT='iTunes/12.13.2 (Windows; Microsoft Windows 10 x64) lab'

# fetch HOST URL [curl's own arguments]
fetch() {
  local host=$1 url=$2
  shift 2
  on "$host" curl -sS -o /dev/null -A "$AGENT" --cacert "$SHARED/pki/public-root.pem" -m 20 "$@" "$url" || true
}

# Asks whether a certificate was revoked, over plain HTTP as Apple's clients do.
ocsp() {
  local host=$1 name=$2
  shift 2
  fetch "$host" "http://$name/$(ocsp_path)" "$@"
}

# A push connection: TLS, one message, and then nothing for SECONDS.
push() {
  local host=$1 port=$2 seconds=${3:-1}
  (echo hello && sleep "$seconds") | LIMIT=$((seconds + 5)) on "$host" openssl s_client -quiet -no_ign_eof \
    -connect "5-courier.push.apple.com:$port" -servername 5-courier.push.apple.com || true
}

# A ClientHello of 1.7 kB, as post-quantum key shares make them; here a long list of application protocols does.
large_hello() {
  local host=$1 name=$2 seconds=${3:-1} protocols
  protocols=http/1.1$(printf ',lab-protocol-%03d-of-many-x' $(seq 45))
  (printf 'GET / HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n' "$name" && sleep "$seconds") |
    LIMIT=$((seconds + 5)) on "$host" openssl s_client -quiet -no_ign_eof -alpn "$protocols" \
      -connect "$name:443" -servername "$name" > /dev/null || true
}

# A client of raw sockets, for what curl never does: tools/odd_client.py says what it can do.
odd_client() {
  local host=$1
  shift
  on "$host" "$PYTHON" "$LAB/tools/odd_client.py" "$@" || true
}

ask() {
  local host=$1
  shift
  on "$host" dig +tries=1 +time=2 "$@" > /dev/null || true
}

chatter() {
  local host=$1
  shift
  on "$host" "$PYTHON" "$LAB/tools/chatter.py" "$@" || true
}

# chrony asks for the time: four times, two seconds apart, each time from another port unless told otherwise. It sets no
# clock. ask_time HOST NAME [chrony's own directives]
ask_time() {
  local host=$1 name=$2
  shift 2
  on "$host" chronyd -Q -x -d -u root -t 10 -f /dev/null "server $name iburst" "pidfile $WORK/chrony-$host.pid" \
    "cmdport 0" "bindcmdaddress /" "$@" || true
}

# Asks the gateway by NAT-PMP for its public address and for a mapping of a TCP port.
map_port() {
  local host=$1 port=$2
  on "$host" natpmpc -g 192.168.7.1 -a "$port" "$port" tcp 3600 || true
}

# Runs commands side by side, each given as one word, until all have ended.
together() {
  local command pids=()
  for command in "$@"; do
    $command &
    pids+=($!)
  done
  wait "${pids[@]}" || true
}
