# Faults, at the host that makes them: packets dropped, refused or answered by nftables, servers that misbehave.

# fault HOST HOOK RULE: one rule of nftables in a hook of a host (forward, input, output).
fault() {
  local host=$1 hook=$2
  shift 2
  on "$host" nft -f - << RULES
table inet lab_$hook {
  chain $hook { type filter hook $hook priority 0; }
}
add rule inet lab_$hook $hook $*
RULES
}

# The gateway gives its own address to what leaves: IPv4 behind one address, IPv6 with another prefix (RFC 6296).
translate() {
  ip -n "$(ns gw)" addr add 198.18.0.7/32 dev wan
  on gw nft -f - << RULES
table ip lab_nat {
  chain out { type nat hook postrouting priority 100; }
}
table ip6 lab_nat {
  chain out { type nat hook postrouting priority 100; }
}
add rule ip lab_nat out oifname wan masquerade random
add rule ip6 lab_nat out oifname wan ip6 saddr 2001:db8:7::/64 snat prefix to 2001:db8:77::/64
RULES
}

# The gateway takes questions and says nothing.
silence_resolver() { fault gw input udp dport 53 drop; }

# A server beyond the gateway that does not behave: silent, close, reset, or half (of a handshake).
bad_server() {
  local how=$1 address=$2 port=$3
  in_background srv "$PYTHON" "$LAB/tools/bad_server.py" "$how" "9$port"
  wait_listening srv "9$port"
  redirect srv "ip daddr $address tcp dport $port" "$address:9$port"
}

# The gateway, or something in it, answers TLS for gs.apple.com with a certificate of its own authority.
intercept() {
  local base=$SHARED/pki/filter/gs.apple.com
  in_background gw openssl s_server -quiet -www -accept 8443 -cert "$base.crt" -key "$base.key" \
    -cert_chain "$SHARED/pki/filtering.pem" "$@"
  wait_listening gw 8443
  redirect gw "ip daddr 192.0.2.35 tcp dport 443" 192.168.7.1:8443
}

# The gateway answers all plain HTTP itself: `$1` is the body of nginx's `location /`.
answer_http() {
  start_web gw "server { listen 80; root $WORK; location / { $1 } location /login { default_type text/html; return 200 '<p>Sign in</p>'; } }"
  redirect gw "iifname lan tcp dport 80 ip daddr ${2:-0.0.0.0/0}" 192.168.7.1:80
}

# The gateway sends a RST in the server's name when a ClientHello for this address passes, and lets the hello pass.
forge_resets() {
  in_background gw "$PYTHON" "$LAB/tools/forge_reset.py" lan "$1"
  wait_until grep -q ready "$WORK/gw.log"
}

start_proxy() {
  in_background gw "$PYTHON" "$LAB/tools/connect_proxy.py" 3128
  wait_listening gw 3128
}

# start_socks PORT [microsocks's own arguments]
start_socks() {
  local port=$1
  shift
  in_background gw microsocks -i 192.168.7.1 -p "$port" "$@"
  wait_listening gw "$port"
}
