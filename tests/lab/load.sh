#!/usr/bin/env bash
# How much traffic `windfall watch` takes without loss, beside tcpdump on the same wire, and whether its counts add up.
#
# load.sh WINDFALL TRAFFIC OUT [SECONDS]   both as `cargo build --release --example traffic --bin windfall` makes them;
#                                          each rate is held for SECONDS (10; 120 tells more)
#
# Finds for `tcpdump -w /dev/null` and for windfall the highest of RATES (packets a second) at which nothing is lost, holds
# windfall's with both, and then sends as fast as the machine can. Tells for each run what was sent and what became of
# it; fails if windfall loses a frame at the rate that it held before, or if a frame is in none of its counts. The sender
# runs on the same machine: what it takes, they do not have. Needs root, tcpreplay, tcpdump, jq. All of it happens in a
# network namespace that ends with it.
set -euo pipefail
shopt -s inherit_errexit
export LC_ALL=C

RATES=${RATES:-400000 300000 250000 200000 150000 100000 50000 25000}
FLOWS=${FLOWS:-30000}

# The rest runs inside.
if [ -z "${INSIDE-}" ]; then
  WINDFALL=$(realpath "$1") TRAFFIC=$(realpath "$2") OUT=$(realpath -m "$3")
  mkdir -p "$OUT"
  "$TRAFFIC" --flows "$FLOWS" --rate 500 --out "$OUT/traffic.pcap" --truth "$OUT/truth.json"
  export INSIDE=1
  # shellcheck disable=SC2016
  exec unshare --net --mount sh -c 'mount -t sysfs none /sys && exec "$@"' sh \
    "$0" "$WINDFALL" "$TRAFFIC" "$OUT" "${4:-10}"
fi
WINDFALL=$1 OUT=$3 SECONDS_EACH=$4

# counter INTERFACE NAME
counter() { cat "/sys/class/net/$1/statistics/$2"; }

make_wire() {
  ip link add near type veth peer name far
  echo 1 | tee /proc/sys/net/ipv6/conf/{near,far}/disable_ipv6 > /dev/null
  # Super-frames of several segments are sent as they are.
  ip link set near mtu 65535 up
  ip link set far mtu 65535 up
}

wait_until() {
  for _ in $(seq 200); do
    "$@" && return
    sleep 0.05
  done
  echo "in vain: $*" >&2
  return 1
}

# send RATE SECONDS: over and over; sets SENT, BYTES and TOOK. RATE may be `topspeed`.
send() {
  local before bytes start how
  before=$(counter far rx_packets) bytes=$(counter far rx_bytes) start=$EPOCHREALTIME
  how=--pps=$1
  [ "$1" != topspeed ] || how=--topspeed
  tcpreplay --intf1=near --preload-pcap --loop=100000 --duration="$2" "$how" "$OUT/traffic.pcap" > "$OUT/tcpreplay.log" 2>&1
  TOOK=$(awk "BEGIN { print $EPOCHREALTIME - $start }")
  SENT=$(($(counter far rx_packets) - before))
  BYTES=$(($(counter far rx_bytes) - bytes))
}

# tell WHO SEEN LOST
tell() {
  awk "BEGIN { printf \"%-9s %9.0f packet/s %7.0f Mbit/s %10d sent %10d seen %9d lost\\n\", \
    \"$1\", $SENT / $TOOK, $BYTES * 8 / 1e6 / $TOOK, $SENT, $2, $3 }"
}

# Sets LOST.
with_tcpdump() {
  tcpdump -i far -w /dev/null > "$OUT/tcpdump.log" 2>&1 &
  local tcpdump=$!
  wait_until grep -q 'listening on far' "$OUT/tcpdump.log"
  send "$1" "$2"
  sleep 1
  kill -INT $tcpdump
  wait $tcpdump || true
  LOST=$(sed -n 's/ packets dropped by kernel//p' "$OUT/tcpdump.log")
  tell tcpdump "$(sed -n 's/ packets captured//p' "$OUT/tcpdump.log")" "$LOST"
}

# Sets LOST.
with_windfall() {
  "$WINDFALL" watch -i far --no-tui --format json --flows required > "$OUT/report.json" 2> "$OUT/lines" &
  local windfall=$!
  wait_until grep -q 'capturing on far' "$OUT/lines"
  local missed
  missed=$(counter far rx_dropped)
  send "$1" "$2"
  # What waits in the kernel and in the queues is still taken.
  sleep 2
  grep -E '^(VmHWM|VmRSS)' "/proc/$windfall/status" > "$OUT/memory"
  kill -INT $windfall
  wait $windfall || true
  missed=$(($(counter far rx_dropped) - missed))
  local captured dropped before
  captured=$(jq '.captures[0].frames' "$OUT/report.json")
  dropped=$(jq -c '.captures[0] | [.dropped_kernel, .dropped_interface, .dropped_pipeline]' "$OUT/report.json")
  LOST=$(jq add <<< "$dropped")
  before=$(jq '.[0] + .[1]' <<< "$dropped")
  # What the pipeline dropped was captured, and counted.
  tell windfall $((captured + before - LOST)) "$LOST"
  echo "  dropped by kernel, interface, pipeline $dropped; $(tr -s '\n\t ' ' ' < "$OUT/memory")"
  echo "  outcomes $(jq -c .summary.outcome "$OUT/report.json")"
  [ $((captured + before)) = "$SENT" ] || {
    echo "the counts do not add up to $SENT sent (the kernel dropped $missed before any capture)" >&2
    FAILED=1
  }
}

# highest WITH: the first of RATES at which it loses nothing, as RATE.
highest() {
  for RATE in $RATES; do
    "$1" "$RATE" 5
    [ "$LOST" != 0 ] || return 0
  done
  echo "$1 loses packets at any of these rates" >&2
  exit 1
}

FAILED=0
make_wire
highest with_tcpdump
highest with_windfall
echo "both at $RATE packets a second, for $SECONDS_EACH s:"
with_tcpdump "$RATE" "$SECONDS_EACH"
with_windfall "$RATE" "$SECONDS_EACH"
[ "$LOST" = 0 ] || { echo "windfall lost $LOST frames" >&2; FAILED=1; }
echo "as fast as can be sent, for $SECONDS_EACH s:"
with_windfall topspeed "$SECONDS_EACH"
exit "$FAILED"
