//! What is there is never overwritten, no link is followed, and a full disk keeps what was written.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use windfall::capture::write::{About, PcapngFile, WriteError};
use windfall::picture::Selection;
use windfall::pipeline::evidence::{Batches, Files, save, write_selection};

use crate::kept;

fn begin(path: &Path) -> Result<PcapngFile, WriteError> {
    PcapngFile::begin(path, &About::default())
}

#[test]
fn an_existing_file_and_a_link_are_left_alone() {
    let folder = kept::made("refused");
    let (file, link, dangling) = (
        folder.join("file"),
        folder.join("link"),
        folder.join("dangling"),
    );
    fs::write(&file, "precious").unwrap();
    symlink(&file, &link).unwrap();
    symlink(folder.join("nowhere"), &dangling).unwrap();
    for make in [begin, |path: &Path| {
        PcapngFile::create(path, &About::default())
    }] {
        let told = make(&file).unwrap_err().to_string();
        assert!(told.contains("exists and is not overwritten"), "{told}");
        for link in [&link, &dangling] {
            let told = make(link).unwrap_err().to_string();
            assert!(told.contains("is a symbolic link"), "{told}");
        }
    }
    assert_eq!(fs::read(&file).unwrap(), b"precious");
    assert!(!folder.join("nowhere").exists());
}

#[test]
fn a_link_in_the_place_of_the_unfinished_file_is_not_followed_either() {
    let folder = kept::made("refused-partial");
    symlink(folder.join("target"), folder.join("a.pcapng.partial")).unwrap();
    let error = begin(&folder.join("a.pcapng")).unwrap_err();
    assert!(matches!(error, WriteError::Link { .. }), "{error}");
    assert!(!folder.join("target").exists());
}

#[test]
fn a_name_taken_meanwhile_is_not_overwritten_and_the_packets_are_kept() {
    let folder = kept::made("refused-meanwhile");
    let path = folder.join("a.pcapng");
    let mut file = begin(&path).unwrap();
    file.packet::<&str>(&kept::frame(1, 0, &[7; 60]), None, &[])
        .unwrap();
    fs::write(&path, "precious").unwrap();
    let error = file.finish().unwrap_err().to_string();
    assert!(error.contains("a.pcapng.partial is whole"), "{error}");
    assert_eq!(fs::read(&path).unwrap(), b"precious");
    assert_eq!(kept::packets(&folder.join("a.pcapng.partial")), (1, true));
}

#[test]
fn saving_twice_keeps_both() {
    let folder = kept::folder("refused-twice");
    let capture = kept::bundled("refused.pcapng");
    let (_, first) = kept::saved(&capture, &folder);
    let (_, second) = kept::saved(&capture, &folder);
    let name = |saved: &windfall::pipeline::evidence::Saved| {
        let path = &saved.file.as_ref().unwrap().path;
        path.file_stem().unwrap().to_string_lossy().into_owned()
    };
    assert_eq!(format!("{}-2", name(&first[0])), name(&second[0]));
    assert_eq!(fs::read_dir(&folder).unwrap().count(), first.len() * 2);
}

#[test]
fn flows_go_to_the_name_given_and_nowhere_else() {
    let folder = kept::made("flows");
    let capture = kept::bundled("itunes-failure.pcapng");
    let (summary, _) = kept::judged(&capture);
    let flow = summary
        .flows
        .iter()
        .find(|flow| flow.cause.is_some())
        .unwrap();
    let selection = Selection {
        flows: vec![flow.id.clone()],
        questions: Vec::new(),
    };
    let paths = [capture];
    let path = folder.join("mine.pcapng");
    let source = Files::replayed(&paths);
    let saved = write_selection(&summary, &selection, &source, Some(&path), &folder).unwrap();
    assert_eq!(saved.file.as_ref().unwrap().path, path);
    assert!(kept::packets(&path).0 >= flow.frames.client + flow.frames.server);
    let told = write_selection(&summary, &selection, &source, Some(&path), &folder)
        .unwrap_err()
        .to_string();
    assert!(told.contains("exists and is not overwritten"), "{told}");
    let named = write_selection(&summary, &selection, &source, None, &folder)
        .unwrap()
        .to_string();
    assert!(
        named.contains("flows-20") && !named.contains('\n'),
        "{named}"
    );
}

