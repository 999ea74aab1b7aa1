//! Which packets belong to the evidence of a requirement, or of some flows.
//!
//! Input: a summary, then frames with what decoding made of them. Output: whether a frame belongs, with its comments:
//! - packets of the flows, both ways, from their first to their last, on both sides of a gateway that translates addresses;
//! - DNS messages about the flows' names, from `NAME_BEFORE` before (or the answer that is cited) to the last packet;
//!   all questions that count as attempts at the requirement;
//! - ICMP errors that quote any of these; fragments between the same addresses at that time;
//! - every cited frame, whatever it is;
//! - where a device got no answer, one packet that shows that answers to it would have been captured.
//!
//! What a verdict takes from other conversations (which address a resolver gave another device, how far away a server
//! is in other flows) comes along only where a frame of it is cited.

use std::collections::{HashMap, HashSet};
use std::net::IpAddr;
use std::time::Duration;

use super::comments;
use crate::capture::frame::{Frame, FrameId, Timestamp};
use crate::decode::{PacketView, QuotedPacket, TransportView};
use crate::picture::Selection;
use crate::protocol::dns;
use crate::verdict::outcome::{Cause, NameSource, Origin, Standing, Transport};
use crate::verdict::summary::{DnsQuestion, Evidence, Flow, Requirement, Summary};

/// How long before a flow a question for its name may have led to it.
const NAME_BEFORE: Duration = Duration::from_secs(60);

/// Added around everything: copies of a packet at other places have slightly other times.
const SLACK: Duration = Duration::from_secs(1);

/// How long after a question its answers, and its repetitions, still come.
const ANSWER_WITHIN: Duration = Duration::from_secs(30);

/// RFC 1035 section 4.2.
const DNS_PORT: u16 = 53;

/// IP protocol numbers.
const TCP: u8 = 6;
const UDP: u8 = 17;

/// Two ends, the lesser first.
type Pair<E> = (E, E);

/// Both directions of a conversation.
fn pair<E: Ord>(one: E, other: E) -> Pair<E> {
    if one <= other {
        (one, other)
    } else {
        (other, one)
    }
}

/// Both ends with protocol and ports.
type Tuple = (u8, Pair<(IpAddr, u16)>);

/// From when to when.
#[derive(Clone, Copy, Debug)]
struct Window {
    from: Timestamp,
    to: Timestamp,
}

impl Window {
    fn new(from: Timestamp, to: Timestamp) -> Self {
        Self {
            from: from.before(SLACK),
            to: to.after(SLACK),
        }
    }

    fn holds(&self, at: Timestamp) -> bool {
        (self.from..=self.to).contains(&at)
    }
}

fn any(windows: Option<&Vec<Window>>, at: Timestamp) -> bool {
    windows.is_some_and(|windows| windows.iter().any(|window| window.holds(at)))
}

/// A flow that is wanted.
#[derive(Debug)]
struct Wanted {
    window: Window,
    /// Its verdict, until its first packet took it.
    verdict: Option<String>,
}

/// Tells evidence from other packets.
#[derive(Debug, Default)]
pub struct Picker {
    flows: HashMap<Tuple, Vec<Wanted>>,
    /// DNS names, as reports spell them, and who asks for them.
    names: HashMap<(String, IpAddr), Vec<Window>>,
    /// Who asked which resolver.
    asked: HashMap<Pair<IpAddr>, Vec<Window>>,
    /// Addresses that exchange fragments of wanted packets.
    between: HashMap<Pair<IpAddr>, Vec<Window>>,
    /// Notes of cited frames with their comments.
    cited: HashMap<Cited, Vec<(String, String)>>,
    devices: HashSet<IpAddr>,
    /// Devices that got no answer, until a packet to them is met.
    unanswered: HashSet<IpAddr>,
    expected: u64,
    picked: u64,
}

/// What a cited frame is known by: its number, or its time where it has none any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Cited {
    Number(FrameId),
    Time(Timestamp),
}

impl Picker {
    /// Of the evidence of a requirement.
    #[must_use]
    pub fn of_requirement(summary: &Summary, row: &Requirement) -> Self {
        let mut picker = Self::default();
        // First, for it knows the origin where a question does not.
        picker.cite(&row.evidence, row.cause, row.origin);
        let addresses = row
            .client
            .as_ref()
            .map_or(&[][..], |client| &client.addresses);
        let own = summary
            .flows
            .iter()
            .filter(|flow| row.flows.contains(&flow.id));
        // Where addresses are translated, the packets of a flow on the other side are another pair's.
        let twins: HashSet<&String> = own
            .clone()
            .filter_map(|flow| flow.twin.as_ref().map(|twin| &twin.id))
            .collect();
        let other = summary.flows.iter().filter(|flow| {
            flow.standing == Standing::Twin
                && twins.contains(&flow.id)
                && !row.flows.contains(&flow.id)
        });
        for flow in own.chain(other) {
            picker.want_flow(flow, addresses, summary);
        }
        for question in &summary.dns {
            if question.requirement.as_ref() == Some(&row.pattern)
                && addresses.contains(&question.client)
            {
                picker.want_question(question);
            }
        }
        picker
    }

