#!/usr/bin/env bash
# Watches an outage live: windfall on the gateway's LAN interface while real clients fail and recover.
#
# live.sh SESSION WINDFALL OUT [FLAG...]   run a session of live/ with this program; what it saw goes into OUT
#
# Needs root and what record.sh needs. A session has its own namespaces, removed when it ends.
set -euo pipefail
shopt -s inherit_errexit

LAB=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
export LC_ALL=C

for part in "$LAB"/lib/*.sh; do
  # shellcheck source=/dev/null
  . "$part"
done

SESSION=$1 WINDFALL=$(realpath "$2") OUT=$(realpath -m "$3")
SCENE=wl$$
mkdir -p "$OUT"
SHARED=$(mktemp -d /tmp/windfall-live.XXXXXX)
WORK=$SHARED/work
mkdir -p "$WORK"

# What windfall itself is confined to must not matter for cleaning up.
finish() {
  # What was on the screen, had it one, tells why a session failed.
  tmux -L "$SCENE" capture-pane -p > "$OUT/last.txt" 2> /dev/null || rm -f "$OUT/last.txt"
  tmux -L "$SCENE" kill-server 2> /dev/null || true
  remove_network
  rm -rf "$SHARED"
}
trap finish EXIT

# Notes when something happened, in seconds of the clock that stamps the packets: `TIME WHAT`.
note() { echo "$EPOCHREALTIME $*" >> "$OUT/events"; }

# Each line with the time at which it came.
stamp() { while IFS= read -r line; do printf '%s %s\n' "$EPOCHREALTIME" "$line"; done; }

# windfall watch on the gateway, its report and its lines into OUT.
start_watch() {
  mkfifo "$WORK/lines"
  stamp < "$WORK/lines" > "$OUT/lines" &
  STAMPER=$!
  ip netns exec "$(ns gw)" "$WINDFALL" watch -i lan "$@" > "$OUT/report" 2> "$WORK/lines" &
  WATCH=$!
  wait_until grep -q 'capturing on lan' "$OUT/lines"
}

# Sends the signal and notes the exit status.
stop_watch() {
  local status=0
  kill "-$1" "$WATCH"
  wait "$WATCH" || status=$?
  wait "$STAMPER"
  echo "$status" > "$OUT/status"
}

# Takes a fault's rules away.
heal() { on gw nft delete table inet "lab_$1"; }

make_certificates "$SHARED/pki"
make_documents "$SHARED/www"
# shellcheck source=/dev/null
. "$LAB/live/$SESSION.sh"
make_network
start_services
session "${@:4}"
