//! Plaintext HTTP, proxies and captive portals.
