//! The engine: hands each packet down the line, once.
//!
//! Input: frames with capture times, ticks. Output: what one or several monitors observed, summed up on demand. Pure: no
//! clock, file, socket or thread here or in anything it calls, so live capture, replay, tests and fuzzers all drive
//! this one type. Bounds: [`Limits`]; each that bites is counted in the summary.

mod bonjour;
mod datagrams;
mod group;
mod openings;
mod payload;
mod segments;
pub mod share;

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;

use crate::capture::frame::{Frame, Seen, Timestamp};
use crate::catalogue::Catalogue;
use crate::decode::{DecodeError, Decoder, ErrorClass, PacketView, TransportView};
use crate::flow::duplicate::DuplicateFilter;
use crate::flow::hosts::{HostBook, MAX_HOSTS};
use crate::flow::{FlowTable, Place, Places};
use crate::protocol::known_names::KnownNames;
use crate::protocol::lookups::{LookupBook, MAX_LOOKUPS};
use crate::protocol::names::{MAX_BINDINGS, NameBook};
use crate::protocol::quic::KeyCache;
use crate::protocol::services::{MAX_SERVICES, ServiceBook};
use crate::side::Side;
use crate::verdict::assemble::{Observed, Options, summarize};
use crate::verdict::conversation::Conversation;
use crate::verdict::summary::{self, Summary};
use group::Ends;
pub use group::GROUP;
use openings::Openings;
use share::Share;

/// IP protocol number (RFC 9293 section 3.1).
const TCP: u8 = 6;

/// IP protocol number (RFC 768).
const UDP: u8 = 17;

/// RFC 1035 section 4.2.
const DNS_PORT: u16 = 53;

/// Largest numbers of things kept, and done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Flows in the table: each takes two kilobytes, and as much again in a report.
    pub flows: usize,
    /// DNS questions.
    pub lookups: usize,
    /// Name bindings.
    pub names: usize,
    /// Addresses.
    pub hosts: usize,
    /// Bonjour services, hosts and questions, each.
    pub services: usize,
    /// Bytes under reassembly over all flows.
    pub reassembly_bytes: usize,
    /// Tries to open a QUIC Initial, in each second of capture time.
    pub quic_openings: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            // All unfinished, as in a flood, they take a gigabyte with the report on them.
            flows: 250_000,
            lookups: MAX_LOOKUPS,
            names: MAX_BINDINGS,
            hosts: MAX_HOSTS,
            services: MAX_SERVICES,
            reassembly_bytes: 64 << 20,
            // An estimate: several tries for each of some thousands of new connections a second.
            quic_openings: 20_000,
        }
    }
}

/// What decoding and deduplication say of one input.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CaptureCounters {
    /// Copies of frames.
    pub duplicates: u64,
    /// Frames that could not be decoded, by reason.
    pub malformed: BTreeMap<&'static str, u64>,
    /// Frames of a link type that is not read.
    pub unsupported: u64,
}

impl CaptureCounters {
    /// Adds what another monitor counted.
    pub fn absorb(&mut self, other: &Self) {
        self.duplicates += other.duplicates;
        self.unsupported += other.unsupported;
        for (reason, count) in &other.malformed {
            *self.malformed.entry(reason).or_default() += count;
        }
    }
}

/// The catalogue of a monitor: the one it was made with, or one that it adopted since.
enum Held<'c> {
    Lent(&'c Catalogue),
    Adopted(Arc<Catalogue>),
}

impl std::ops::Deref for Held<'_> {
    type Target = Catalogue;

    fn deref(&self) -> &Catalogue {
        match self {
            Held::Lent(catalogue) => catalogue,
            Held::Adopted(catalogue) => catalogue,
        }
    }
}

/// The engine.
pub struct Monitor<'c> {
    catalogue: Held<'c>,
    limits: Limits,
    share: Share,
    decoder: Decoder,
    duplicates: DuplicateFilter,
    places: Places,
    flows: FlowTable<Conversation>,
    lookups: LookupBook,
    names: NameBook,
    known_names: KnownNames,
    hosts: HostBook,
    services: ServiceBook,
    now: Timestamp,
    reassembly_bytes: usize,
    openings: Openings,
    quic_keys: KeyCache,
    counters: Vec<CaptureCounters>,
    limits_hit: BTreeMap<&'static str, u64>,
}

impl<'c> Monitor<'c> {
    /// A monitor that matches against this catalogue.
    #[must_use]
    pub fn new(catalogue: &'c Catalogue, limits: Limits) -> Self {
        Self::of_share(catalogue, limits, Share::WHOLE)
    }

