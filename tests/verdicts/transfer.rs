//! Stage `transfer`: what happens after the handshake.
