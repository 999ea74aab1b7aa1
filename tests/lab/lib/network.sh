# The lab's network: two clients, a gateway and one host that is every server, each in its own namespace.
#
#   c1 192.168.7.20, 2001:db8:7::20 ─┐
#                                     ├─ lan (bridge) gw wan ── delay ── net srv 192.0.2.0/24, 198.51.100.0/24, ...
#   c2 192.168.7.21, 2001:db8:7::21 ─┘
#
# The way between wan and net is a pair of TUN devices whose packets tools/relay.py holds back DELAY_MS each way: the
# kernel of a small machine often has no netem. WAN=veth joins them directly, offloads and all.

PYTHON=/usr/bin/python3
SERVER_NETS=(192.0.2.0/24 198.51.100.0/24 203.0.113.0/24 17.253.144.0/24)
SERVER_NETS6=(2001:db8:a::/48 2001:db8:b::/48 2001:db8:c::/48)
# Servers send with this TTL; one less arrives on the LAN, as if the server were ten hops away from a TTL of 64.
SERVER_TTL=55

# The hosts of a scenario; add_device adds more.
HOSTS=(c1 c2 gw srv air)

ns() { echo "$SCENE-$1"; }

# Runs a command in a host's namespace, at most LIMIT seconds.
on() {
  local host=$1
  shift
  ip netns exec "$(ns "$host")" timeout -k 1 "${LIMIT:-60}" "$@"
}

set_sysctl() {
  local host=$1
  shift
  on "$host" sysctl -q -w "$@"
}

make_network() {
  local host
  for host in "${HOSTS[@]}"; do add_host "$host"; done
  make_lan
  make_wan
}

add_host() {
  ip netns add "$(ns "$1")"
  ip -n "$(ns "$1")" link set lo up
  set_sysctl "$1" net.ipv6.conf.default.accept_ra=0 net.ipv6.conf.all.accept_ra=0
}

# add_device NAME NUMBER MAC: one more client on the LAN.
add_device() {
  HOSTS+=("$1")
  add_host "$1"
  add_client "$@"
}

make_lan() {
  local gw
  gw=$(ns gw)
  set_sysctl gw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
  # Where bridges call nftables, what the gateway rewrites would be captured rewritten.
  # shellcheck disable=SC2016
  on gw sh -c 'for knob in /proc/sys/net/bridge/bridge-nf-call-*; do [ ! -e "$knob" ] || echo 0 > "$knob"; done'
  ip -n "$gw" link add lan address 24:5a:4c:8e:60:01 type bridge mcast_snooping 0
  ip -n "$gw" link set lan up
  ip -n "$gw" addr add 192.168.7.1/24 dev lan
  ip -n "$gw" addr add 2001:db8:7::1/64 dev lan nodad
  add_client c1 20 a4:83:e7:1c:52:9a
  add_client c2 21 f0:18:98:3d:07:e4
  quiet_offload gw lan
  use_resolvers gw 192.168.7.1
}

add_client() {
  local host=$1 number=$2 mac=$3 client
  client=$(ns "$host")
  ip -n "$(ns gw)" link add "$host" type veth peer name eth0 address "$mac" netns "$client"
  ip -n "$(ns gw)" link set "$host" master lan up
  ip -n "$client" link set eth0 up
  ip -n "$client" addr add "192.168.7.$number/24" dev eth0
  ip -n "$client" addr add "2001:db8:7::$number/64" dev eth0 nodad
  ip -n "$client" route add default via 192.168.7.1
  ip -n "$client" -6 route add default via 2001:db8:7::1
  quiet_offload "$host" eth0
  quiet_offload gw "$host"
  use_resolvers "$host" 192.168.7.1
}

# Without this, frames of many segments reach the capture, as they would not on a wire.
quiet_offload() {
  [ "${OFFLOAD:-off}" = on ] || on "$1" ethtool -K "$2" tso off gso off gro off tx off > /dev/null 2>&1 || true
}

# `ip netns exec` gives the namespace this resolv.conf.
use_resolvers() {
  local host=$1
  shift
  mkdir -p "/etc/netns/$(ns "$host")"
  printf 'nameserver %s\n' "$@" > "/etc/netns/$(ns "$host")/resolv.conf"
}

make_wan() {
  local net gw
  net=$(ns srv) gw=$(ns gw)
  if [ "${WAN:-delayed}" = veth ]; then
    # Without ARP, both ends must have the same address.
    ip -n "$gw" link add wan address 02:00:00:00:00:01 type veth peer name net address 02:00:00:00:00:01 netns "$net"
    ip -n "$gw" link set wan arp off
    ip -n "$net" link set net arp off
  else
    in_background air "$PYTHON" "$LAB/tools/relay.py" wan net "${DELAY_MS:-9}"
    wait_until ip -n "$(ns air)" link show net
    ip -n "$(ns air)" link set wan netns "$gw"
    ip -n "$(ns air)" link set net netns "$net"
  fi
  ip -n "$gw" link set wan up
  ip -n "$net" link set net up
  set_sysctl srv "net.ipv4.ip_default_ttl=$SERVER_TTL" "net.ipv6.conf.net.hop_limit=$SERVER_TTL"
  ip -n "$net" route add default dev net
  ip -n "$net" -6 route add default dev net
  ip -n "$gw" route add default dev wan
  ip -n "$gw" -6 route add default dev wan
  local prefix
  for prefix in "${SERVER_NETS[@]}"; do ip -n "$net" route add local "$prefix" dev lo; done
  for prefix in "${SERVER_NETS6[@]}"; do ip -n "$net" -6 route add local "$prefix" dev lo; done
}

# Starts a command that lives as long as the scenario.
in_background() {
  local host=$1
  shift
  LIMIT=300 on "$host" "$@" >> "$WORK/$host.log" 2>&1 &
}

# Tries a command until it succeeds, five seconds at most.
wait_until() {
  local tries
  for tries in $(seq 100); do
    "$@" > /dev/null 2>&1 && return 0
    sleep 0.05
  done
  echo "in vain for five seconds ($tries tries): $*" >&2
  return 1
}

# Ends what runs in the namespaces of this scenario, and removes them.
remove_network() {
  local host pids
  for host in "${HOSTS[@]}"; do
    pids=$(ip netns pids "$(ns "$host")" 2> /dev/null || true)
    # shellcheck disable=SC2086
    [ -z "$pids" ] || kill -9 $pids 2> /dev/null || true
    ip netns del "$(ns "$host")" 2> /dev/null || true
    rm -rf "/etc/netns/$(ns "$host")"
  done
}
