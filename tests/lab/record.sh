#!/usr/bin/env bash
# Records the bundled captures: real clients, a gateway and servers in network namespaces, one scenario per capture.
#
# record.sh --install               install what the lab needs (apt)
# record.sh --list                  name the scenarios and what each is about
# record.sh [--out DIR] [NAME...]   record all scenarios, or those named, into DIR (captures/ of the repository)
# record.sh --check DIR             see that every scenario has a capture in DIR that can be read
#
# Recording needs root. JOBS scenarios (4) run side by side; each has its own namespaces, removed when it ends.
set -euo pipefail
shopt -s inherit_errexit

LAB=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
OUT=$(cd "$LAB/../.." && pwd)/captures
JOBS=${JOBS:-4}
export LC_ALL=C

for part in "$LAB"/lib/*.sh; do
  # shellcheck source=/dev/null
  . "$part"
done

usage() { sed -n '2,9s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"; }

scenario_names() { (cd "$LAB/scenarios" && printf '%s\n' *.sh | sed 's/\.sh$//'); }

# The first comment of a scenario says what it is about.
about() { sed -n '1s/^# //p' "$LAB/scenarios/$1.sh"; }

ending_of() { sed -n 's/^ENDING=//p' "$LAB/scenarios/$1.sh"; }

check() {
  local name file bad=0
  for name in $(scenario_names); do
    file=$1/$name.$(ending_of "$name")
    if ! [ -s "$file" ]; then
      echo "missing: $file" && bad=1
    elif ! [ "$(timeout 60 capinfos -T -r -c "$file" 2>/dev/null | cut -f2)" -gt 0 ]; then
      echo "no packet can be read: $file" && bad=1
    fi
  done
  return $bad
}

# Records the named scenarios, JOBS at a time; a scenario that fails is named and the others go on.
record_all() {
  [ "$(id -u)" = 0 ] || { echo "recording needs root" >&2; return 1; }
  mkdir -p "$OUT"
  SHARED=$(mktemp -d /tmp/windfall-lab.XXXXXX)
  trap stop_all EXIT
  make_certificates "$SHARED/pki"
  make_documents "$SHARED/www"
  make_quic_peer "$@"
  local name
  for name in "$@"; do
    while [ "$(jobs -rp | wc -l)" -ge "$JOBS" ]; do wait -n || true; done
    record_one "$name" 3>&1 > "$SHARED/$name.log" 2>&1 &
  done
  wait
  ! [ -e "$SHARED/failed" ]
}

# Recordings still running remove their own namespaces when they are told to end.
stop_all() {
  local pids
  pids=$(jobs -rp)
  # shellcheck disable=SC2086
  [ -z "$pids" ] || kill $pids 2> /dev/null || true
  wait
  rm -rf "$SHARED"
}

main() {
  local names=()
  while [ $# -gt 0 ]; do
    case $1 in
      --install) install_packages; return ;;
      --list) for name in $(scenario_names); do printf '%-30s %s\n' "$name" "$(about "$name")"; done; return ;;
      --check) check "${2:?a folder of captures}"; return ;;
      --out) OUT=$(realpath -m "${2:?a folder for the captures}"); shift ;;
      -h | --help) usage; return ;;
      -*) usage >&2; return 2 ;;
      *) [ -f "$LAB/scenarios/$1.sh" ] || { echo "no scenario $1" >&2; return 2; }; names+=("$1") ;;
    esac
    shift
  done
  [ ${#names[@]} -gt 0 ] || mapfile -t names < <(scenario_names)
  record_all "${names[@]}"
}

main "$@"
