//! windfall: which connections an Apple device needs succeed, stall or get reset, why, who did it, and which frames
//! prove it. It is passive: it reads packets and never sends one.
//!
//! # A packet's way, from left to right
//!
//! ```text
//!  capture          decode            flow + protocol       verdict             report
//!  files, blocks ─► link → network ─► flow table, streams ─► rules → outcomes ─► text, json,
//!  of frames        → transport       parsers, name book     requirements        ndjson, csv
//!                   (borrowed views)  lookups                one Summary           html
//!                └──────────────── Monitor: one packet at a time, pure ───────────┘
//! ```
//!
//! - [`capture`]: where frames come from: pcap and pcapng, plain or compressed, several at once, in order of time.
//! - [`decode`]: bytes to borrowed views. Keeps nothing but fragments.
//! - [`flow`]: what happened on the wire: who opened, what was lost, repeated, refused, closed; bytes in order.
//! - [`protocol`]: what was asked for: DNS, TLS, QUIC, HTTP; who asked for which name and got which address.
//! - [`catalogue`]: what should work: hosts, ports, processes, with what their failure means and what to do.
//! - [`process_list`]: which process of a Windows computer owned a connection, told by lists made on it.
//! - [`verdict`]: did it work: one file of rules a stage, then requirements, then the [`verdict::summary::Summary`].
//! - [`monitor`]: the engine that hands each packet down that line, once.
//! - [`pipeline`]: opens inputs, runs monitors, merges what they observed.
//! - [`picture`]: what a screen shows of a run at one moment: the summary, and how the run fares.
//! - [`words`]: what text report, page and screen say in the same words, and text off the wire made harmless.
//! - [`anonymize`]: a summary and frames without what tells whose they are.
//! - [`merge`]: the summaries of several runs as one.
//! - [`events`]: what a run tells others, and what the events of many gateways come to.
//! - [`tui`]: the screen: a picture and keys to a buffer; one file touches the terminal.
//! - [`report`]: a summary to bytes. All outputs see the summary alone, so they cannot disagree.
//! - [`service`]: what a run tells other programs: changes of status, health, metrics; sockets are `cli`'s.
//! - [`privilege`]: what the process gives away once everything is open.
//! - `cli` (in the program, not in this library): the commands and their exit statuses.
//!
//! # The import rule
//!
//! Left may use right, never back:
//! `main → cli → pipeline, report, service, tui → events → words, picture, anonymize, merge → monitor → verdict → catalogue, flow, process_list, protocol → decode → frame`.
//! `flow` and `protocol` do not know each other: [`monitor`] carries bytes from one to the other. [`address_block`],
//! [`hostname`], [`place`], [`side`], [`transport`] and [`capture::frame`] are leaves that all may use. `tests/source_rules`
//! holds this; clippy's `disallowed_methods` keeps clocks, files and sockets out of everything below `pipeline`, and
//! time is an argument: the same capture gives the same report, byte for byte, at any speed.
//!
//! # Words
//!
//! - *frame*: one captured link-layer frame; its number counts the packets of its file from 1, as Wireshark does.
//! - *flow*: one transport conversation with a client and a server; a new SYN on the same ports is a new flow.
//! - *twin*: the same flow captured at a second place (interface, VLAN); judged once, on the client's side.
//! - *device*: the addresses that share a MAC address which is no router's.
//! - *requirement*: a host pattern of the catalogue with its ports and transports.
//! - *attempt*: a flow that a requirement owns, or a failed DNS question for its name.
//! - *stage*: how far an attempt came: resolve, connect, handshake, transfer.
//! - *outcome*: how it ended. What the capture cannot prove is `pending` or `unjudged`, never a guess.
//! - *cause*, *origin*: why it failed, and who ended or blocked it. *Evidence*: the frames that prove it.
//! - *status*: what all attempts of one device at one requirement come to.

pub mod address_block;
pub mod anonymize;
pub mod capture;
pub mod catalogue;
pub mod decode;
pub mod events;
pub mod flow;
mod growth;
pub mod hostname;
pub mod merge;
pub mod monitor;
pub mod picture;
pub mod pipeline;
pub mod place;
pub mod privilege;
pub mod process_list;
pub mod protocol;
pub mod report;
pub mod service;
pub mod side;
pub mod transport;
pub mod tui;
pub mod verdict;
pub mod words;