    /// One of several monitors that share a capture and keep to `limits` together. It is to be given its share's frames
    /// (see [`share::owner`]), and every fragment.
    #[must_use]
    pub fn of_share(catalogue: &'c Catalogue, limits: Limits, share: Share) -> Self {
        let limits = share.of_limits(limits);
        Self {
            catalogue: Held::Lent(catalogue),
            limits,
            share,
            decoder: Decoder::new(),
            duplicates: DuplicateFilter::default(),
            places: Places::default(),
            flows: FlowTable::new(limits.flows),
            lookups: LookupBook::new(limits.lookups),
            names: NameBook::with_bound(limits.names),
            known_names: KnownNames::default(),
            hosts: HostBook::new(limits.hosts),
            services: ServiceBook::new(limits.services),
            now: Timestamp::MIN,
            reassembly_bytes: 0,
            openings: Openings::new(limits.quic_openings),
            quic_keys: KeyCache::default(),
            counters: Vec::new(),
            limits_hit: BTreeMap::new(),
        }
    }

    /// Goes on with another catalogue. It says which flows and names are worth keeping from now on; what was kept stays,
    /// and is judged by whatever catalogue a summary is made with.
    pub fn adopt(&mut self, catalogue: Arc<Catalogue>) {
        self.catalogue = Held::Adopted(catalogue);
        self.known_names = KnownNames::default();
    }

    /// Takes a fragment; the one that completes its datagram brings the whole packet.
    #[cold]
    fn fragment(&mut self, frame: &Frame<'_>) {
        // The decoder lends its reassembly buffer to the view: take it out while the view lives.
        let mut decoder = std::mem::take(&mut self.decoder);
        match decoder.decode(frame) {
            Ok(packet) if self.share.has(&packet) => self.packet_of(frame, &packet, None),
            // A fragment goes to all monitors: one of them counts what is wrong with it.
            Err(error) if self.share.is_first() => self.malformed(frame, error),
            Ok(_) | Err(_) => {}
        }
        self.decoder = decoder;
    }

    /// Capture time passes without a packet. Time never goes back.
    pub fn tick(&mut self, now: Timestamp) {
        self.now = self.now.max(now);
    }

    fn malformed(&mut self, frame: &Frame<'_>, error: DecodeError) {
        let counters = self.counters(frame);
        match error.class() {
            ErrorClass::Benign => {}
            ErrorClass::Malformed => *counters.malformed.entry(error.reason()).or_default() += 1,
            ErrorClass::Unsupported => counters.unsupported += 1,
        }
    }

