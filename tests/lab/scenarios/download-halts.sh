# A download of 200 kB stops half-way: what the server sends no longer reaches the client.
ENDING=pcapng.gz

setup() { fault c1 input ip saddr 198.51.100.20 quota over 100 kbytes drop; }

traffic() { fetch c1 http://appldnld.apple.com/package.pkg -m 9; }
