//! What the fuzz targets share.
//!
//! [`pieces`]: a conversation as bytes, so that seeds can be written and the fuzzer can cut and join them.
//! [`traffic`]: packet sequences with times, flags and payloads that get past the first checks, made from any bytes.
//! [`segmentation`]: the verdicts on one conversation in segments of a chosen size.
//! [`report`]: everything a replay can say, twice, to see that it says the same. Targets assert more than the absence
//! of panics: bounds are kept, cuts change nothing, and the same packets give the same report.

pub mod frames;
pub mod pieces;
pub mod quic;
pub mod report;
pub mod segmentation;
pub mod traffic;
pub mod twice;

#[path = "../../tests/support/mod.rs"]
#[expect(dead_code, reason = "the tests use what is not used here")]
mod support;
