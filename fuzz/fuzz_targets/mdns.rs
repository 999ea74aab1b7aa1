//! mDNS messages, and the names in them.
#![no_main]

use libfuzzer_sys::fuzz_target;
use windfall::protocol::dns::MAX_RECORDS;
use windfall::protocol::mdns::parse;

fuzz_target!(|input: &[u8]| {
    let Ok(message) = parse(input) else { return };
    assert!(message.records.len() <= MAX_RECORDS);
    let _ = (message.is_probe(), message.has_known_answers());
    let owners = message.records.iter().map(|record| &record.owner);
    for name in owners.chain(message.questions().map(|question| &question.name)) {
        assert!(name.labels().count() < 128);
        let _ = (name.instance(), name.service_type(), name.browsed());
        // 253 bytes of labels, each escaped.
        assert!(name.to_hostname().as_bytes().len() <= 2 * 253);
    }
});
