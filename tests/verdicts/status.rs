//! From attempts to a requirement's status.
