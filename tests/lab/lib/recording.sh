# Records one scenario: network, services, its faults, tcpdump on the gateway's LAN interface, its traffic.
#
# A scenario sets ENDING (the format, by the file's ending), may set FORMAT, DELAY_MS, WAN, OFFLOAD,
# INTERFACE, FILTER, UNKNOWN_NAMES and SINKHOLED_NAMES, and defines `setup` (services and faults) and `traffic`.

record_one() {
  SCENARIO=$1
  WORK=$SHARED/work-$SCENARIO
  # Namespaces of scenarios that run side by side, here and in another run, must not meet.
  SCENE=wf$BASHPID
  mkdir -p "$WORK"
  trap finish EXIT
  setup() { :; }
  # shellcheck source=/dev/null
  . "$LAB/scenarios/$SCENARIO.sh"
  make_network
  start_services
  setup
  start_capture
  traffic
  stop_capture
  write_capture
  WRITTEN=yes
}

# Descriptor 3 is where record.sh itself writes.
finish() {
  remove_network
  if [ "${WRITTEN:-no}" = yes ]; then
    echo "recorded $SCENARIO" >&3
  else
    { echo "FAILED $SCENARIO:" && tail -n 5 "$SHARED/$SCENARIO.log"; } >&3
    touch "$SHARED/failed"
  fi
}

# The buffer is for frames of SNAPLEN each; the default has room for eight.
start_capture() {
  if [[ "${INTERFACE:-lan}" = *" "* ]]; then
    start_capture_of_several
    return
  fi
  # shellcheck disable=SC2086
  LIMIT=300 on gw tcpdump -i "${INTERFACE:-lan}" -s 70000 -B 16384 -U --immediate-mode --time-stamp-precision=nano \
    -w "$WORK/raw.pcap" ${FILTER:-} 2> "$WORK/tcpdump.log" &
  wait_until grep -q 'listening on' "$WORK/tcpdump.log"
}

# Tcpdump takes one interface, dumpcap several.
start_capture_of_several() {
  local interface interfaces=()
  for interface in $INTERFACE; do interfaces+=(-i "$interface"); done
  LIMIT=300 on gw dumpcap "${interfaces[@]}" -B 16 -w "$WORK/raw.pcap" 2> "$WORK/tcpdump.log" &
  wait_until grep -q '^File:' "$WORK/tcpdump.log"
}

# Ends the programs of this name on the gateway.
interrupt() {
  local pid
  for pid in $(ip netns pids "$(ns gw)"); do
    [ "$(cat "/proc/$pid/comm")" != "$1" ] || kill -INT "$pid"
  done
}

stop_capture() {
  sleep 0.2
  if [[ "${INTERFACE:-lan}" = *" "* ]]; then
    interrupt dumpcap
    wait_until grep -q '^Packets received/dropped' "$WORK/tcpdump.log"
    ! grep '^Packets received/dropped' "$WORK/tcpdump.log" | grep -v '/0 (pcap:0/dumpcap:0/' || return 1
    return
  fi
  interrupt tcpdump
  wait_until grep -q 'dropped by kernel' "$WORK/tcpdump.log"
  grep -q '^0 packets dropped by kernel' "$WORK/tcpdump.log" || { cat "$WORK/tcpdump.log"; return 1; }
}

# Turns the raw capture into the scenario's format; a pcapng says in a comment what it is.
write_capture() {
  local plain=$WORK/$SCENARIO.${ENDING%.gz}
  case $ENDING in
    pcapng*) editcap -F pcapng --capture-comment "$(about "$SCENARIO")" "$WORK/raw.pcap" "$plain" ;;
    *) editcap -F "${FORMAT:-pcap}" "$WORK/raw.pcap" "$plain" ;;
  esac
  [ "$ENDING" = "${ENDING%.gz}" ] || { gzip -9n "$plain" && plain=$plain.gz; }
  mv "$plain" "$OUT/$SCENARIO.$ENDING"
}
