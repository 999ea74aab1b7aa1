//! Names off the wire and from operators' files do nothing to a terminal, a folder or a file's reader.

use windfall::capture::write::{About, PcapngFile};
use windfall::pipeline::evidence::{Files, save};

use crate::kept;
use crate::wireshark::tshark;

const EVIL: &str = "a\nb\r\x1b[2Jc\u{202e}moc\u{200b}\0 ../../x";

#[test]
fn comments_are_one_harmless_line() {
    let path = kept::made("hostile").join("comments.pcapng");
    let about = About {
        comment: EVIL.to_owned(),
        snap_len: 0,
    };
    let mut file = PcapngFile::create(&path, &about).unwrap();
    let long = EVIL.repeat(10_000);
    file.packet(&kept::frame(1, 0, &[0; 60]), None, &[EVIL, &long])
        .unwrap();
    file.packet(&kept::frame(2, 0, &[0; 60]), None, &["plain → text"])
        .unwrap();
    assert_eq!(file.finish().unwrap().packets, 2);
    let bytes = std::fs::read(&path).unwrap();
    for evil in ["a\nb", "\x1b[", "\u{202e}", "\u{200b}"] {
        let found = bytes
            .windows(evil.len())
            .any(|window| window == evil.as_bytes());
        assert!(!found, "{evil:?} is in the file");
    }
    assert_eq!(kept::packets(&path), (2, true));
    if let Some(rows) = tshark(&path, &["frame.comment"], false) {
        assert_eq!(rows.len(), 2, "{rows:?}");
        assert!(
            rows[0].contains("2Jc") && !rows[0].contains('\u{1b}'),
            "{}",
            rows[0]
        );
        assert_eq!(rows[1], "plain → text");
    }
}

#[test]
fn file_names_hold_nothing_off_the_wire_and_stay_in_the_folder() {
    let capture = kept::bundled("itunes-failure.pcapng");
    let (mut summary, _) = kept::judged(&capture);
    for row in &mut summary.requirements {
        row.id = EVIL.to_owned();
        row.pattern = EVIL.to_owned();
    }
    let folder = kept::folder("hostile-names");
    let saved = save(&summary, &Files::replayed(&[capture]), &folder).unwrap();
    assert!(saved.len() > 2);
    for saved in &saved {
        let path = &saved.file.as_ref().unwrap().path;
        assert_eq!(path.parent().unwrap(), folder);
        let name = path.file_name().unwrap().to_str().unwrap();
        let usual = |char: char| char.is_ascii_alphanumeric() || "-._".contains(char);
        assert!(name.chars().all(usual) && !name.starts_with('.'), "{name}");
    }
    // The same name for three requirements of one device: each has a file of its own.
    let files = std::fs::read_dir(&folder).unwrap().count();
    assert_eq!(files, saved.len());
}
