//! The words of a verdict: outcome, stage, cause, origin, status.
//!
//! Every enum serializes to the kebab-case code that reports show; the codes are a contract and never change.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

pub use crate::transport::Transport;

/// Declares an enum of codes: `as_str`, `ALL`, `Display`, `Serialize`, `Deserialize`, all from one list.
macro_rules! codes {
    ($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $code:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$doc])* $variant),+ }

        impl $name {
            /// Every value, in the order of declaration.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The code that reports show.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $code),+ }
            }

            /// The value with this code.
            #[must_use]
            pub fn from_code(code: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|value| value.as_str() == code)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                code(deserializer, Self::from_code)
            }
        }
    };
}

/// Reads the value that a code stands for.
pub(crate) fn code<'de, D: Deserializer<'de>, T>(
    deserializer: D,
    from: impl Fn(&str) -> Option<T>,
) -> Result<T, D::Error> {
    let text = String::deserialize(deserializer)?;
    from(&text).ok_or_else(|| serde::de::Error::custom(format!("unknown code {text:?}")))
}

codes! {
    /// How an attempt ended.
    Outcome {
        /// It did what it was for.
        Succeeded = "succeeded",
        /// Asked, and nothing came back.
        Stalled = "stalled",
        /// A RST ended it.
        Reset = "reset",
        /// An explicit refusal: DNS rcode, ICMP, TLS alert, HTTP error, interception, proxy.
        Failed = "failed",
        /// The client let it go because a parallel attempt won.
        Abandoned = "abandoned",
        /// The capture ended (or now is) before the rule's time passed.
        Pending = "pending",
        /// The capture does not show enough.
        Unjudged = "unjudged",
    }
}

codes! {
    /// How far an attempt came.
    Stage {
        /// Asking DNS for the name.
        Resolve = "resolve",
        /// TCP handshake, or first QUIC packets.
        Connect = "connect",
        /// TLS or QUIC handshake, or the proxy's answer.
        Handshake = "handshake",
        /// Application data.
        Transfer = "transfer",
    }
}

codes! {
    /// Why an attempt did not succeed.
    Cause {
        /// A DNS question without an answer within the DNS timer.
        DnsUnanswered = "dns-unanswered",
        /// The resolver says that the name does not exist.
        DnsNxdomain = "dns-nxdomain",
        /// The resolver could not answer.
        DnsServfail = "dns-servfail",
        /// The resolver refuses to answer.
        DnsRefused = "dns-refused",
        /// The name resolves to no address.
        DnsNoAddress = "dns-no-address",
        /// A public name resolves to a private or null address.
        DnsSinkholed = "dns-sinkholed",
        /// SYNs without any answer.
        SynUnanswered = "syn-unanswered",
        /// The SYN-ACK is never acknowledged.
        SynAckLost = "syn-ack-lost",
        /// A RST answers the SYN.
        ConnectionRefused = "connection-refused",
        /// An ICMP error quotes the flow.
        IcmpUnreachable = "icmp-unreachable",
        /// A parallel attempt of the same device won.
        Superseded = "superseded",
        /// The ClientHello was sent and nothing came back.
        ClientHelloUnanswered = "client-hello-unanswered",
        /// Only large packets are lost.
        PathMtu = "path-mtu",
        /// A RST after the ClientHello, before any server handshake message.
        ResetAfterClientHello = "reset-after-client-hello",
        /// A RST after the ServerHello, before success.
        ResetInHandshake = "reset-in-handshake",
        /// The server closed before success, without an alert.
        ClosedInHandshake = "closed-in-handshake",
        /// A fatal TLS alert.
        TlsAlert = "tls-alert",
        /// The client ended it right after the server's certificate.
        ClientAbort = "client-abort",
        /// The certificate is not the named host's.
        TlsIntercepted = "tls-intercepted",
        /// A ServerHello, then no progress.
        HandshakeStalled = "handshake-stalled",
        /// QUIC Initials without an answer.
        QuicUnanswered = "quic-unanswered",
        /// QUIC `CONNECTION_CLOSE` in an Initial packet.
        QuicClosed = "quic-closed",
        /// The proxy refused the CONNECT, of HTTP or SOCKS.
        ProxyDenied = "proxy-denied",
        /// Data retransmitted and never acknowledged.
        TransferStalled = "transfer-stalled",
        /// The receiver's window stays closed.
        ZeroWindow = "zero-window",
        /// A plaintext request without a response.
        ResponseMissing = "response-missing",
        /// A RST while data was outstanding.
        ResetInTransfer = "reset-in-transfer",
        /// The first response is an error that a middlebox or login makes.
        HttpError = "http-error",
        /// The network answers in the host's place and asks for a login.
        CaptivePortal = "captive-portal",
        /// NTP requests without a reply.
        NtpUnanswered = "ntp-unanswered",
        /// NAT-PMP or PCP requests without a response.
        NatPmpUnanswered = "nat-pmp-unanswered",
        /// The NTP server sent a kiss-o'-death.
        NtpKissOfDeath = "ntp-kiss-of-death",
        /// The gateway refused the port mapping.
        NatPmpRefused = "nat-pmp-refused",
        /// Only one direction was captured.
        CaptureOneSided = "capture-one-sided",
    }
}

