//! One resource record.
//!
//! Input: a cursor in the message, which compressed names refer back into. Output: [`Record`]. A type that is not
//! known is passed over by its RDLENGTH; a known type whose data does not fit its RDLENGTH is broken. RFC 1035
//! section 3.2, RFC 2782, RFC 4034 section 4, RFC 6762 section 10.2, RFC 6891 section 6, RFC 9460 section 2.2.

use std::net::{Ipv4Addr, Ipv6Addr};

use domain::base::name::ParsedName;
use domain::base::record::RecordHeader;
use domain::dep::octseq::Parser;

use crate::hostname::Hostname;

use super::{CLASS_FLAG, ReadName, RecordType, name};

/// Where in the message a record stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Section {
    /// What was asked for.
    Answer,
    /// Who is responsible for the name.
    Authority,
    /// What else may help.
    Additional,
}

/// One record; `N` is how names are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record<N = Hostname> {
    /// The section it stands in.
    pub section: Section,
    /// The name it belongs to.
    pub owner: N,
    /// The class without the flag bit: 1 is the Internet. 0 for OPT, whose class is a size.
    pub class: u16,
    /// mDNS: this record replaces what was known (RFC 6762 section 10.2).
    pub cache_flush: bool,
    /// Seconds it may be kept; 0 for OPT, whose TTL holds flags. In mDNS, 0 is a goodbye.
    pub ttl: u32,
    /// The data.
    pub data: RecordData<N>,
}

/// A record's data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RecordData<N = Hostname> {
    /// An IPv4 address.
    A(Ipv4Addr),
    /// An IPv6 address.
    Aaaa(Ipv6Addr),
    /// The owner is an alias of this name.
    Cname(N),
    /// The name that the owner points to; for DNS-SD, a service instance.
    Ptr(N),
    /// Where a service runs.
    Srv {
        /// Lower is tried first.
        priority: u16,
        /// Share among those of one priority.
        weight: u16,
        /// Port.
        port: u16,
        /// Host.
        target: N,
    },
    /// Strings; for DNS-SD, `key=value` pairs. Empty data counts as no string (RFC 6763 section 6.1).
    Txt(Vec<Box<[u8]>>),
    /// Which types exist at the owner.
    Nsec {
        /// The next name; in mDNS the owner itself.
        next: N,
        /// The types, ascending, of the first window (numbers below 256), the only one mDNS may use.
        types: Vec<RecordType>,
    },
    /// SVCB or HTTPS: how to reach a service.
    Svcb {
        /// HTTPS (65) rather than SVCB (64).
        https: bool,
        /// 0: an alias of `target`; else lower is tried first.
        priority: u16,
        /// The host; empty (".") means the owner.
        target: N,
        /// Protocols offered.
        alpn: Vec<Box<[u8]>>,
        /// Port, where it is not the scheme's own.
        port: Option<u16>,
        /// IPv4 addresses to try before an A answer comes.
        ipv4hint: Vec<Ipv4Addr>,
        /// IPv6 addresses to try before an AAAA answer comes.
        ipv6hint: Vec<Ipv6Addr>,
        /// Keys for Encrypted Client Hello came along.
        ech: bool,
    },
    /// EDNS.
    Opt {
        /// Largest UDP message the sender takes, in bytes.
        udp_size: u16,
        /// The upper eight bits of the response code.
        extended_rcode: u8,
        /// EDNS version.
        version: u8,
        /// DNSSEC records are welcome (DO).
        dnssec_ok: bool,
    },
    /// Another type, passed over.
    Other(u16),
}

/// Reads one record and moves past it; `None` when it is cut or broken.
pub(super) fn parse<N: ReadName>(
    parser: &mut Parser<'_, [u8]>,
    section: Section,
) -> Option<Record<N>> {
    let header: RecordHeader<ParsedName<&[u8]>> = RecordHeader::parse_ref(parser).ok()?;
    let mut data = parser.parse_parser(usize::from(header.rdlen())).ok()?;
    let (kind, class, ttl) = (
        header.rtype().to_int(),
        header.class().to_int(),
        header.ttl().as_secs(),
    );
    let value = data_of(RecordType(kind), class, ttl, &mut data)?;
    let edns = matches!(value, RecordData::Opt { .. });
    Some(Record {
        section,
        owner: N::read(header.owner()),
        class: if edns { 0 } else { class & !CLASS_FLAG },
        cache_flush: !edns && class & CLASS_FLAG != 0,
        ttl: if edns { 0 } else { ttl },
        data: value,
    })
}

