//! DNS messages.
#![no_main]

use libfuzzer_sys::fuzz_target;
use windfall::protocol::dns::{MAX_QUESTIONS, MAX_RECORDS, parse};

fuzz_target!(|input: &[u8]| {
    let Ok(message) = parse(input) else { return };
    assert!(message.records.len() <= MAX_RECORDS);
    assert!(message.further_questions.len() < MAX_QUESTIONS);
    let answer = message.answer();
    let one_by_one = answer.addresses.iter().all(|address| {
        let same = answer.addresses.iter().filter(|other| *other == address);
        same.count() == 1
    });
    assert!(one_by_one);
    if message.question.is_none() {
        assert!(answer.addresses.is_empty() && answer.hints.is_empty());
    }
});
