//! Writes capture files in memory.

/// Byte order of what is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    Little,
    Big,
}

/// Both.
pub(crate) const ORDERS: [Order; 2] = [Order::Little, Order::Big];

impl Order {
    pub(crate) fn u16(self, value: u16) -> [u8; 2] {
        match self {
            Self::Little => value.to_le_bytes(),
            Self::Big => value.to_be_bytes(),
        }
    }

    pub(crate) fn u32(self, value: u32) -> [u8; 4] {
        match self {
            Self::Little => value.to_le_bytes(),
            Self::Big => value.to_be_bytes(),
        }
    }

    pub(crate) fn u64(self, value: u64) -> [u8; 8] {
        match self {
            Self::Little => value.to_le_bytes(),
            Self::Big => value.to_be_bytes(),
        }
    }
}

/// A pcap file.
#[derive(Clone)]
pub(crate) struct Pcap {
    order: Order,
    pub(crate) bytes: Vec<u8>,
}

pub(crate) const MICROS: u32 = 0xa1b2_c3d4;
pub(crate) const NANOS: u32 = 0xa1b2_3c4d;

impl Pcap {
    pub(crate) fn new(order: Order, magic: u32, network: u32) -> Self {
        Self::with_snap_len(order, magic, network, 262_144)
    }

    pub(crate) fn with_snap_len(order: Order, magic: u32, network: u32, snap_len: u32) -> Self {
        let mut bytes = order.u32(magic).to_vec();
        bytes.extend(order.u16(2));
        bytes.extend(order.u16(4));
        for word in [0, 0, snap_len, network] {
            bytes.extend(order.u32(word));
        }
        Self { order, bytes }
    }

    pub(crate) fn packet(self, seconds: u32, fraction: u32, data: &[u8]) -> Self {
        let length = u32::try_from(data.len()).unwrap();
        self.cut_packet(seconds, fraction, length, data)
    }

    pub(crate) fn cut_packet(
        mut self,
        seconds: u32,
        fraction: u32,
        original: u32,
        data: &[u8],
    ) -> Self {
        let captured = u32::try_from(data.len()).unwrap();
        for word in [seconds, fraction, captured, original] {
            self.bytes.extend(self.order.u32(word));
        }
        self.bytes.extend(data);
        self
    }
}

/// A pcapng file.
#[derive(Clone)]
pub(crate) struct Pcapng {
    order: Order,
    pub(crate) bytes: Vec<u8>,
}

impl Pcapng {
    /// Begins with a section without options.
    pub(crate) fn new(order: Order) -> Self {
        Self {
            order,
            bytes: Vec::new(),
        }
        .section(order, &[])
    }

    pub(crate) fn section(self, order: Order, options: &[u8]) -> Self {
        self.section_with_length(order, -1, options)
    }

    pub(crate) fn section_with_length(mut self, order: Order, length: i64, options: &[u8]) -> Self {
        self.order = order;
        let mut body = order.u32(0x1a2b_3c4d).to_vec();
        body.extend(order.u16(1));
        body.extend(order.u16(0));
        body.extend(order.u64(length.cast_unsigned()));
        body.extend(options);
        self.block(0x0a0d_0d0a, &body)
    }

    pub(crate) fn interface(self, link: u16, snap_len: u32, options: &[u8]) -> Self {
        let mut body = self.order.u16(link).to_vec();
        body.extend([0, 0]);
        body.extend(self.order.u32(snap_len));
        body.extend(options);
        self.block(1, &body)
    }

    pub(crate) fn enhanced(self, interface: u32, ticks: u64, data: &[u8]) -> Self {
        let length = u32::try_from(data.len()).unwrap();
        self.enhanced_with(interface, ticks, length, data, &[])
    }

    pub(crate) fn enhanced_with(
        self,
        interface: u32,
        ticks: u64,
        original: u32,
        data: &[u8],
        options: &[u8],
    ) -> Self {
        let first = self.order.u32(interface);
        self.packet(6, first, ticks, original, data, options)
    }

    /// An obsolete Packet Block.
    pub(crate) fn obsolete(self, interface: u16, drops: u16, ticks: u64, data: &[u8]) -> Self {
        let [a, b] = self.order.u16(interface);
        let [c, d] = self.order.u16(drops);
        let length = u32::try_from(data.len()).unwrap();
        self.packet(2, [a, b, c, d], ticks, length, data, &[])
    }

    fn packet(
        self,
        kind: u32,
        first: [u8; 4],
        ticks: u64,
        original: u32,
        data: &[u8],
        options: &[u8],
    ) -> Self {
        let captured = u32::try_from(data.len()).unwrap();
        let mut body = first.to_vec();
        let high = u32::try_from(ticks >> 32).unwrap();
        let low = u32::try_from(ticks & 0xffff_ffff).unwrap();
        for word in [high, low, captured, original] {
            body.extend(self.order.u32(word));
        }
        body.extend(data);
        pad(&mut body);
        body.extend(options);
        self.block(kind, &body)
    }

    pub(crate) fn simple(self, original: u32, data: &[u8]) -> Self {
        let mut body = self.order.u32(original).to_vec();
        body.extend(data);
        pad(&mut body);
        self.block(3, &body)
    }

    /// Interface statistics.
    pub(crate) fn statistics(self, interface: u32, options: &[u8]) -> Self {
        let mut body = self.order.u32(interface).to_vec();
        body.extend([0; 8]);
        body.extend(options);
        self.block(5, &body)
    }

    pub(crate) fn block(mut self, kind: u32, body: &[u8]) -> Self {
        let length = self.order.u32(u32::try_from(body.len() + 12).unwrap());
        self.bytes.extend(self.order.u32(kind));
        self.bytes.extend(length);
        self.bytes.extend(body);
        self.bytes.extend(length);
        self
    }
}

/// One option, padded.
pub(crate) fn option(order: Order, code: u16, value: &[u8]) -> Vec<u8> {
    let mut bytes = order.u16(code).to_vec();
    bytes.extend(order.u16(u16::try_from(value.len()).unwrap()));
    bytes.extend(value);
    pad(&mut bytes);
    bytes
}

fn pad(bytes: &mut Vec<u8>) {
    bytes.resize(bytes.len().next_multiple_of(4), 0);
}
