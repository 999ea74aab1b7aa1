//! Builds DNS messages for tests, byte by byte as RFC 1035 draws them.
