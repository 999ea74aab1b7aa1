#!/usr/bin/env bash
# windfall against programs that do comparable work, in one run: the same files, output to /dev/null. Every run of a
# program is paired with one of windfall next to it, the pairs take turns, and what is told are medians of their
# ratios with the least and the most: what else the machine does falls on both.
#
# Installs what is missing, with apt and cargo, and says so. Linux.
set -euo pipefail
cd "$(dirname "$0")/.."

SNIFFGLUE_VERSION=0.16.2
PACKETS_A_LIVE_FLOW=16
ALL=(bare-loop bare-loop-128 tcpdump tcptrace sniffglue rustnet ndpi tshark-conv tshark-fields workers live)

usage() {
    cat <<USAGE
usage: benches/peers.sh [--quick] [--rounds N] [--flows N] [--part MB] [--live FEW:MANY] [--only WHAT,...] [--dir DIR]

  --quick           a small file, three rounds: whether everything runs, no figures to quote
  --rounds N        pairs of each                                    [5]
  --flows N         flows of the capture that is made; 52000: 1.3 GB [52000]
  --part MB         how much of it tshark reads                      [100]
  --live FEW:MANY   connections open at once, compared               [10000:1000000]
  --only WHAT,...   of ${ALL[*]}
  --dir DIR         where captures are made, and reused              [target/bench]

Needs some 5 GB of disk; nothing is deleted afterwards.
USAGE
}

die() {
    printf 'peers.sh: %s\n' "$@" >&2
    exit 2
}

say() { printf 'peers.sh: %s\n' "$*" >&2; }

has() { command -v "$1" >/dev/null 2>&1; }

# number FLAG VALUE: a whole number above zero.
number() {
    [[ ${2-} =~ ^[1-9][0-9]*$ ]] || die "$1 must be a whole number from 1, not '${2-}'"
}

rounds=5 flows=52000 part=100 few=10000 many=1000000 folder=target/bench only=("${ALL[@]}")
while [ $# -gt 0 ]; do
    case $1 in
    --quick) rounds=3 flows=2000 part=10 few=1000 many=20000 ;;
    --rounds) number "$@" && rounds=$2 && shift ;;
    --flows) number "$@" && flows=$2 && shift ;;
    --part) number "$@" && part=$2 && shift ;;
    --live)
        [[ ${2-} =~ ^[1-9][0-9]*:[1-9][0-9]*$ ]] || die "--live must be two numbers such as 10000:1000000"
        few=${2%:*} many=${2#*:} && shift
        ;;
    --only)
        IFS=, read -r -a only <<<"${2:?--only needs a list}"
        for what in "${only[@]}"; do
            [[ " ${ALL[*]} " == *" $what "* ]] || die "--only: '$what' is none of ${ALL[*]}"
        done
        shift
        ;;
    --dir) folder=${2:?--dir needs a directory} && shift ;;
    -h | --help) usage && exit 0 ;;
    *) usage >&2 && die "unknown: $1" ;;
    esac
    shift
done
[ "$(uname -s)" = Linux ] || die "reads what Linux tells of processes: run it there"

wanted() { [[ " ${only[*]} " == *" $1 "* ]]; }

# --- what is needed ---------------------------------------------------------------------------------------------------

