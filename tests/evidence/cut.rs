//! A file that was cut anywhere is read up to its last whole packet.

use std::fs;

use crate::kept;
use crate::wireshark::tshark;

/// Bytes at the end that are cut off one by one: several blocks.
const LAST_BYTES: usize = 600;

#[test]
fn at_every_byte_of_its_last_blocks() {
    let folder = kept::folder("cut");
    let (_, saved) = kept::saved(&kept::bundled("itunes-failure.pcapng"), &folder);
    let file = saved[0].file.as_ref().unwrap();
    let bytes = fs::read(&file.path).unwrap();
    let (mut before, cut_file) = (0, folder.join("cut.pcapng"));
    for length in bytes.len() - LAST_BYTES..=bytes.len() {
        fs::write(&cut_file, &bytes[..length]).unwrap();
        let (packets, whole) = kept::packets(&cut_file);
        assert!(
            packets >= before && packets <= file.packets,
            "{length}: {packets}"
        );
        assert!(
            packets + 8 > file.packets,
            "{length}: {packets} of {}",
            file.packets
        );
        before = packets;
        // Wireshark takes a moment to start.
        if length % 53 == 0 {
            let Some(rows) = tshark(&cut_file, &["frame.number"], !whole) else {
                continue;
            };
            assert_eq!(rows.len() as u64, packets, "{length}");
        }
    }
    assert_eq!(before, file.packets);
    assert_eq!(kept::packets(&file.path), (file.packets, true));
}
