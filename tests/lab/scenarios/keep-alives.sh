# A connection sits idle for ten seconds with TCP keep-alives: idle is not stalled.
ENDING=pcap

traffic() { odd_client c1 keep-alive gs.apple.com "$SHARED/pki/public-root.pem" 10; }
