//! Builds DNS messages for tests, byte by byte as RFC 1035 draws them.

/// A message under construction. Sections are given in order.
#[derive(Clone)]
pub(crate) struct Builder(Vec<u8>);

/// Flags of a query that asks for recursion.
pub(crate) const QUERY: u16 = 0x0100;

/// Flags of a response without error.
pub(crate) const RESPONSE: u16 = 0x8180;

impl Builder {
    /// A header without questions and records.
    pub(crate) fn new(id: u16, flags: u16) -> Self {
        let mut bytes = id.to_be_bytes().to_vec();
        bytes.extend(flags.to_be_bytes());
        bytes.extend([0; 8]);
        Self(bytes)
    }

    /// Adds one to the count of a section: 0 for questions, 1 to 3 for the sections of records.
    fn count(&mut self, section: usize) {
        let at = 4 + 2 * section;
        let count = u16::from_be_bytes([self.0[at], self.0[at + 1]]) + 1;
        self.0[at..at + 2].copy_from_slice(&count.to_be_bytes());
    }

    /// A question of class IN.
    pub(crate) fn question(self, name: &str, kind: u16) -> Self {
        self.question_of_class(name, kind, 1)
    }

    pub(crate) fn question_of_class(mut self, name: &str, kind: u16, class: u16) -> Self {
        self.count(0);
        self.0.extend(labels(name));
        self.0.extend(kind.to_be_bytes());
        self.0.extend(class.to_be_bytes());
        self
    }

    /// A record in the answer section, of class IN and a TTL of 60 seconds.
    pub(crate) fn answer(self, name: &str, kind: u16, data: &[u8]) -> Self {
        self.record(1, &labels(name), (kind, 1, 60), data)
    }

    /// A record in section 1 to 3 with the owner's bytes as they are, type, class and TTL.
    pub(crate) fn record(
        mut self,
        section: usize,
        owner: &[u8],
        (kind, class, ttl): (u16, u16, u32),
        data: &[u8],
    ) -> Self {
        self.count(section);
        self.0.extend(owner);
        self.0.extend(kind.to_be_bytes());
        self.0.extend(class.to_be_bytes());
        self.0.extend(ttl.to_be_bytes());
        self.0
            .extend(u16::try_from(data.len()).unwrap().to_be_bytes());
        self.0.extend(data);
        self
    }

    pub(crate) fn bytes(self) -> Vec<u8> {
        self.0
    }

    /// The message as DNS over TCP frames it.
    pub(crate) fn framed(self) -> Vec<u8> {
        let mut framed = u16::try_from(self.0.len()).unwrap().to_be_bytes().to_vec();
        framed.extend(self.0);
        framed
    }

    /// The message, read.
    pub(crate) fn read(self) -> super::Message {
        super::parse(&self.0).unwrap()
    }
}

/// A name as labels, uncompressed.
pub(crate) fn labels(name: &str) -> Vec<u8> {
    let mut labels = Vec::new();
    for label in name.split('.').filter(|label| !label.is_empty()) {
        labels.push(u8::try_from(label.len()).unwrap());
        labels.extend(label.as_bytes());
    }
    labels.push(0);
    labels
}