/// Reads the data of a record of `kind`, which `data` holds and ends with.
fn data_of<N: ReadName>(
    kind: RecordType,
    class: u16,
    ttl: u32,
    data: &mut Parser<'_, [u8]>,
) -> Option<RecordData<N>> {
    let value = match kind {
        RecordType::A => RecordData::A(ipv4(data)?),
        RecordType::AAAA => RecordData::Aaaa(ipv6(data)?),
        RecordType::CNAME => RecordData::Cname(name(data)?),
        RecordType::PTR => RecordData::Ptr(name(data)?),
        RecordType::SRV => RecordData::Srv {
            priority: data.parse_u16_be().ok()?,
            weight: data.parse_u16_be().ok()?,
            port: data.parse_u16_be().ok()?,
            target: name(data)?,
        },
        RecordType::TXT => RecordData::Txt(strings(data)?),
        RecordType::NSEC => nsec(data)?,
        RecordType::SVCB | RecordType::HTTPS => svcb(kind, data)?,
        RecordType::OPT => {
            let [extended_rcode, version, flags, _] = ttl.to_be_bytes();
            data.advance_to_end();
            RecordData::Opt {
                udp_size: class,
                extended_rcode,
                version,
                dnssec_ok: flags & 0x80 != 0,
            }
        }
        RecordType(other) => {
            data.advance_to_end();
            RecordData::Other(other)
        }
    };
    // Bytes left over mean that RDLENGTH and data contradict each other: nothing after them can be trusted.
    (data.remaining() == 0).then_some(value)
}

fn ipv4(data: &mut Parser<'_, [u8]>) -> Option<Ipv4Addr> {
    let mut octets = [0; 4];
    data.parse_buf(&mut octets).ok()?;
    Some(octets.into())
}

fn ipv6(data: &mut Parser<'_, [u8]>) -> Option<Ipv6Addr> {
    let mut octets = [0; 16];
    data.parse_buf(&mut octets).ok()?;
    Some(octets.into())
}

/// Strings of a length byte each, to the end of `data`.
fn strings(data: &mut Parser<'_, [u8]>) -> Option<Vec<Box<[u8]>>> {
    let mut strings = Vec::new();
    while data.remaining() > 0 {
        let length = usize::from(data.parse_u8().ok()?);
        strings.push(data.peek(length).ok()?.into());
        data.advance(length).ok()?;
    }
    Some(strings)
}

/// The next name and the bitmaps of types (RFC 4034 section 4.1.2).
fn nsec<N: ReadName>(data: &mut Parser<'_, [u8]>) -> Option<RecordData<N>> {
    let next = name(data)?;
    let mut types = Vec::new();
    while data.remaining() > 0 {
        let window = data.parse_u8().ok()?;
        let length = usize::from(data.parse_u8().ok()?);
        let bitmap = data.peek(length).ok()?;
        if window == 0 && types.is_empty() {
            types = (0..256)
                .filter(|kind| {
                    let byte = bitmap.get(usize::from(kind / 8)).copied().unwrap_or(0);
                    byte & (0x80 >> (kind % 8)) != 0
                })
                .map(RecordType)
                .collect();
        }
        data.advance(length).ok()?;
    }
    Some(RecordData::Nsec { next, types })
}

/// Keys of service parameters (RFC 9460 section 14.3.2).
mod key {
    pub(super) const ALPN: u16 = 1;
    pub(super) const PORT: u16 = 3;
    pub(super) const IPV4_HINT: u16 = 4;
    pub(super) const ECH: u16 = 5;
    pub(super) const IPV6_HINT: u16 = 6;
}

/// Priority, target and parameters. Keys that are not known are passed over by their length.
fn svcb<N: ReadName>(kind: RecordType, data: &mut Parser<'_, [u8]>) -> Option<RecordData<N>> {
    let priority = data.parse_u16_be().ok()?;
    let target = name(data)?;
    let (mut alpn, mut port, mut ech) = (Vec::new(), None, false);
    let (mut ipv4hint, mut ipv6hint) = (Vec::new(), Vec::new());
    while data.remaining() > 0 {
        let parameter = data.parse_u16_be().ok()?;
        let length = usize::from(data.parse_u16_be().ok()?);
        let mut value = data.parse_parser(length).ok()?;
        match parameter {
            key::ALPN => alpn = strings(&mut value)?,
            key::PORT => port = Some(value.parse_u16_be().ok()?),
            key::ECH => ech = true,
            key::IPV4_HINT => {
                while value.remaining() > 0 {
                    ipv4hint.push(ipv4(&mut value)?);
                }
            }
            key::IPV6_HINT => {
                while value.remaining() > 0 {
                    ipv6hint.push(ipv6(&mut value)?);
                }
            }
            _ => {}
        }
    }
    Some(RecordData::Svcb {
        https: kind == RecordType::HTTPS,
        priority,
        target,
        alpn,
        port,
        ipv4hint,
        ipv6hint,
        ech,
    })
}
