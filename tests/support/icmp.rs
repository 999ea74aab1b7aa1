//! ICMP errors that quote a packet (RFC 792, RFC 4443).

use super::packet::Packet;

/// An error from `from` about `quoted`, sent to whoever sent that.
pub(crate) fn error(from: &str, kind: u8, code: u8, rest: u32, quoted: &Packet) -> Packet {
    let mut message = vec![kind, code, 0, 0];
    message.extend(rest.to_be_bytes());
    let original = quoted.ip();
    let quote = if quoted.src.is_ipv4() { 28 } else { 48 };
    message.extend(&original[..original.len().min(quote)]);
    let protocol = if quoted.src.is_ipv4() { 1 } else { 58 };
    Packet::new(from.parse().unwrap(), quoted.src, protocol, message)
}
