# Certificates, documents and real servers: dnsmasq and miniupnpd on the gateway; nginx, s_server and NTP servers beyond.

# Two authorities, both ours. The "public" one carries the name of an organisation of data/issuers.toml; the
# intercepting proxy's does not.
make_certificates() {
  local pki=$1 name
  mkdir -p "$pki/filter"
  {
    make_authority "$pki/public" "DigiCert Inc" "DigiCert Lab"
    make_authority "$pki/filtering" "Example Web Filter" "Example Web Filter Lab"
    for name in $(names_with_tls); do make_certificate "$pki/public" "$pki/$name" "Apple Inc." "$name"; done
    make_certificate "$pki/filtering" "$pki/filter/gs.apple.com" "Example Web Filter" gs.apple.com
  } 2> "$pki/log"
}

names_with_tls() { awk '!/^#/ { print $2 }' "$LAB/hosts.txt" | sort -u; }

# A root and, signed by it, the authority that signs servers.
make_authority() {
  local base=$1 organisation=$2 name=$3
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 3650 \
    -subj "/C=US/O=$organisation/CN=$name Root" -keyout "$base-root.key" -out "$base-root.pem"
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
    -subj "/C=US/O=$organisation/CN=$name Server CA" -keyout "$base.key" -out "$base.csr"
  openssl x509 -req -in "$base.csr" -CA "$base-root.pem" -CAkey "$base-root.key" -CAcreateserial -days 3650 \
    -extfile <(echo "basicConstraints=critical,CA:TRUE") -out "$base.pem"
}

# A server's certificate and key, with the chain that a server sends.
make_certificate() {
  local authority=$1 base=$2 organisation=$3 name=$4
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
    -subj "/O=$organisation/CN=$name" -keyout "$base.key" -out "$base.csr"
  openssl x509 -req -in "$base.csr" -CA "$authority.pem" -CAkey "$authority.key" -CAcreateserial -days 3650 \
    -extfile <(echo "subjectAltName=DNS:$name") -out "$base.crt"
  cat "$base.crt" "$authority.pem" > "$base.pem"
}

# What the web servers give: pages, a picture, a package, and a real OCSP response.
make_documents() {
  local www=$1 pki=$SHARED/pki
  mkdir -p "$www"
  echo '<HTML><HEAD><TITLE>Success</TITLE></HEAD><BODY>Success</BODY></HTML>' > "$www/hotspot-detect.html"
  head -c 3600 /dev/zero | tr '\0' x > "$www/index.html"
  head -c 9000 /dev/zero | tr '\0' a > "$www/artwork.jpg"
  head -c 200000 /dev/zero | tr '\0' p > "$www/package.pkg"
  : > "$pki/index.txt"
  openssl ocsp -issuer "$pki/public.pem" -cert "$pki/itunes.apple.com.crt" -no_nonce -reqout "$pki/ocsp.req" \
    > "$pki/ocsp.log" 2>&1
  openssl ocsp -index "$pki/index.txt" -CA "$pki/public.pem" -rsigner "$pki/public.pem" -rkey "$pki/public.key" \
    -reqin "$pki/ocsp.req" -ndays 7 -respout "$www/ocsp" >> "$pki/ocsp.log" 2>&1
}

# The path of an OCSP request by GET (RFC 6960, A.1).
ocsp_path() { base64 -w0 "$SHARED/pki/ocsp.req" | sed 's|+|%2B|g; s|/|%2F|g; s|=|%3D|g'; }

start_services() {
  start_resolver gw
  start_web srv "$(web_servers)"
  in_background srv openssl s_server -quiet -rev -accept 5223 -cert_chain "$SHARED/pki/public.pem" \
    -cert "$SHARED/pki/5-courier.push.apple.com.crt" -key "$SHARED/pki/5-courier.push.apple.com.key"
  in_background srv "$PYTHON" "$LAB/tools/chatter.py" ntp-server
  wait_listening srv 443 && wait_listening srv 5223
}

