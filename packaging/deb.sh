#!/usr/bin/env bash
# Makes a Debian package of what was built with a profile.
#
#   deb.sh PROFILE [FLAG...]   release, dev, ...; further flags go to cargo deb
#
# The program is built before: `cargo build --locked --profile PROFILE`. Its own pages are asked of it.
set -euo pipefail
cd "$(dirname "$0")/.."

profile=$1
shift
folder=$profile
if [ "$profile" = dev ]; then
    folder=debug
fi
target=${CARGO_TARGET_DIR:-target}
program=$target/$folder/windfall
pages=target/deb
mkdir -p "$pages"
"$program" man > "$pages/windfall.1"
for shell in bash zsh fish; do
    "$program" completions "$shell" > "$pages/windfall.$shell"
done
cargo deb --quiet --locked --no-build --profile "$profile" "$@"
