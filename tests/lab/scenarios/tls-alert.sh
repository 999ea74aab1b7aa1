# Servers that refuse what the client offers, by an alert: no cipher in common, no version in common.
ENDING=pcapng

# strict_server ADDRESS PORT NAME [arguments of s_server]
strict_server() {
  local address=$1 port=$2 base=$SHARED/pki/$3
  shift 3
  in_background srv openssl s_server -quiet -www -accept "$port" -cert "$base.crt" -key "$base.key" "$@"
  wait_listening srv "$port"
  redirect srv "ip daddr $address tcp dport 443" "$address:$port"
}

setup() {
  strict_server 192.0.2.35 9443 gs.apple.com -tls1_2 -cipher ECDHE-ECDSA-AES256-GCM-SHA384
  strict_server 192.0.2.39 9444 albert.apple.com -tls1_2
}

traffic() {
  fetch c1 https://gs.apple.com/ --tls-max 1.2 --ciphers ECDHE-ECDSA-AES128-GCM-SHA256
  fetch c1 https://albert.apple.com/ --tlsv1.3
}
