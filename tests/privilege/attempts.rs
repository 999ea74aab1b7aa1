//! What an intruder would try.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::os::unix::net::UnixDatagram;
use std::path::Path;
use std::process::Command;

/// Whether it was refused, and not failed for another reason.
#[track_caller]
fn assert_refused<T>(what: &str, tried: std::io::Result<T>) {
    match tried {
        Ok(_) => panic!("{what} was possible"),
        Err(error) => assert_eq!(error.kind(), ErrorKind::PermissionDenied, "{what}: {error}"),
    }
}

#[track_caller]
pub(crate) fn sockets_and_programs_are_refused() {
    assert_refused("a UDP socket", UdpSocket::bind("127.0.0.1:0"));
    assert_refused("a TCP connection", TcpStream::connect("127.0.0.1:9"));
    assert_refused("a program", Command::new("/bin/true").status());
}

/// What stays refused where a broker may be reached.
#[track_caller]
pub(crate) fn broker_alone_is_reached() {
    assert_refused("a UDP socket to listen", UdpSocket::bind("127.0.0.1:0"));
    assert_refused("a TCP port to listen", TcpListener::bind("127.0.0.1:0"));
    assert_refused("a local socket", UnixDatagram::unbound());
    assert_refused("a program", Command::new("/bin/true").status());
}

#[cfg(feature = "live")]
#[track_caller]
pub(crate) fn raw_sockets_are_refused() {
    use windfall::capture::live::{LiveError, LiveOptions, open};
    let options = LiveOptions {
        interfaces: vec!["lo".to_owned()],
        ..LiveOptions::default()
    };
    match open(&options) {
        Ok(_) => panic!("a raw socket was possible"),
        Err(LiveError::Right(right)) => assert_eq!(right.right, "CAP_NET_RAW"),
        Err(other) => assert!(other.to_string().contains("not permitted"), "{other}"),
    }
}

#[track_caller]
pub(crate) fn other_files_are_refused(place: &Path) {
    for path in ["/etc/passwd", "/proc/self/maps", "/usr/bin/env"] {
        assert_refused(path, File::open(path));
    }
    assert_refused("the directory", std::fs::read_dir(place));
    assert_refused("a new file", File::create(place.join("undeclared")));
    assert_refused(
        "a link",
        std::fs::hard_link(place.join("program"), place.join("x")),
    );
}

/// A directory where files may be made.
#[track_caller]
pub(crate) fn directory_can_be_used(directory: &Path) {
    let (first, second) = (directory.join("1.pcapng"), directory.join("2.pcapng"));
    std::fs::write(&first, "frames").unwrap();
    std::fs::rename(&first, &second).unwrap();
    assert_eq!(std::fs::read_to_string(&second).unwrap(), "frames");
    std::fs::remove_file(&second).unwrap();
}

/// One file that may be written.
#[track_caller]
pub(crate) fn file_can_be_used(file: &Path) {
    File::create(file).unwrap();
    let mut appended = OpenOptions::new().append(true).open(file).unwrap();
    appended.write_all(b"more").unwrap();
    assert_eq!(std::fs::read_to_string(file).unwrap(), "more");
}