apt_install() {
    has apt-get || die "missing, and there is no apt-get to install it with: $*"
    say "installing with apt: $*"
    local sudo=()
    [ "$(id -u)" -eq 0 ] || sudo=(sudo)
    echo 'wireshark-common wireshark-common/install-setuid boolean false' |
        "${sudo[@]}" debconf-set-selections
    local apt=("${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=120)
    "${apt[@]}" update
    "${apt[@]}" install --yes --no-install-recommends "$@" >/dev/null
}

install_programs() {
    local what command package missing=()
    while read -r what command package; do
        if [ "$what" = always ] || wanted "$what"; then
            has "$command" || missing+=("$package")
        fi
    done <<'PROGRAMS'
always time time
always cc gcc
tcpdump tcpdump tcpdump
tcptrace tcptrace tcptrace
ndpi ndpiReader libndpi-bin
tshark-conv tshark tshark
tshark-conv editcap wireshark-common
tshark-fields tshark tshark
tshark-fields editcap wireshark-common
PROGRAMS
    # Headers that sniffglue is built with.
    if wanted sniffglue && ! [ -x "$sniffglue" ]; then
        [ -e /usr/include/seccomp.h ] || missing+=(libseccomp-dev)
        [ -e /usr/include/pcap.h ] || missing+=(libpcap-dev)
    fi
    [ ${#missing[@]} -eq 0 ] || apt_install "${missing[@]}"
}

build() {
    say "building windfall and the capture's maker"
    cargo build --quiet --locked --release --bin windfall --example traffic
    say "building the bare loop, and a program on rustnet-core"
    cargo build --quiet --locked --release --manifest-path benches/peers/Cargo.toml --target-dir target/peers
    if wanted sniffglue && ! [ -x "$sniffglue" ]; then
        say "installing with cargo, into target/peers: sniffglue $SNIFFGLUE_VERSION"
        cargo install --quiet --locked --version "$SNIFFGLUE_VERSION" --root target/peers/sniffglue sniffglue
    fi
}

# make_capture NAME ARGUMENT...: made once, under a name that says what it is of.
make_capture() {
    local path=$folder/$1
    shift
    if ! [ -s "$path" ]; then
        say "making $path"
        target/release/examples/traffic "$@" --out "$path.part" 2>/dev/null
        mv "$path.part" "$path"
    fi
    # Into the page cache.
    cat "$path" >/dev/null
}

cut_part() {
    [ -s "$part_file" ] && return
    local mean count
    mean=$(($(stat -c %s "$full") / packets))
    count=$((part * 1000000 / mean))
    say "cutting the first $count packets into $part_file"
    editcap -F pcap -r "$full" "$part_file.part" 1-"$count"
    mv "$part_file.part" "$part_file"
}

# --- measuring --------------------------------------------------------------------------------------------------------

# run NAME MOST-STATUS COMMAND...: leaves seconds in $took and peak memory in kilobytes in $peak. Programs that would
# look names up are told not to: what is measured is no resolver.
run() {
    local name=$1 most=$2 begun ended status=0
    shift 2
    begun=$EPOCHREALTIME
    command time --quiet -f %M -o "$scratch/peak" "$@" </dev/null >/dev/null 2>"$scratch/told" || status=$?
    ended=$EPOCHREALTIME
    if [ "$status" -gt "$most" ]; then
        say "$name ended with status $status:"
        tail -n 5 "$scratch/told" >&2
        exit 3
    fi
    took=$(awk -v begun="$begun" -v ended="$ended" 'BEGIN { print ended - begun }')
    peak=$(tail -n 1 "$scratch/peak")
}

# windfall FILE [WORKERS]: status 1 says that something required fails, which is so in what is made.
windfall() {
    run windfall 1 target/release/windfall replay --format json --flows failing --workers "${2-1}" "$1"
}

# keep WHAT RATIO PEAK: one pair's, into the table.
keep() { printf '%s\t%s\t%s\n' "$@" >>"$scratch/ratios"; }

# pair LABEL OVER FILE COMMAND...: windfall and COMMAND on FILE, in turns as to which is first. OVER says which time is
# divided by the other.
pair() {
    local label=$1 over=$2 file=$3 ours theirs peak_theirs
    shift 3
    if [ $((round % 2)) -eq 0 ]; then
        windfall "$file"
        ours=$took peak_ours=$peak
    fi
    run "$label" 0 "$@"
    theirs=$took peak_theirs=$peak
    if [ $((round % 2)) -eq 1 ]; then
        windfall "$file"
        ours=$took peak_ours=$peak
    fi
    case $over in
    theirs) keep "$label over windfall" "$(divide "$theirs" "$ours")" "$peak_theirs" ;;
    ours) keep "windfall over $label" "$(divide "$ours" "$theirs")" "$peak_theirs" ;;
    esac
    if [ "$file" = "$full" ]; then
        keep "windfall, million packets a second" "$(divide "$packets" "$ours" 1e-6)" "$peak_ours"
    fi
}

divide() { awk -v a="$1" -v b="$2" -v scale="${3-1}" 'BEGIN { print a / b * scale }'; }

# Nanoseconds a packet by windfall's own clock, which leaves out how long a program takes to start.
live_cost() {
    local report
    report=$(target/release/windfall replay --format json --flows failing --workers 1 "$1") || [ $? -eq 1 ]
    sed -n 's/.*"packets_per_second": *\([0-9.e+]*\).*/\1/p' <<<"$report" | awk 'NR == 1 { print 1e9 / $1 }'
}

live() {
    local at_few at_many
    at_few=$(live_cost "$live_few")
    at_many=$(live_cost "$live_many")
    windfall "$live_few"
    keep "$few live flows, ns a packet" "$at_few" "$peak"
    windfall "$live_many"
    keep "$many live flows, ns a packet" "$at_many" "$peak"
    keep "a packet at $many live flows over one at $few" "$(divide "$at_many" "$at_few")" "$peak"
}

workers() {
    local one
    windfall "$full"
    one=$took
    windfall "$full" 2
    keep "one worker over two" "$(divide "$one" "$took")" "$peak"
}

measure() {
    local what
    for what in "${only[@]}"; do
        case $what in
        bare-loop) pair "bare loop" ours "$full" target/peers/release/bare-loop "$full" ;;
        bare-loop-128)
            pair "bare loop, 128 bytes a packet" ours "$snapped" target/peers/release/bare-loop "$snapped"
            ;;
        tcpdump) pair "tcpdump -w /dev/null" theirs "$full" tcpdump -r "$full" -w /dev/null ;;
        tcptrace) pair "tcptrace" theirs "$full" tcptrace -n "$full" ;;
        sniffglue) pair "sniffglue" theirs "$full" "$sniffglue" -r "$full" ;;
        rustnet) pair "rustnet-core" theirs "$full" target/peers/release/rustnet "$full" ;;
        ndpi) pair "ndpiReader" theirs "$full" ndpiReader -q -i "$full" ;;
        tshark-conv) pair "tshark -z conv,tcp, ${part} MB" theirs "$part_file" tshark -n -q -z conv,tcp -r "$part_file" ;;
        tshark-fields)
            pair "tshark, names of TLS and DNS, ${part} MB" theirs "$part_file" tshark -n -r "$part_file" -T fields \
                -e tls.handshake.extensions_server_name -e dns.qry.name -e dns.a -e dns.aaaa
            ;;
        workers) workers ;;
        live) live ;;
        esac
    done
}

