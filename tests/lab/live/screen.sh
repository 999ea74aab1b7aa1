# The same kind of outage on the screen, in a terminal of COLUMNS by LINES that tmux holds: seen, opened, filtered,
# paused, written down, healed, and left.
DELAY_MS=9
COLUMNS=${COLUMNS:-80} LINES=${LINES:-24}

# tmux with a server of this session alone.
term() { tmux -L "$SCENE" "$@"; }

# What is on the screen now, for people and for tests; with colours beside it.
shot() {
  term capture-pane -p > "$OUT/$1.txt"
  term capture-pane -p -e > "$OUT/$1.ansi"
}

shows() { term capture-pane -p | grep -qF -- "$1"; }
shows_no() { ! shows "$1"; }

# press KEY... TEXT: keys, and then what the screen must show.
press() {
  local wanted=${*: -1}
  term send-keys "${@:1:$#-1}"
  wait_until shows "$wanted"
}

session() {
  # windfall goes on as nobody, who must get there.
  chmod 711 "$SHARED"
  mkdir -m 777 "$WORK/evidence"
  # The shell stays, so that what the screen left behind can be looked at.
  term -f /dev/null new-session -d -x "$COLUMNS" -y "$LINES" "env -u NO_COLOR ip netns exec $(ns gw) sh"
  term set-option -g status off
  term send-keys "cd '$WORK/evidence' && clear && '$WINDFALL' watch -i lan --window 4s --save-failing . $*; echo ended with \$?" Enter
  wait_until shows Required

  fetch c1 https://itunes.apple.com/
  fetch c1 https://init.itunes.apple.com/
  wait_until shows '✓ 2 ok'
  shot 1-well

  forge_resets 192.0.2.35
  fault gw forward ip daddr 192.0.2.39 drop
  fetch c1 https://gs.apple.com/
  fetch c1 https://albert.apple.com/ -m 5
  wait_until shows '2 failing'
  shot 2-failing

  press g Enter 'Esc back'
  shot 3-opened
  # Escape and a key in one read would be Alt and that key.
  term send-keys Escape
  wait_until shows_no 'Esc back'
  press / host:gs.apple Enter '1 shown'
  shot 4-filtered
  term send-keys / C-u Enter
  wait_until shows_no host:gs
  press g w 'wrote ./flows-'
  shot 5-written
  press p PAUSED
  shot 6-paused
  term send-keys p
  wait_until shows_no PAUSED

  heal forward
  local tries
  for tries in 1 2 3 4 5 6; do
    fetch c1 https://albert.apple.com/
    sleep 1
  done
  wait_until shows '1 failing'
  shot 7-healed

  term send-keys q
  wait_until shows "ended with"
  sleep 0.3
  shot 8-left
  term send-keys "clear; stty -a | tr ';' '\\n'" Enter
  wait_until shows echok
  term capture-pane -p > "$OUT/terminal"
  term display-message -p '#{alternate_on} #{mouse_any_flag} #{cursor_flag}' >> "$OUT/terminal"
  echo "$tries" > "$OUT/done"
  cp -r "$WORK/evidence" "$OUT/"
  term kill-server
}
