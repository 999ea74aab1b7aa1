//! Names of the numbers in DNS messages: record types and response codes.
//!
//! IANA "Domain Name System (DNS) Parameters". Numbers without a name keep their number (RFC 3597 section 5).

use std::borrow::Cow;
use std::fmt;

/// A record type (or a question's type) by its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordType(pub u16);

impl RecordType {
    /// An IPv4 address.
    pub const A: Self = Self(1);
    /// A name server.
    pub const NS: Self = Self(2);
    /// The canonical name of an alias.
    pub const CNAME: Self = Self(5);
    /// The start of a zone of authority.
    pub const SOA: Self = Self(6);
    /// A pointer to another name.
    pub const PTR: Self = Self(12);
    /// A mail exchange.
    pub const MX: Self = Self(15);
    /// Text.
    pub const TXT: Self = Self(16);
    /// An IPv6 address.
    pub const AAAA: Self = Self(28);
    /// The host and port of a service (RFC 2782).
    pub const SRV: Self = Self(33);
    /// The pseudo-record of EDNS (RFC 6891).
    pub const OPT: Self = Self(41);
    /// Which types exist at a name (RFC 4034; mDNS: RFC 6762 section 6.1).
    pub const NSEC: Self = Self(47);
    /// A service binding (RFC 9460).
    pub const SVCB: Self = Self(64);
    /// A service binding of HTTP (RFC 9460).
    pub const HTTPS: Self = Self(65);
    /// Every type; in questions only.
    pub const ANY: Self = Self(255);

    const fn name(self) -> Option<&'static str> {
        Some(match self.0 {
            1 => "A",
            2 => "NS",
            5 => "CNAME",
            6 => "SOA",
            12 => "PTR",
            13 => "HINFO",
            15 => "MX",
            16 => "TXT",
            28 => "AAAA",
            29 => "LOC",
            33 => "SRV",
            35 => "NAPTR",
            39 => "DNAME",
            41 => "OPT",
            43 => "DS",
            44 => "SSHFP",
            46 => "RRSIG",
            47 => "NSEC",
            48 => "DNSKEY",
            50 => "NSEC3",
            51 => "NSEC3PARAM",
            52 => "TLSA",
            64 => "SVCB",
            65 => "HTTPS",
            99 => "SPF",
            250 => "TSIG",
            251 => "IXFR",
            252 => "AXFR",
            255 => "ANY",
            257 => "CAA",
            _ => return None,
        })
    }
}

impl fmt::Display for RecordType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.pad(name),
            None => f.pad(&format!("TYPE{}", self.0)),
        }
    }
}

/// The name of a response code, extended ones (RFC 6891) included; `RCODE<number>` for those without.
#[must_use]
pub fn rcode_name(rcode: u16) -> Cow<'static, str> {
    Cow::Borrowed(match rcode {
        0 => "NOERROR",
        1 => "FORMERR",
        2 => "SERVFAIL",
        3 => "NXDOMAIN",
        4 => "NOTIMP",
        5 => "REFUSED",
        6 => "YXDOMAIN",
        7 => "YXRRSET",
        8 => "NXRRSET",
        9 => "NOTAUTH",
        10 => "NOTZONE",
        11 => "DSOTYPENI",
        16 => "BADVERS",
        17 => "BADKEY",
        18 => "BADTIME",
        19 => "BADMODE",
        20 => "BADNAME",
        21 => "BADALG",
        22 => "BADTRUNC",
        23 => "BADCOOKIE",
        other => return Cow::Owned(format!("RCODE{other}")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_numbers_have_names_and_others_keep_their_number() {
        assert_eq!(RecordType::HTTPS.to_string(), "HTTPS");
        assert_eq!(RecordType(123).to_string(), "TYPE123");
        assert_eq!(format!("{:>6}", RecordType::A), "     A");
        assert_eq!(rcode_name(3), "NXDOMAIN");
        assert_eq!(rcode_name(4095), "RCODE4095");
    }
}
