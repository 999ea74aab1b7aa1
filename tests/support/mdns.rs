//! mDNS messages and the datagrams that carry them (RFC 6762, RFC 6763).

use super::packet::Packet;

pub(crate) const PTR: u16 = 12;

/// How long host records are kept, and service records.
const HOST_TTL: u32 = 120;
const SERVICE_TTL: u32 = 4500;

const GROUP: (&str, u16) = ("224.0.0.251", 5353);
const GROUP6: (&str, u16) = ("ff02::fb", 5353);

/// A name of these labels, dots inside them and all.
pub(crate) fn name(labels: &[&str]) -> Vec<u8> {
    let mut wire = Vec::new();
    for label in labels {
        wire.push(u8::try_from(label.len()).unwrap());
        wire.extend(label.as_bytes());
    }
    wire.push(0);
    wire
}

/// What is announced: an instance, its type (`_airplay`, over TCP) and where it is.
#[derive(Clone, Debug)]
pub(crate) struct Service {
    pub(crate) instance: String,
    pub(crate) application: String,
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) addresses: Vec<std::net::IpAddr>,
    pub(crate) txt: Vec<String>,
}

impl Service {
    pub(crate) fn new(
        instance: &str,
        application: &str,
        host: &str,
        port: u16,
        addr: &str,
    ) -> Self {
        Self {
            instance: instance.into(),
            application: application.into(),
            host: host.into(),
            port,
            addresses: vec![addr.parse().unwrap()],
            txt: Vec::new(),
        }
    }

    pub(crate) fn txt(mut self, entry: &str) -> Self {
        self.txt.push(entry.into());
        self
    }

    pub(crate) fn also_at(mut self, addr: &str) -> Self {
        self.addresses.push(addr.parse().unwrap());
        self
    }

    fn type_name(&self) -> Vec<u8> {
        name(&[&self.application, "_tcp", "local"])
    }

    fn full_name(&self) -> Vec<u8> {
        name(&[&self.instance, &self.application, "_tcp", "local"])
    }

    /// All its records in one response; lives are cut by `ttl`, 0 is a goodbye.
    fn records(&self, ttl: Option<u32>) -> Vec<u8> {
        let (host_ttl, service_ttl) = (ttl.unwrap_or(HOST_TTL), ttl.unwrap_or(SERVICE_TTL));
        let host = name(&[&self.host, "local"]);
        let srv = [&[0; 4][..], &self.port.to_be_bytes(), &host].concat();
        let mut txt = Vec::new();
        for entry in &self.txt {
            txt.push(u8::try_from(entry.len()).unwrap());
            txt.extend(entry.as_bytes());
        }
        let mut records = vec![
            record(&self.type_name(), PTR, 1, service_ttl, &self.full_name()),
            record(&self.full_name(), 33, 0x8001, host_ttl, &srv),
            record(&self.full_name(), 16, 0x8001, service_ttl, &txt),
        ];
        for addr in &self.addresses {
            records.push(match addr {
                std::net::IpAddr::V4(v4) => record(&host, 1, 0x8001, host_ttl, &v4.octets()),
                std::net::IpAddr::V6(v6) => record(&host, 28, 0x8001, host_ttl, &v6.octets()),
            });
        }
        let mut message = header(0x8400, [0, u16::try_from(records.len()).unwrap()]);
        message.extend(records.concat());
        message
    }

    /// The response that announces it.
    pub(crate) fn announcement(&self) -> Vec<u8> {
        self.records(None)
    }

    /// The response that withdraws it.
    pub(crate) fn goodbye(&self) -> Vec<u8> {
        self.records(Some(0))
    }
}

fn header(flags: u16, counts: [u16; 2]) -> Vec<u8> {
    let mut wire = Vec::new();
    for word in [0, flags, counts[0], counts[1], 0, 0] {
        wire.extend(word.to_be_bytes());
    }
    wire
}

fn record(owner: &[u8], kind: u16, class: u16, ttl: u32, data: &[u8]) -> Vec<u8> {
    let mut wire = owner.to_vec();
    wire.extend(kind.to_be_bytes());
    wire.extend(class.to_be_bytes());
    wire.extend(ttl.to_be_bytes());
    wire.extend(u16::try_from(data.len()).unwrap().to_be_bytes());
    wire.extend(data);
    wire
}

/// A question for a service type over TCP.
pub(crate) fn question(application: &str) -> Vec<u8> {
    let mut wire = header(0, [1, 0]);
    wire.extend(name(&[application, "_tcp", "local"]));
    wire.extend([0, 12, 0, 1]);
    wire
}

/// The same, asking for an answer by unicast.
pub(crate) fn question_for_unicast(application: &str) -> Vec<u8> {
    let mut wire = question(application);
    let class = wire.len() - 2;
    wire[class] = 0x80;
    wire
}

/// A datagram from this address to all of its link.
pub(crate) fn to_all(from: &str, message: &[u8]) -> Packet {
    let group = if from.contains(':') { GROUP6 } else { GROUP };
    Packet::udp((from, 5353), group, message).ttl(255)
}
