# The time server turns the device away with a kiss-o'-death (RATE): too many ask from one address.
ENDING=pcapng

setup() { refuse_time; }

traffic() { ask_time c1 time.apple.com; }