    /// Of these flows and questions.
    #[must_use]
    pub fn of_selection(summary: &Summary, selection: &Selection) -> Self {
        let mut picker = Self::default();
        let flows = summary.flows.iter();
        for flow in flows.filter(|flow| selection.flows.contains(&flow.id)) {
            picker.want_flow(flow, device_of(flow.client.ip, summary), summary);
        }
        let is_asked = |question: &&DnsQuestion| {
            let mut asked = selection.questions.iter();
            asked.any(|asked| asked.is(question))
        };
        for question in summary.dns.iter().filter(is_asked) {
            picker.want_question(question);
        }
        picker
    }

    /// The comments of a frame that belongs to the evidence; none if it does not. `packet` is what decoding made of it.
    pub fn picks(
        &mut self,
        frame: &Frame<'_>,
        packet: Option<&PacketView<'_>>,
    ) -> Option<Vec<String>> {
        let at = frame.seen.at;
        let numbered = is_numbered(frame);
        let key = if numbered {
            Cited::Number(frame.seen.frame)
        } else {
            Cited::Time(at)
        };
        let mut verdicts = Vec::new();
        let belongs = packet.is_some_and(|packet| {
            let witness = self.unanswered.remove(&packet.dst);
            let belongs = self.belongs(packet, at, &mut verdicts);
            if witness && !belongs {
                verdicts.push(comments::witness(packet.dst));
            }
            belongs || witness
        });
        let cited = self.cited.get(&key).filter(|_| belongs || numbered);
        if !belongs && cited.is_none() {
            return None;
        }
        verdicts.extend(
            cited
                .into_iter()
                .flatten()
                .map(|(_, comment)| comment.clone()),
        );
        Some(verdicts)
    }

    /// Packets of the flows as the summary counts them.
    #[must_use]
    pub const fn expected(&self) -> u64 {
        self.expected
    }

    /// Packets of the flows that were picked.
    #[must_use]
    pub const fn picked(&self) -> u64 {
        self.picked
    }

    /// The devices that packets are picked of: one end of each, but for cited frames.
    #[must_use]
    pub fn devices(&self) -> HashSet<IpAddr> {
        self.devices.clone()
    }

    /// Whether a frame is cited.
    #[must_use]
    pub fn cites(&self, frame: &Frame<'_>) -> bool {
        is_numbered(frame) && self.cited.contains_key(&Cited::Number(frame.seen.frame))
    }

    /// No packet before this is of the flows and questions, nor cited; none if there are none.
    #[must_use]
    pub fn from(&self) -> Option<Timestamp> {
        let flows = self.flows.values().flatten().map(|wanted| &wanted.window);
        let questions = self.asked.values().flatten();
        let cited = self.cited.keys().filter_map(|key| match key {
            Cited::Time(at) => Some(*at),
            Cited::Number(_) => None,
        });
        let windows = flows.chain(questions).map(|window| window.from);
        windows.chain(cited).min()
    }

    fn belongs(
        &mut self,
        packet: &PacketView<'_>,
        at: Timestamp,
        verdicts: &mut Vec<String>,
    ) -> bool {
        let (protocol, ports, payload) = match &packet.transport {
            TransportView::Tcp(tcp) => (TCP, (tcp.src_port, tcp.dst_port), None),
            TransportView::Udp(udp) => (UDP, (udp.src_port, udp.dst_port), Some(udp.payload)),
            TransportView::Icmp(icmp) => {
                return icmp.quoted.is_some_and(|quoted| self.quoted(&quoted, at));
            }
            TransportView::Fragment => {
                return any(self.between.get(&pair(packet.src, packet.dst)), at);
            }
            TransportView::Other(_) => return false,
        };
        if self.of_flow(packet, protocol, ports, at, verdicts) {
            return true;
        }
        if ports.0 != DNS_PORT && ports.1 != DNS_PORT {
            return false;
        }
        let named = payload.and_then(|payload| dns::parse(payload).ok()?.question);
        match named {
            Some(question) => {
                let client = if ports.0 == DNS_PORT {
                    packet.dst
                } else {
                    packet.src
                };
                any(self.names.get(&(question.name.to_text(), client)), at)
            }
            // A stream, or cut: it is known by its ends.
            None => any(self.asked.get(&pair(packet.src, packet.dst)), at),
        }
    }

