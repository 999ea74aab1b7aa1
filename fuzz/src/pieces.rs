//! A conversation as bytes: what each side sent, in pieces, with gaps and acknowledgments between them.
//!
//! A step is one byte that says what happens, then for bytes their number (16 bits, little-endian; what is not there is
//! left off) and the bytes, for an acknowledgment the number of bytes outstanding. [`encode`] writes seeds.

use windfall::side::Side;

/// What happens next.
#[derive(Clone, Copy, Debug)]
pub enum Step<'a> {
    /// A side sends bytes.
    Bytes(Side, &'a [u8]),
    /// Bytes of a side are missing.
    Gap(Side),
    /// The server has all of the client's bytes but the last few.
    Acknowledges(u64),
}

/// Reads the steps of a conversation. All input is one.
pub fn steps(mut input: &[u8]) -> impl Iterator<Item = Step<'_>> {
    std::iter::from_fn(move || {
        let (&kind, rest) = input.split_first()?;
        input = rest;
        let side = [Side::Client, Side::Server][usize::from(kind & 1)];
        Some(match kind {
            0xfe => Step::Acknowledges(u64::from(number(&mut input))),
            0xfc | 0xfd => Step::Gap(side),
            _ => {
                let length = usize::from(number(&mut input)).min(input.len());
                let (bytes, rest) = input.split_at(length);
                input = rest;
                Step::Bytes(side, bytes)
            }
        })
    })
}

fn number(input: &mut &[u8]) -> u16 {
    let Some((bytes, rest)) = input.split_first_chunk() else {
        return u16::MAX;
    };
    *input = rest;
    u16::from_le_bytes(*bytes)
}

/// Appends a piece of at most 65,535 bytes.
pub fn encode(side: Side, bytes: &[u8], wire: &mut Vec<u8>) {
    let length = u16::try_from(bytes.len()).unwrap_or(u16::MAX);
    wire.push(u8::from(side == Side::Server));
    wire.extend(length.to_le_bytes());
    wire.extend(&bytes[..usize::from(length)]);
}

/// Whether how the bytes are cut can have no part in what is seen: after a gap, readers take up at a piece's start.
pub fn is_gapless(input: &[u8]) -> bool {
    steps(input).all(|step| matches!(step, Step::Bytes(..)))
}
