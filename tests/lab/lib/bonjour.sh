# Bonjour: Avahi with a message bus of its own, and python3-zeroconf, which speaks mDNS itself.

# avahi HOST NAME [SERVICE...]: a daemon that calls the host NAME and offers services, each given as
# "instance|type|port|txt|txt...". Without any it publishes nothing, and only asks for others.
avahi() {
  local host=$1 name=$2 dir=$WORK/avahi-$1 silent=no
  shift 2
  [ $# -gt 0 ] || silent=yes
  mkdir -p "$dir/services"
  offer "$@" > "$dir/services/lab.service"
  [ $silent = no ] || rm "$dir/services/lab.service"
  cat > "$dir/avahi.conf" << CONF
[server]
host-name=$name
allow-interfaces=eth0
[publish]
disable-publishing=$silent
publish-hinfo=no
publish-workstation=no
CONF
  start_bus "$host"
  # The daemon's own folders have fixed names: it gets a /run and a list of services to itself.
  # shellcheck disable=SC2016
  in_background "$host" env "DBUS_SYSTEM_BUS_ADDRESS=unix:path=$WORK/bus-$host" sh -c '
    mount -t tmpfs lab /run && mkdir /run/avahi-daemon && mount --bind "$0/services" /etc/avahi/services &&
      exec avahi-daemon --no-drop-root --no-chroot --no-rlimits --file "$0/avahi.conf"' "$dir"
  wait_until avahi_runs "$host"
}

# The services of one host, as Avahi reads them.
offer() {
  local service instance kind port entries entry
  echo '<service-group>'
  for service in "$@"; do
    IFS='|' read -r instance kind port entries <<< "$service"
    # Avahi gives all services of a group one name: that of the first.
    [ "$service" != "$1" ] || echo "<name>$instance</name>"
    echo "<service><type>$kind</type><port>$port</port>"
    while IFS= read -r -d '|' entry; do echo "<txt-record>$entry</txt-record>"; done <<< "${entries:+$entries|}"
    echo '</service>'
  done
  echo '</service-group>'
}

start_bus() {
  cat > "$WORK/bus-$1.conf" << CONF
<busconfig>
  <listen>unix:path=$WORK/bus-$1</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow user="*"/><allow own="*"/><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/>
  </policy>
</busconfig>
CONF
  in_background "$1" dbus-daemon --nofork --nopidfile --config-file="$WORK/bus-$1.conf"
  wait_until test -S "$WORK/bus-$1"
}

avahi_runs() { avahi_browse "$1" 1 --dump-db; }

# avahi_browse HOST SECONDS [avahi-browse's own arguments]
avahi_browse() {
  local host=$1 seconds=$2
  shift 2
  LIMIT=$seconds on "$host" env "DBUS_SYSTEM_BUS_ADDRESS=unix:path=$WORK/bus-$host" avahi-browse "$@" || true
}

# zeroconf HOST browse SECONDS TYPE... | HOST offer SECONDS NAME "instance|type|port|txt|..."...
zeroconf() {
  local host=$1
  shift
  on "$host" "$PYTHON" "$LAB/tools/bonjour.py" "$@" || true
}
