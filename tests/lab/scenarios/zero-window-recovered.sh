# The client's program pauses for five seconds and then reads on: the window opens again.
ENDING=pcap

traffic() { odd_client c1 stop-reading appldnld.apple.com 5 read; }