    fn of_flow(
        &mut self,
        packet: &PacketView<'_>,
        protocol: u8,
        ports: (u16, u16),
        at: Timestamp,
        verdicts: &mut Vec<String>,
    ) -> bool {
        let tuple = (protocol, pair((packet.src, ports.0), (packet.dst, ports.1)));
        let Some(flows) = self.flows.get_mut(&tuple) else {
            return false;
        };
        let mut belongs = false;
        for wanted in flows.iter_mut().filter(|wanted| wanted.window.holds(at)) {
            belongs = true;
            verdicts.extend(wanted.verdict.take());
        }
        self.picked += u64::from(belongs);
        belongs
    }

    fn quoted(&self, quoted: &QuotedPacket, at: Timestamp) -> bool {
        let ends = pair((quoted.src, quoted.src_port), (quoted.dst, quoted.dst_port));
        let of_flow = self
            .flows
            .get(&(quoted.protocol, ends))
            .is_some_and(|flows| flows.iter().any(|wanted| wanted.window.holds(at)));
        let of_question = quoted.src_port == DNS_PORT || quoted.dst_port == DNS_PORT;
        of_flow || (of_question && any(self.asked.get(&pair(quoted.src, quoted.dst)), at))
    }

    /// `device`: all addresses of the client, for it may ask by another one than it connects from.
    fn want_flow(&mut self, flow: &Flow, device: &[IpAddr], summary: &Summary) {
        let window = Window::new(flow.first, flow.last);
        let (client, server) = (flow.client, flow.server);
        let protocol = match flow.transport {
            Transport::Tcp => TCP,
            Transport::Udp => UDP,
        };
        let tuple = (
            protocol,
            pair((client.ip, client.port), (server.ip, server.port)),
        );
        self.flows.entry(tuple).or_default().push(Wanted {
            window,
            verdict: Some(comments::verdict(flow)),
        });
        self.devices.insert(client.ip);
        self.devices.extend(device);
        if flow.frames.server == 0 {
            self.unanswered.insert(client.ip);
        }
        self.expected += flow.frames.client + flow.frames.server;
        self.between
            .entry(pair(client.ip, server.ip))
            .or_default()
            .push(window);
        self.cite(&flow.evidence, flow.cause, flow.origin);
        let Some(name) = &flow.name else {
            return;
        };
        let cited = flow.evidence.iter().map(|evidence| evidence.time).min();
        let from = cited
            .unwrap_or(flow.first)
            .min(flow.first.before(NAME_BEFORE));
        let asking = Window::new(from, flow.last);
        let asks = |asker: &IpAddr| *asker == client.ip || device.contains(asker);
        for asker in device.iter().chain([&client.ip]) {
            let key = (name.host.clone(), *asker);
            self.names.entry(key).or_default().push(asking);
        }
        let lent = name.source == NameSource::DnsOtherClient;
        for question in &summary.dns {
            let gave = || lent && question.addresses.contains(&server.ip);
            if question.name == name.host
                && asking.holds(question.first)
                && (asks(&question.client) || gave())
            {
                self.want_question(question);
            }
        }
    }

    fn want_question(&mut self, question: &DnsQuestion) {
        let cited = question.evidence.iter().map(|evidence| evidence.time).max();
        let last = cited.unwrap_or(question.first).max(question.first);
        let window = Window::new(question.first, last.after(ANSWER_WITHIN));
        let key = (question.name.clone(), question.client);
        self.names.entry(key).or_default().push(window);
        let ends = pair(question.client, question.resolver);
        self.asked.entry(ends).or_default().push(window);
        self.between.entry(ends).or_default().push(window);
        self.devices.insert(question.client);
        if question.rcode.is_none() {
            self.unanswered.insert(question.client);
        }
        self.cite(&question.evidence, question.cause, None);
    }

    fn cite(&mut self, all: &[Evidence], cause: Option<Cause>, origin: Option<Origin>) {
        for evidence in all {
            let number = FrameId::new(
                u16::try_from(evidence.capture).unwrap_or(u16::MAX),
                evidence.frame,
            );
            for key in [Cited::Number(number), Cited::Time(evidence.time)] {
                let comments = self.cited.entry(key).or_default();
                if !comments.iter().any(|(note, _)| *note == evidence.note) {
                    let comment = comments::cited(evidence, cause, origin);
                    comments.push((evidence.note.clone(), comment));
                }
            }
        }
    }
}

/// Whether a frame has the number that the summary knows.
fn is_numbered(frame: &Frame<'_>) -> bool {
    frame.seen.frame != FrameId::default()
}

/// The addresses of a device, as far as a requirement names them.
fn device_of(address: IpAddr, summary: &Summary) -> &[IpAddr] {
    let mut devices = summary.requirements.iter().flat_map(|row| &row.client);
    let device = devices.find(|device| device.addresses.contains(&address));
    device.map_or(&[], |device| &device.addresses)
}
