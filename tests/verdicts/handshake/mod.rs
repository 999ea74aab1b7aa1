//! Stage `handshake`: verdicts.md 3.3 (TLS over TCP), and when TLS has succeeded (section 2).

mod aborted;
mod certificate;
mod reset;
mod silent;
mod success;
