//! Stage `handshake`: a TLS handshake that goes wrong.
