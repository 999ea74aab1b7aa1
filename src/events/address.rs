//! Where a broker is, as an operator writes it, and names of gateways and subjects.

use std::str::FromStr;

/// Port of NATS.
const PORT: u16 = 4222;

/// Subjects begin with this unless told otherwise.
const PREFIX: &str = "windfall";

/// What is right.
const FORM: &str = "write nats://[user:password@]host[:port][/prefix], or tls:// for TLS alone";

/// Longest name of a gateway.
const MAX_NAME: usize = 128;

/// A NATS broker: `nats://[user[:password]@]host[:port][/prefix]`, or `tls://`.
#[derive(Clone, PartialEq, Eq)]
pub struct Broker {
    /// Only over TLS.
    pub tls: bool,
    /// User, or a token if there is no password.
    pub user: Option<String>,
    /// Password.
    pub password: Option<String>,
    /// Name or address.
    pub host: String,
    /// Port.
    pub port: u16,
    /// What subjects begin with: letters, digits, `-` and `_`, in parts between dots.
    pub prefix: String,
}

impl Broker {
    /// `nats://host:port`, without what is secret.
    #[must_use]
    pub fn url(&self) -> String {
        let scheme = if self.tls { "tls" } else { "nats" };
        if self.host.contains(':') {
            format!("{scheme}://[{}]:{}", self.host, self.port)
        } else {
            format!("{scheme}://{}:{}", self.host, self.port)
        }
    }

    /// The stream that keeps the events of this prefix: `WINDFALL`, `WINDFALL_SITES_EU`.
    #[must_use]
    pub fn stream(&self) -> String {
        self.prefix.to_ascii_uppercase().replace('.', "_")
    }

    /// The subject of a gateway's events.
    #[must_use]
    pub fn subject(&self, gateway: &str) -> String {
        format!("{}.events.{gateway}", self.prefix)
    }

    /// The subjects of all gateways' events.
    #[must_use]
    pub fn subjects(&self) -> String {
        format!("{}.events.>", self.prefix)
    }
}

impl std::fmt::Debug for Broker {
    /// Without what is secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Broker").field(&self.url()).finish()
    }
}

impl FromStr for Broker {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        // What is wrong is told without the text: it may hold a password.
        let (tls, rest) = match text.split_once("://") {
            Some(("nats", rest)) => (false, rest),
            Some(("tls", rest)) => (true, rest),
            _ => return Err(FORM.to_owned()),
        };
        let (authority, prefix) = rest.split_once('/').unwrap_or((rest, PREFIX));
        let (user, host) = match authority.rsplit_once('@') {
            Some((user, host)) => (Some(user), host),
            None => (None, authority),
        };
        let (user, password) = match user.and_then(|user| user.split_once(':')) {
            Some((user, password)) => (Some(user.to_owned()), Some(password.to_owned())),
            None => (user.map(str::to_owned), None),
        };
        let (host, port) = host_and_port(host).map_err(|why| format!("{why}; {FORM}"))?;
        let prefix = prefix.trim_end_matches('/');
        let prefix = if prefix.is_empty() { PREFIX } else { prefix };
        Ok(Self {
            tls,
            user,
            password,
            host,
            port,
            prefix: name(prefix).map_err(|why| format!("the prefix of subjects: {why}"))?,
        })
    }
}

fn host_and_port(text: &str) -> Result<(String, u16), String> {
    let (host, port) = if let Some(rest) = text.strip_prefix('[') {
        let (host, after) = rest.split_once(']').ok_or("a ] is missing")?;
        (host, after.strip_prefix(':'))
    } else {
        match text.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (text, None),
        }
    };
    if host.is_empty() || host.contains(char::is_whitespace) {
        return Err("it names no host".to_owned());
    }
    let port = match port {
        Some(port) => port
            .parse()
            .map_err(|_| "the port must be a number from 1 to 65535".to_owned())?,
        None => PORT,
    };
    Ok((host.to_owned(), port))
}

/// A name of a gateway: it is part of subjects, so it has parts between dots, of letters, digits, `-` and `_`.
///
/// # Errors
/// What is wrong with it.
pub fn name(text: &str) -> Result<String, String> {
    let is_part = |part: &str| {
        !part.is_empty()
            && part
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    };
    if text.len() <= MAX_NAME && text.split('.').all(is_part) {
        Ok(text.to_owned())
    } else {
        Err(format!(
            "use letters, digits, - and _, with dots between parts, {MAX_NAME} at most (berlin.gw-2)"
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_broker_is_where_it_says() {
        for (text, url, stream, subject) in [
            (
                "nats://hub",
                "nats://hub:4222",
                "WINDFALL",
                "windfall.events.gw",
            ),
            (
                "nats://hub:4333/",
                "nats://hub:4333",
                "WINDFALL",
                "windfall.events.gw",
            ),
            (
                "tls://[2001:db8::1]:1/sites.eu",
                "tls://[2001:db8::1]:1",
                "SITES_EU",
                "sites.eu.events.gw",
            ),
            (
                "nats://me:se@cret@hub/a",
                "nats://hub:4222",
                "A",
                "a.events.gw",
            ),
        ] {
            let broker: Broker = text.parse().unwrap();
            assert_eq!(broker.url(), url);
            assert_eq!(broker.stream(), stream);
            assert_eq!(broker.subject("gw"), subject);
            assert!(!format!("{broker:?}").contains("cret"));
        }
        let broker: Broker = "nats://me:se@cret@hub/a".parse().unwrap();
        assert_eq!(broker.user.as_deref(), Some("me"));
        assert_eq!(broker.password.as_deref(), Some("se@cret"));
    }

    #[test]
    fn what_is_no_broker_is_refused_without_telling_secrets() {
        for text in [
            "http://hub",
            "hub",
            "nats://",
            "nats://u:pw@hub:x",
            "nats://u:pw@hub/a b",
            "nats://[::1",
        ] {
            let told = text.parse::<Broker>().unwrap_err();
            assert!(!told.contains("pw"), "{told}");
        }
    }

    #[test]
    fn names_are_parts_of_subjects() {
        for good in ["gw", "berlin.gw-2", "GW_1"] {
            assert_eq!(name(good).as_deref(), Ok(good));
        }
        for bad in [
            "",
            "a..b",
            ".a",
            "a.",
            "a b",
            "a*",
            ">",
            "büro",
            &"a".repeat(129),
        ] {
            assert!(name(bad).is_err(), "{bad:?}");
        }
    }
}