# dnsmasq with the names of hosts.txt, without those of the scenario's UNKNOWN_NAMES; for its SINKHOLED_NAMES, 0.0.0.0.
start_resolver() {
  local host=$1 name aliases sinkholed=()
  grep '^[0-9a-f]' "$LAB/hosts.txt" > "$WORK/hosts"
  for name in ${UNKNOWN_NAMES:-} ${SINKHOLED_NAMES:-}; do sed -i "/ $name\$/d" "$WORK/hosts"; done
  for name in ${SINKHOLED_NAMES:-}; do sinkholed+=("--address=/$name/0.0.0.0"); done
  mapfile -t aliases < <(awk '/^CNAME/ { print "--cname=" $2 "," $3 }' "$LAB/hosts.txt")
  in_background "$host" dnsmasq --keep-in-foreground --conf-file=/dev/null --pid-file= --user=root --no-resolv \
    --no-hosts --local-ttl=300 --local=/#/ --addn-hosts="$WORK/hosts" "${aliases[@]}" "${sinkholed[@]}"
  wait_until answers "$host"
}

answers() { on "$1" dig +tries=1 +time=1 @127.0.0.1 init.itunes.apple.com | grep -q 192.0.2.41; }

# nginx with the given `server` blocks.
start_web() {
  local host=$1 servers=$2 dir=$WORK/nginx-$1
  mkdir -p "$dir"
  cat > "$dir/nginx.conf" << CONF
user root; daemon off; master_process off; pid $dir/pid; error_log $dir/error.log;
events {}
http {
  access_log off; server_tokens off; default_type application/octet-stream;
  types { text/html html; }
  client_body_temp_path $dir/body; proxy_temp_path $dir/proxy; fastcgi_temp_path $dir/fastcgi;
  uwsgi_temp_path $dir/uwsgi; scgi_temp_path $dir/scgi;
  $servers
}
CONF
  in_background "$host" nginx -p "$dir" -c "$dir/nginx.conf" -e "$dir/error.log"
  wait_listening "$host" 80
}

# Every server of the lab: the certificate follows the name that is asked for.
web_servers() {
  cat << CONF
  server {
    listen 80; listen [::]:80;
    listen 443 ssl; listen [::]:443 ssl;
    ssl_protocols TLSv1.2 TLSv1.3;
    ssl_certificate $SHARED/pki/\$ssl_server_name.pem;
    ssl_certificate_key $SHARED/pki/\$ssl_server_name.key;
    root $SHARED/www;
    location /M { default_type application/ocsp-response; types {} try_files /ocsp =404; }
  }
CONF
}

# chrony serves the time, as a first-stratum server, in the place of the small server that start_services starts.
serve_time() {
  in_background srv chronyd -d -x -u root -f /dev/null "local stratum 1" allow "port 9123" "pidfile $WORK/chrony.pid" \
    "cmdport 0" "bindcmdaddress /"
  take_over_time
}

# A time server that turns everybody away. Debian's chrony drops what is too much and sends no kiss: this one is ours.
refuse_time() {
  in_background srv "$PYTHON" "$LAB/tools/chatter.py" ntp-kiss 9123
  take_over_time
}

take_over_time() {
  wait_until on srv sh -c "ss -lun | grep -q ':9123 '"
  redirect srv "ip daddr 203.0.113.23 udp dport 123" 203.0.113.23:9123
}

# miniupnpd on the gateway maps ports by NAT-PMP and PCP. Documentation addresses are not public enough for it.
start_port_mapper() {
  cat > "$WORK/miniupnpd.conf" << CONF
ext_ifname=wan
ext_ip=93.184.215.14
listening_ip=lan
enable_upnp=no
enable_natpmp=yes
system_uptime=no
upnp_table_name=mapped
upnp_nat_table_name=mapped
upnp_forward_chain=open
upnp_nat_chain=inward
upnp_nat_postrouting_chain=outward
uuid=00000000-0000-0000-0000-000000000001
CONF
  in_background gw miniupnpd -d -f "$WORK/miniupnpd.conf" -P "$WORK/miniupnpd.pid"
  wait_until on gw sh -c "ss -lun | grep -q ':5351 '"
}

# Until the tables are there in which miniupnpd writes its rules, it refuses what it is asked.
make_room_for_mappings() {
  on gw nft -f - << 'RULES'
table inet mapped {
  chain open { }
  chain inward { }
  chain outward { }
}
RULES
}

wait_listening() { wait_until on "$1" sh -c "ss -ltn | grep -q ':$2 '"; }

# Sends what a host gets for an address and port to another server of its own, at ADDRESS:PORT.
redirect() {
  local host=$1 match=$2 destination=$3
  on "$host" nft -f - << RULES
table inet lab_nat {
  chain prerouting { type nat hook prerouting priority -100; }
}
add rule inet lab_nat prerouting $match dnat ip to $destination
RULES
}
