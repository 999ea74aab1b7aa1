//! Who sent a RST.
