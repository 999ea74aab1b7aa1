//! Where a packet was captured, as a number.

/// An interface with its VLAN tags: an index into [`Places`](crate::flow::Places).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place(pub(crate) u16);

impl Place {
    /// Its number.
    pub(crate) const fn number(self) -> u16 {
        self.0
    }
}
