//! Files that are no capture we read are refused with a way out.

use windfall::capture::{CaptureFile, InterfaceTable};

use crate::read::try_read;
use crate::write::{MICROS, Order, Pcap, Pcapng};

fn refusal(bytes: &[u8]) -> String {
    try_read(bytes).unwrap_err().to_string()
}

#[test]
fn an_empty_file() {
    assert_eq!(
        refusal(b""),
        "x.pcap: is empty; the recording wrote nothing, or was not flushed yet"
    );
}

#[test]
fn a_file_cut_inside_its_header() {
    let pcap = Pcap::new(Order::Big, MICROS, 1).bytes;
    for length in 1..24 {
        assert_eq!(
            refusal(&pcap[..length]),
            format!(
                "x.pcap: ends inside the pcap file header (needs 24 bytes, has {length}); there is no packet in it"
            )
        );
    }
    let pcapng = Pcapng::new(Order::Big).bytes;
    for length in 1..28 {
        let text = refusal(&pcapng[..length]);
        assert!(
            text.contains(&format!(
                "pcapng file header (needs 28 bytes, has {length})"
            )),
            "{text}"
        );
    }
}

#[test]
fn relatives_of_pcap_say_how_to_convert() {
    for magic in [0xa1b2_cd34, 0xa1b2_34cd, 0xa12b_3c4d] {
        for order in [Order::Little, Order::Big] {
            let text = refusal(&Pcap::new(order, magic, 1).bytes);
            assert!(text.contains(&format!("{magic:08x}")), "{text}");
            assert!(text.contains("`editcap -F pcap OLD NEW`"), "{text}");
        }
    }
}

#[test]
fn pcap_versions_other_than_2_4() {
    let mut bytes = Pcap::new(Order::Little, MICROS, 1).bytes;
    bytes[6] = 2;
    assert_eq!(
        refusal(&bytes),
        "x.pcap: is pcap version 2.2, and only 2.4 is read; convert it with `editcap -F pcap`"
    );
}

#[test]
fn other_formats_and_text() {
    assert!(refusal(b"snoop\0\0\0\0\0\0\x02\0\0\0\x04").contains("snoop"));
    assert!(
        refusal(b"hello, this is no capture\n")
            .contains("text that begins \"hello, this is no capture\"")
    );
    assert!(refusal(&[0; 100]).contains("00 00 00 00"));
    assert!(refusal(b"PK\x03\x04rest").contains("zip"));
}

#[test]
fn a_section_of_another_version_or_magic() {
    let mut bytes = Pcapng::new(Order::Little).bytes;
    bytes[12] = 2;
    let outcome = try_read(&bytes).unwrap();
    assert!(
        outcome.error().contains("pcapng version 2.0"),
        "{}",
        outcome.error()
    );
    let mut bytes = Pcapng::new(Order::Little).bytes;
    bytes[8] = 0;
    let outcome = try_read(&bytes).unwrap();
    assert!(
        outcome.error().contains("0x1a2b3c00"),
        "{}",
        outcome.error()
    );
}

#[test]
fn what_cannot_be_opened() {
    let missing = std::path::Path::new("/nonexistent/x.pcap");
    let error = CaptureFile::open(missing, 0, &mut InterfaceTable::new())
        .err()
        .unwrap();
    assert!(
        error
            .to_string()
            .starts_with("/nonexistent/x.pcap: cannot be opened: No such file")
    );
    assert_eq!(error.place(), None);
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let error = CaptureFile::open(folder, 0, &mut InterfaceTable::new())
        .err()
        .unwrap();
    assert!(error.to_string().contains("is a directory"), "{error}");
}
