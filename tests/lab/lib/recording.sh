# shellcheck shell=bash
# Records one scenario: network, services, its faults, tcpdump on the gateway's LAN interface, its traffic.
#
# A scenario sets ENDING (the format, by the file's ending), may set FORMAT, DELAY_MS, WAN, OFFLOAD,
# INTERFACE, FILTER, UNKNOWN_NAMES and SINKHOLED_NAMES, and defines `setup` (services and faults) and `traffic`.

record_one() {
  local name=$1
  WORK=$SHARED/work-$name
  # Namespaces of scenarios that run side by side, here and in another run, must not meet.
  PREFIX=wf$BASHPID
  mkdir -p "$WORK"
  trap 'finish "$name" $?' EXIT
  setup() { :; }
  # shellcheck source=/dev/null
  . "$LAB/scenarios/$name.sh"
  make_network
  start_services
  setup
  start_capture
  traffic
  stop_capture
  write_capture "$name"
}

# Descriptor 3 is where record.sh itself writes.
finish() {
  remove_network
  if [ "$2" = 0 ]; then
    echo "recorded $1" >&3
  else
    { echo "FAILED $1:" && tail -n 5 "$SHARED/$1.log"; } >&3
    touch "$SHARED/failed"
  fi
}

# The buffer is for frames of SNAPLEN each; the default has room for eight.
start_capture() {
  # shellcheck disable=SC2086
  LIMIT=300 on gw tcpdump -i "${INTERFACE:-lan}" -s 70000 -B 16384 -U --immediate-mode --time-stamp-precision=nano \
    -w "$WORK/raw.pcap" ${FILTER:-} 2> "$WORK/tcpdump.log" &
  wait_until grep -q 'listening on' "$WORK/tcpdump.log"
}

stop_capture() {
  sleep 0.2
  local pid
  for pid in $(ip netns pids "$(ns gw)"); do
    [ "$(cat "/proc/$pid/comm")" != tcpdump ] || kill -INT "$pid"
  done
  wait_until grep -q 'dropped by kernel' "$WORK/tcpdump.log"
  grep -q '^0 packets dropped by kernel' "$WORK/tcpdump.log" || { cat "$WORK/tcpdump.log"; return 1; }
}

# Turns the raw capture into the scenario's format; a pcapng says in a comment what it is.
write_capture() {
  local name=$1 plain=$WORK/$1.${ENDING%.gz}
  case $ENDING in
    pcapng*) editcap -F pcapng --capture-comment "$(about "$name")" "$WORK/raw.pcap" "$plain" ;;
    *) editcap -F "${FORMAT:-pcap}" "$WORK/raw.pcap" "$plain" ;;
  esac
  [ "$ENDING" = "${ENDING%.gz}" ] || { gzip -9n "$plain" && plain=$plain.gz; }
  mv "$plain" "$OUT/$name.$ENDING"
}
