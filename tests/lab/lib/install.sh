# What the lab needs, from apt. Installs nothing when all is there.

PACKAGES=(
  chrony miniupnpd miniupnpd-nftables natpmpc dnsmasq-base nginx-light openssl curl
  gnutls-bin bind9-dnsutils nftables tcpdump tshark wireshark-common
  iproute2 iputils-ping procps ethtool python3-minimal
  dbus-daemon avahi-daemon avahi-utils python3 python3-zeroconf microsocks
)
PROGRAMS=(
  chronyd miniupnpd natpmpc dnsmasq nginx openssl curl gnutls-cli dig nft tcpdump tshark editcap capinfos ip ss ping
  sysctl ethtool dbus-daemon avahi-daemon avahi-browse microsocks
)

install_packages() {
  local program missing=0
  for program in "${PROGRAMS[@]}" "$PYTHON"; do command -v "$program" > /dev/null || missing=1; done
  "$PYTHON" -c 'import zeroconf' 2> /dev/null || missing=1
  [ $missing = 1 ] || return 0
  export DEBIAN_FRONTEND=noninteractive
  timeout 300 apt-get update -q
  timeout 900 apt-get install -y -q --no-install-recommends "${PACKAGES[@]}"
}