#[test]
fn packets_that_are_gone_are_counted() {
    let folder = kept::made("gone");
    let capture = kept::bundled("itunes-failure.pcapng");
    let (summary, _) = kept::judged(&capture);
    let mut replay = windfall::capture::Replay::open(&[&capture]);
    let mut kept_frames = windfall::capture::batch::Batch::with_room(1 << 20, 4000);
    let mut number = 0;
    while replay.advance() {
        number += 1;
        if number > 300 {
            assert!(kept_frames.push(&replay.frame().unwrap()));
        }
    }
    let batches = [&kept_frames];
    let source = Batches {
        batches: batches.iter().copied(),
        interfaces: replay.interfaces(),
        ring: None,
    };
    let saved = save(&summary, &source, &folder).unwrap();
    let push = saved
        .iter()
        .find(|saved| saved.what.contains("push"))
        .unwrap();
    assert!(
        push.missing.packets > 0 && push.missing.packets <= push.missing.of,
        "{push}"
    );
    let row = summary
        .requirements
        .iter()
        .find(|row| {
            row.client.is_some()
                && push
                    .what
                    .contains(&format!("{} {}", row.pattern, row.status))
        })
        .unwrap();
    let flows = summary
        .flows
        .iter()
        .filter(|flow| row.flows.contains(&flow.id));
    let all: u64 = flows
        .map(|flow| flow.frames.client + flow.frames.server)
        .sum();
    assert_eq!(push.missing.of, all);
    let albert = saved
        .iter()
        .find(|saved| saved.what.contains("albert"))
        .unwrap();
    assert_eq!(albert.missing.packets, 0, "{albert}");
    let nothing = Batches {
        batches: std::iter::empty(),
        interfaces: replay.interfaces(),
        ring: None,
    };
    for saved in save(&summary, &nothing, &folder).unwrap() {
        assert!(saved.to_string().contains("can be had any more"), "{saved}");
    }
}

/// Runs this test program again, within a mount namespace that has 64 KiB of disk.
#[test]
fn a_full_disk_keeps_what_was_written() {
    const FULL: &str = "WINDFALL_TEST_FULL_DISK";
    if let Some(folder) = std::env::var_os(FULL) {
        fill(Path::new(&folder));
        return;
    }
    let folder = kept::made("full");
    let script = "mount -t tmpfs -o size=64k tmpfs \"$WINDFALL_TEST_FULL_DISK\" || exit 77\nexec \"$0\" --exact refused::a_full_disk_keeps_what_was_written --nocapture";
    let output = Command::new("unshare")
        .args(["--mount", "--map-root-user", "--user", "sh", "-c", script])
        .arg(std::env::current_exe().unwrap())
        .env(FULL, &folder)
        .output();
    match output {
        Ok(output)
            if output.status.code() == Some(77)
                || String::from_utf8_lossy(&output.stderr).contains("unshare:") =>
        {
            eprintln!(
                "skipped: {}",
                String::from_utf8_lossy(&output.stderr).trim()
            );
        }
        Err(error) => eprintln!("skipped: {error}"),
        Ok(output) => {
            let said = String::from_utf8_lossy(&output.stdout);
            let told = String::from_utf8_lossy(&output.stderr);
            assert!(
                output.status.success() && said.contains("1 passed"),
                "{said}{told}"
            );
        }
    }
}

fn fill(folder: &Path) {
    let path = folder.join("a.pcapng");
    let mut file = begin(&path).unwrap();
    let bytes = [5; 1000];
    let mut outcome = Ok(());
    let mut number = 0;
    while outcome.is_ok() && number < 10_000 {
        number += 1;
        outcome = file.packet(&kept::frame(number, 0, &bytes), None, &["comment"]);
    }
    let error = outcome.unwrap_err();
    let (path, packets) = match &error {
        WriteError::Stopped { path, packets, .. } => (path, packets),
        other => unreachable!("{other}"),
    };
    assert!(
        error.to_string().contains("No space left on device"),
        "{error}"
    );
    assert!(
        *packets > 10 && path.ends_with("a.pcapng.partial"),
        "{error}"
    );
    assert_eq!(kept::packets(path), (*packets, true), "whole blocks only");
    assert!(file.finish().is_err());
    ring_on_a_full_disk(folder);
}

fn ring_on_a_full_disk(folder: &Path) {
    use windfall::capture::batch::Batch;
    use windfall::capture::interface::InterfaceTable;
    use windfall::capture::write::Ring;
    fs::remove_file(folder.join("a.pcapng.partial")).unwrap();
    let mut ring = Ring::new(&folder.join("ring.pcapng"), 8 << 20, 0).unwrap();
    let interfaces = InterfaceTable::new();
    let bytes = [5; 1000];
    let mut told = Vec::new();
    for second in 0..30 {
        let mut batch = Batch::with_room(1 << 20, 100);
        for number in 0..10 {
            assert!(batch.push(&kept::frame(number, second, &bytes)));
        }
        ring.batch(&batch, &interfaces);
        told.extend(ring.trouble());
    }
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(
        told[0].contains("No space left on device") && told[0].contains("goes on"),
        "{told:?}"
    );
    let read: u64 = ring.files().iter().map(|file| kept::packets(file).0).sum();
    assert_eq!(read + ring.lost(), 300);
    assert!(read > 20);
}
