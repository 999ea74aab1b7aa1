# The server's SYN-ACK passes the gateway and never reaches the client, as with a firewall that lost its state.
ENDING=pcapng

setup() { fault c1 input ip saddr 192.0.2.35 drop; }

traffic() { fetch c1 https://gs.apple.com/ -m 5; }
