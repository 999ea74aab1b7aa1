# Two devices ask for the time with chrony: one takes a new port for each request, one keeps port 123.
ENDING=pcapng

setup() { serve_time; }

traffic() { together "ask_time c1 time.apple.com" "keep_port c2"; }

keep_port() { ask_time "$1" time.apple.com "acquisitionport 123" "port 0"; }