# Median, least and most of each, in the order they came.
table() {
    printf '%-52s %8s   %-17s %s\n' "ratio of times (over), or as said" median "min to max" "peak memory"
    awk -F '\t' '!seen[$1]++ { print $1 }' "$scratch/ratios" | while IFS= read -r label; do
        awk -F '\t' -v label="$label" '$1 == label { print $2 "\t" $3 }' "$scratch/ratios" | sort -g |
            awk -F '\t' -v label="$label" '
                { ratio[NR] = $1; if ($2 > peak) peak = $2 }
                END {
                    median = (ratio[int((NR + 1) / 2)] + ratio[int((NR + 2) / 2)]) / 2
                    printf "%-52s %8.2f   ", label, median
                    printf "%7.2f to %-6.2f %8.1f MB\n", ratio[1], ratio[NR], peak / 1e3
                }'
    done
}

sniffglue=target/peers/sniffglue/bin/sniffglue
install_programs
build
mkdir -p "$folder"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

full=$folder/gateway-$flows.pcap
snapped=$folder/gateway-$flows-128.pcap
part_file=$folder/gateway-$flows-part-$part.pcap
# All connections are kept, whatever the usual bound.
export WINDFALL_MAX_FLOWS=$((many > 250000 ? many : 250000))
live_few=$folder/live-$few-$PACKETS_A_LIVE_FLOW.pcap
live_many=$folder/live-$many-$PACKETS_A_LIVE_FLOW.pcap
make_capture "${full##*/}" --flows "$flows"
if wanted bare-loop-128; then make_capture "${snapped##*/}" --flows "$flows" --snaplen 128; fi
packets=$(target/peers/release/bare-loop "$full" | cut -d' ' -f1)
if wanted tshark-conv || wanted tshark-fields; then cut_part; fi
if wanted live; then
    make_capture "${live_few##*/}" --live "$few" --packets-each "$PACKETS_A_LIVE_FLOW"
    make_capture "${live_many##*/}" --live "$many" --packets-each "$PACKETS_A_LIVE_FLOW"
fi

for ((round = 0; round < rounds; round++)); do
    say "round $((round + 1)) of $rounds"
    measure
done
echo "$(nproc) processors; $(grep -m 1 '^model name' /proc/cpuinfo | cut -d: -f2- | sed 's/^ *//'); Linux $(uname -r)"
echo "$full: $packets packets, $(($(stat -c %s "$full") / 1000000)) MB; $rounds rounds"
echo
table
