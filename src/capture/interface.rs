//! The capture interfaces of a run, over all its inputs.
//!
//! Input: one call a pcap header or pcapng interface block. Output: the dense [`InterfaceId`] that frames carry, and
//! what the capture says about the interface. Interfaces appear in the middle of a pcapng file, so the table belongs to
//! whoever drives the files and is lent to them. Limits: 65,536 interfaces a run; names are cut to 256 bytes.

use super::frame::{InterfaceId, LinkType};

/// What a capture says about one interface.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interface {
    /// Index of the input it belongs to.
    pub capture: u16,
    /// Its name where the capture tells (`en0`), as it stands in the file: not escaped.
    pub name: Option<String>,
    /// What it is for, where the capture tells (`Wi-Fi`), not escaped.
    pub description: Option<String>,
    /// What its frames begin with.
    pub link: LinkType,
}

/// All interfaces of a run.
#[derive(Clone, Debug, Default)]
pub struct InterfaceTable {
    interfaces: Vec<Interface>,
    /// For each, the interface that it goes on from, or itself.
    continued: Vec<InterfaceId>,
}

impl InterfaceTable {
    /// An empty table.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an interface; `None` when the run has as many as an [`InterfaceId`] can number.
    pub fn add(&mut self, interface: Interface) -> Option<InterfaceId> {
        let id = u16::try_from(self.interfaces.len()).ok()?;
        self.interfaces.push(interface);
        self.continued.push(InterfaceId(id));
        Some(InterfaceId(id))
    }

    /// Input `later` goes on where input `earlier` has ended, as files of a ring do: its interfaces are those of the
    /// earlier one that are described alike. Says whether any is.
    pub(super) fn go_on(&mut self, earlier: u16, later: u16) -> bool {
        let of = |capture| move |(_, one): &(InterfaceId, &Interface)| one.capture == capture;
        let mut before: Vec<(InterfaceId, &Interface)> = self.iter().filter(of(earlier)).collect();
        let mut found = Vec::new();
        for (id, interface) in self.iter().filter(of(later)) {
            let alike = |(_, one): &(InterfaceId, &Interface)| {
                (&one.name, &one.description, one.link)
                    == (&interface.name, &interface.description, interface.link)
            };
            if let Some(at) = before.iter().position(alike) {
                found.push((id, self.first_of(before.remove(at).0)));
            }
        }
        for (id, first) in &found {
            if let Some(continued) = self.continued.get_mut(usize::from(id.0)) {
                *continued = *first;
            }
        }
        !found.is_empty()
    }

    /// The interface that this one goes on from; itself if it does not.
    pub(super) fn first_of(&self, id: InterfaceId) -> InterfaceId {
        self.continued.get(usize::from(id.0)).copied().unwrap_or(id)
    }

    /// The interface with this number.
    #[must_use]
    pub fn get(&self, id: InterfaceId) -> Option<&Interface> {
        self.interfaces.get(usize::from(id.0))
    }

    /// Name of the interface with this number, where its capture tells.
    #[must_use]
    pub fn name(&self, id: InterfaceId) -> Option<&str> {
        self.get(id)?.name.as_deref()
    }

    /// All interfaces with their numbers, in the order they were met.
    pub fn iter(&self) -> impl Iterator<Item = (InterfaceId, &Interface)> {
        (0..=u16::MAX).map(InterfaceId).zip(&self.interfaces)
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.interfaces.len()
    }

    /// Whether there are none yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.interfaces.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_dense_and_end_at_sixteen_bits() {
        let mut table = InterfaceTable::new();
        let ethernet = Interface {
            capture: 0,
            name: Some("en0".into()),
            description: None,
            link: LinkType(1),
        };
        for number in 0..=u16::MAX {
            assert_eq!(table.add(ethernet.clone()), Some(InterfaceId(number)));
        }
        assert_eq!(table.add(ethernet), None);
        assert_eq!(table.len(), 65_536);
        assert_eq!(table.name(InterfaceId(7)), Some("en0"));
        assert_eq!(table.iter().last().unwrap().0, InterfaceId(u16::MAX));
    }
}
