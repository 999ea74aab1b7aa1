//! Did it work: rules from facts to words.
//!
//! Input: conversations and lookups as `monitor` filled them. Output: a [`summary::Summary`]. One file of rules a stage
//! (`resolve`, `connect`, `handshake`, `transfer`) or protocol (`http` for plaintext, `quic`, `ntp`, `nat_pmp`), `origin` for who did it, `requirement` for
//! what many attempts come to. Every rule is a pure function of facts and a capture time, and where the capture cannot
//! prove a verdict the answer is `pending` or `unjudged`.

pub mod address;
pub mod assemble;
pub mod bonjour;
pub mod clocks;
pub mod community_id;
pub mod connect;
pub mod conversation;
pub mod device;
pub mod findings;
pub mod gap;
pub mod handshake;
pub mod hidden;
pub mod http;
pub mod judge;
pub mod migration;
pub mod nat_pmp;
pub mod ntp;
pub mod origin;
pub mod outcome;
pub mod process;
pub mod proxy;
pub mod quic;
pub mod relations;
pub mod requirement;
pub mod resolve;
pub mod rows;
pub mod ruling;
pub mod sides;
pub mod spread;
pub mod subflow;
pub mod subject;
pub mod summary;
pub mod timers;
pub mod transfer;
pub mod tried;
pub mod unanswered;
