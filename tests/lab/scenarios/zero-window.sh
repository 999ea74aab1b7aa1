# The client's program stops reading: its window stays closed.
ENDING=pcap

traffic() { odd_client c1 stop-reading appldnld.apple.com 15; }
