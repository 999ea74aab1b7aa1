# The ClientHello is acknowledged and never answered.
ENDING=pcapng

setup() { bad_server silent 192.0.2.35 443; }

traffic() { fetch c1 https://gs.apple.com/ -m 7; }