    fn counters(&mut self, frame: &Frame<'_>) -> &mut CaptureCounters {
        let capture = usize::from(frame.seen.frame.capture());
        if self.counters.len() <= capture {
            self.counters
                .resize_with(capture + 1, CaptureCounters::default);
        }
        // The line above made the slot.
        #[expect(
            clippy::indexing_slicing,
            reason = "resized to hold this index just above"
        )]
        &mut self.counters[capture]
    }

    fn limit(&mut self, name: &'static str) {
        *self.limits_hit.entry(name).or_default() += 1;
    }

    /// Takes a packet that was captured at this place, of the conversation between these ends if it may be of one.
    fn decoded(
        &mut self,
        frame: &Frame<'_>,
        packet: &PacketView<'_>,
        place: Place,
        ends: Option<&Ends>,
    ) {
        let conversation = ends.map(Ends::hash);
        if self
            .duplicates
            .is_copy(packet, place, conversation, frame.seen.at)
        {
            self.counters(frame).duplicates += 1;
            return;
        }
        let seen = frame.seen;
        match (&packet.transport, ends) {
            (TransportView::Tcp(tcp), Some(ends)) => self.segment(packet, tcp, ends, seen),
            (TransportView::Udp(udp), ends) => self.datagram(packet, udp, (place, ends), seen),
            (TransportView::Icmp(icmp), _) => self.icmp(packet, icmp, place, seen),
            (TransportView::Tcp(_) | TransportView::Other(_) | TransportView::Fragment, _) => {}
        }
    }

    /// Notes both ends of a packet.
    fn meet(&mut self, packet: &PacketView<'_>, place: Place, seen: Seen) {
        let place = self.places.info(place);
        self.hosts
            .packet((packet.src, packet.src_mac), packet.dst, place, seen);
    }

    /// Which end of a conversation without a SYN is the client: the one whose port is no service's, else the one with
    /// the higher port, else the first sender.
    fn is_client(&self, src: u16, dst: u16, well_known: fn(u16) -> bool) -> bool {
        let service = |port: u16| well_known(port) || self.is_catalogue_port(port);
        match (service(src), service(dst)) {
            (true, false) => false,
            (false, true) => true,
            (_, _) => src >= dst,
        }
    }

    fn is_catalogue_port(&self, port: u16) -> bool {
        use crate::transport::Transport;
        self.catalogue.by_port(Transport::Tcp, port).is_some()
            || self.catalogue.by_port(Transport::Udp, port).is_some()
    }

    /// Adds a flow, giving up a less valuable one if the table is full.
    fn begin(&mut self, mut conversation: Conversation) -> crate::flow::table::FlowId {
        let (client, server) = ends(&conversation);
        conversation.precious = self.names.gave_wanted(client, server);
        conversation.promising = self.names.is_wanted(server);
        let (id, gone) = self.flows.insert(conversation, worth);
        if let Some(gone) = gone {
            self.reassembly_bytes = self.reassembly_bytes.saturating_sub(gone.buffered());
            self.limit("flows");
            if gone.precious {
                self.limit("required-flows");
            }
        }
        id
    }

    /// What this monitor saw, for one summary over several.
    #[must_use]
    pub fn observed(&self) -> Observed<'_> {
        let mut limits_hit: BTreeMap<String, u64> = self
            .limits_hit
            .iter()
            .map(|(name, count)| ((*name).to_owned(), *count))
            .collect();
        // Every monitor sees all fragments.
        let fragments = if self.share.is_first() {
            self.decoder.limits_hit()
        } else {
            0
        };
        let counted = [
            ("lookups", self.lookups.evicted()),
            ("names", self.names.evicted()),
            ("hosts", self.hosts.evicted()),
            ("bonjour", self.services.evicted()),
            ("fragments", fragments),
            ("places", self.places.crowded()),
        ];
        for (name, count) in counted {
            if count > 0 {
                limits_hit.insert(name.to_owned(), count);
            }
        }
        Observed {
            conversations: self
                .flows
                .iter()
                .filter(|conversation| !conversation.is_dns())
                .map(|conversation| {
                    (
                        conversation,
                        self.places.info(conversation.flow.key.place()),
                    )
                })
                .collect(),
            lookups: self
                .lookups
                .lookups()
                .iter()
                .map(|lookup| (lookup, self.places.info(lookup.place)))
                .collect(),
            names: vec![&self.names],
            hosts: vec![&self.hosts],
            services: vec![&self.services],
            now: self.now,
            limits_hit,
        }
    }

    /// Counters of the inputs, by number.
    #[must_use]
    pub fn capture_counters(&self) -> &[CaptureCounters] {
        &self.counters
    }

    /// The summary of what this monitor alone saw.
    #[must_use]
    pub fn summary(&self, captures: Vec<summary::Capture>, options: &Options<'_>) -> Summary {
        summarize(&self.observed(), captures, options)
    }
}

/// What a flow is worth when one must go: its class first, then how recently it was active. Unanswered and nameless
/// flows go first, so that a flood gives up its own kind; attempts at a required host go last, of these the ones whose
/// client was given the address for it.
fn worth(conversation: &Conversation) -> u64 {
    let flow = &conversation.flow;
    let answered = flow.both_ways();
    let named = !matches!(
        conversation.talk,
        crate::verdict::conversation::Talk::Undecided(_)
            | crate::verdict::conversation::Talk::Midway(_)
            | crate::verdict::conversation::Talk::Opaque
    );
    // Its client had asked for the name; a hello alone may say any.
    let asked = conversation.precious && conversation.weighed.is_none();
    let class: u64 = match (answered, named) {
        _ if asked => 6,
        (true, _) if conversation.precious => 5,
        _ if conversation.precious => 4,
        _ if conversation.promising => 3,
        (true, true) => 2,
        (true, false) => 1,
        (false, _) => 0,
    };
    // Seconds fill 34 bits until the year 2514.
    let seconds = u64::try_from(flow.last.at.as_nanos() / 1_000_000_000).unwrap_or(0);
    (class << 40) | (seconds & 0xff_ffff_ffff)
}

/// The client's address and the server's, of a conversation.
#[must_use]
pub fn ends(conversation: &Conversation) -> (IpAddr, IpAddr) {
    let flow = &conversation.flow;
    (flow.endpoint(Side::Client).0, flow.endpoint(Side::Server).0)
}
