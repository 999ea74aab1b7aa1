//! TCP sequence numbers.
//!
//! They live on a circle of 2^32 (RFC 9293 section 3.4), so the only comparison here is serial arithmetic (RFC 1982);
//! there is no `<` to misuse.

/// A TCP sequence or acknowledgment number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Seq(pub u32);

impl Seq {
    /// `bytes` further on.
    #[must_use]
    pub const fn plus(self, bytes: u32) -> Self {
        Self(self.0.wrapping_add(bytes))
    }

    /// How far this number lies beyond `origin`; negative when it lies before.
    #[must_use]
    pub const fn beyond(self, origin: Self) -> i32 {
        self.0.wrapping_sub(origin.0).cast_signed()
    }

    /// This number comes later than `other`.
    #[must_use]
    pub const fn is_after(self, other: Self) -> bool {
        self.beyond(other) > 0
    }

    /// This number comes earlier than `other`.
    #[must_use]
    pub const fn is_before(self, other: Self) -> bool {
        self.beyond(other) < 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_survives_the_wrap() {
        let before = Seq(0xffff_fff0);
        let after = before.plus(0x20);
        assert_eq!(after, Seq(0x10));
        assert!(after.is_after(before));
        assert!(before.is_before(after));
        assert_eq!(after.beyond(before), 0x20);
    }

    #[test]
    fn a_number_is_neither_before_nor_after_itself() {
        assert!(!Seq(7).is_after(Seq(7)));
        assert!(!Seq(7).is_before(Seq(7)));
    }
}