codes! {
    /// Who ended or blocked an attempt.
    Origin {
        /// The client itself.
        Client = "client",
        /// The server.
        Server = "server",
        /// A device on the path between the gateway and the server, or the gateway.
        Middlebox = "middlebox",
        /// A device on the client's own network.
        LocalNetwork = "local-network",
        /// The DNS resolver.
        Resolver = "resolver",
        /// The capture does not tell.
        Unknown = "unknown",
    }
}

codes! {
    /// What a flow counts as.
    Standing {
        /// An attempt of its own.
        Own = "own",
        /// The same conversation was captured elsewhere and is judged there.
        Twin = "twin",
        /// A subflow of a Multipath TCP connection: judged, but no attempt of its own.
        Subflow = "subflow",
    }
}

codes! {
    /// On which side of the gateway something broke, where both were captured.
    Where {
        /// What came in on the client's side never left on the other.
        DroppedInGateway = "dropped-in-gateway",
        /// What came back on the other side never left on the client's.
        NotForwardedBack = "not-forwarded-back",
        /// What refused it was seen on the client's side alone.
        RejectedByGateway = "rejected-by-gateway",
        /// The other side shows the same.
        BeyondGateway = "beyond-gateway",
    }
}

codes! {
    /// What all attempts of a device at a requirement come to.
    Status {
        /// At least one finished attempt and none succeeded.
        Failing = "failing",
        /// Successes and failures that no fallback explains.
        Flaky = "flaky",
        /// Succeeded, but only by a fallback.
        Degraded = "degraded",
        /// Attempts, none finished yet.
        Pending = "pending",
        /// Attempts that the capture does not show enough of.
        Unjudged = "unjudged",
        /// Every finished attempt succeeded.
        Ok = "ok",
        /// No attempt.
        NotSeen = "not-seen",
    }
}

codes! {
    /// What a flow speaks, told by its first bytes or its port.
    App {
        /// TLS over TCP.
        Tls = "tls",
        /// QUIC.
        Quic = "quic",
        /// HTTP/1, CONNECT included.
        Http = "http",
        /// DAAP (music libraries shared by iTunes), by the request line of its HTTP.
        Daap = "daap",
        /// RTSP (`AirPlay`), by its request line.
        Rtsp = "rtsp",
        /// SOCKS.
        Socks = "socks",
        /// NTP.
        Ntp = "ntp",
        /// NAT-PMP or PCP.
        NatPmp = "nat-pmp",
        /// Multicast DNS.
        Mdns = "mdns",
        /// DNS.
        Dns = "dns",
        /// Something else, or nothing was said.
        Unknown = "unknown",
    }
}

codes! {
    /// Where a flow's name comes from.
    NameSource {
        /// TLS server name indication.
        Sni = "sni",
        /// SNI in a QUIC Initial.
        QuicSni = "quic-sni",
        /// Target of an HTTP or SOCKS CONNECT.
        Connect = "connect",
        /// HTTP Host header.
        HttpHost = "http-host",
        /// The server's certificate.
        Certificate = "certificate",
        /// A DNS answer to this client.
        Dns = "dns",
        /// A DNS answer to another client.
        DnsOtherClient = "dns-other-client",
    }
}

impl Status {
    /// It tells how things are. Where nobody tried, or nothing is over yet, what was known before stays.
    #[must_use]
    pub const fn says_something(self) -> bool {
        match self {
            Self::NotSeen | Self::Pending => false,
            Self::Failing | Self::Flaky | Self::Degraded | Self::Unjudged | Self::Ok => true,
        }
    }
}
