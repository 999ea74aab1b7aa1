//! The cases. Each begins with all rights that its process has, in a directory of its own that is open to all.

use std::io::ErrorKind;
use std::net::{TcpListener, TcpStream};
use std::os::fd::AsRawFd as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use caps::{CapSet, Capability};
use windfall::privilege::{Allowed, Confinement, Plan, PrivilegeError, confine};

use crate::attempts::{
    broker_alone_is_reached, directory_can_be_used, file_can_be_used, other_files_are_refused,
    sockets_and_programs_are_refused,
};
use crate::own_process::{Case, Needs};

const fn case(name: &'static str, needs: Needs, run: fn(&Path)) -> Case {
    Case { name, needs, run }
}

pub(crate) const CASES: &[Case] = &[
    case(
        "nothing_undeclared_can_be_opened",
        Needs::Nothing,
        nothing_undeclared,
    ),
    case("declared_paths_can_be_used", Needs::Nothing, declared_paths),
    case(
        "connections_are_taken_on_the_declared_socket_alone",
        Needs::Nothing,
        declared_socket,
    ),
    case(
        "threads_are_confined_too",
        Needs::Nothing,
        threads_are_confined,
    ),
    case(
        "a_broker_alone_can_be_reached",
        Needs::Nothing,
        broker_reached,
    ),
    case(
        "running_threads_are_refused",
        Needs::Nothing,
        running_threads,
    ),
    case("root_becomes_nobody", Needs::Root, root_becomes_nobody),
    case(
        "root_becomes_whom_it_is_told",
        Needs::Root,
        root_becomes_another,
    ),
    case(
        "useless_paths_are_refused_before",
        Needs::Root,
        useless_paths,
    ),
    case(
        "users_are_confined_too",
        Needs::Unprivileged,
        users_are_confined,
    ),
    #[cfg(feature = "live")]
    case("capture_goes_on", Needs::Wire, wire::capture_goes_on),
    #[cfg(feature = "live")]
    case(
        "an_interface_can_be_opened_again",
        Needs::Wire,
        wire::reattaches,
    ),
];

fn plan(read: &[PathBuf], write: &[PathBuf]) -> Plan {
    Plan {
        allowed: Allowed {
            read: read.to_vec(),
            write: write.to_vec(),
        },
        ..Plan::default()
    }
}

fn holds(done: &Confinement, what: &str) -> bool {
    done.in_force.iter().any(|held| held == what)
}

/// Whether files are refused here.
fn has_landlock(done: &Confinement) -> bool {
    let has = holds(done, "landlock");
    if !has {
        assert!(done.missing.iter().any(|what| what.starts_with("landlock")));
        println!("files not tried: {:?}", done.missing);
    }
    has
}

fn nothing_undeclared(place: &Path) {
    let done = confine(&Plan::default()).unwrap();
    assert!(holds(&done, "seccomp"), "{done:?}");
    assert!(holds(&done, "no capabilities"), "{done:?}");
    sockets_and_programs_are_refused();
    #[cfg(feature = "live")]
    crate::attempts::raw_sockets_are_refused();
    if has_landlock(&done) {
        other_files_are_refused(place);
    }
}

fn declared_paths(place: &Path) {
    let directory = place.join("evidence");
    let (file, read) = (place.join("log"), place.join("lists"));
    let to_be_made = place.join("reports/today.json");
    for directory in [&directory, &place.join("reports")] {
        std::fs::create_dir(directory).unwrap();
        open_to_all(directory);
    }
    std::fs::write(&file, "").unwrap();
    open_to_all(&file);
    std::fs::write(&read, "list").unwrap();
    let read_only = [read.clone()];
    let done = confine(&plan(
        &read_only,
        &[directory.clone(), file.clone(), to_be_made.clone()],
    ))
    .unwrap();
    directory_can_be_used(&directory);
    file_can_be_used(&file);
    std::fs::write(&to_be_made, "{}").unwrap();
    assert_eq!(std::fs::read_to_string(&read).unwrap(), "list");
    if has_landlock(&done) {
        other_files_are_refused(place);
        std::fs::write(&read, "changed").unwrap_err();
    }
}

fn threads_are_confined(_: &Path) {
    let done = confine(&Plan::default()).unwrap();
    let thread = std::thread::spawn(move || {
        sockets_and_programs_are_refused();
        if has_landlock(&done) {
            std::fs::read("/etc/passwd").unwrap_err();
        }
        assert!(caps::read(None, CapSet::Permitted).unwrap().is_empty());
    });
    thread.join().unwrap();
}

/// Connections to the broker's port, and none to others; nothing else that sockets are for.
fn broker_reached(place: &Path) {
    let listen = || TcpListener::bind("127.0.0.1:0").unwrap();
    let (broker, other) = (listen(), listen());
    let port = |listener: &TcpListener| listener.local_addr().unwrap().port();
    let plan = Plan {
        broker_port: Some(port(&broker)),
        ..Plan::default()
    };
    let done = confine(&plan).unwrap();
    TcpStream::connect(("127.0.0.1", port(&broker))).unwrap();
    broker_alone_is_reached();
    if has_landlock(&done) {
        let refused = TcpStream::connect(("127.0.0.1", port(&other))).unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::PermissionDenied);
        other_files_are_refused(place);
    }
}

fn running_threads(_: &Path) {
    let (done, wait) = std::sync::mpsc::channel::<()>();
    let thread = std::thread::spawn(move || wait.recv());
    assert_eq!(
        confine(&Plan::default()),
        Err(PrivilegeError::Threads { count: 2 })
    );
    drop(done);
    let _ = thread.join();
}

fn root_becomes_nobody(_: &Path) {
    let done = confine(&Plan::default()).unwrap();
    assert_eq!(done.in_force[0], "user nobody");
    assert!(!nix::unistd::geteuid().is_root());
    assert_ne!(nix::unistd::getegid().as_raw(), 0);
    assert_eq!(nix::unistd::getgroups().unwrap(), []);
    for set in [
        CapSet::Effective,
        CapSet::Permitted,
        CapSet::Inheritable,
        CapSet::Bounding,
    ] {
        assert!(caps::read(None, set).unwrap().is_empty(), "{set:?}");
    }
    nix::unistd::setuid(nix::unistd::Uid::from_raw(0)).unwrap_err();
}

/// Both sockets listen already, and somebody waits at both.
fn declared_socket(_: &Path) {
    let listen = || std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let (declared, other) = (listen(), listen());
    let _waiting = [&declared, &other]
        .map(|listener| std::net::TcpStream::connect(listener.local_addr().unwrap()).unwrap());
    let done = confine(&Plan {
        listener: Some(declared.as_raw_fd()),
        ..Plan::default()
    })
    .unwrap();
    assert!(holds(&done, "seccomp"), "{done:?}");
    declared.accept().unwrap();
    let refused = other.accept().unwrap_err();
    assert_eq!(refused.kind(), std::io::ErrorKind::PermissionDenied);
    sockets_and_programs_are_refused();
}

fn root_becomes_another(_: &Path) {
    let named = |user: &str| Plan {
        user: Some(user.to_owned()),
        ..Plan::default()
    };
    let unknown = named("nobody-of-this-name").check().unwrap_err();
    assert!(unknown.to_string().contains("--user"), "{unknown}");
    let done = confine(&named("daemon")).unwrap();
    assert_eq!(done.in_force[0], "user daemon");
    let daemon = nix::unistd::geteuid();
    assert!(!daemon.is_root() && daemon.as_raw() != 65534);
}

fn useless_paths(place: &Path) {
    let closed = place.join("closed");
    std::fs::create_dir(&closed).unwrap();
    std::fs::set_permissions(&closed, std::fs::Permissions::from_mode(0o700)).unwrap();
    let below = closed.join("below");
    std::fs::create_dir(&below).unwrap();
    open_to_all(&below);
    let readable = place.join("readable");
    std::fs::write(&readable, "").unwrap();
    std::fs::set_permissions(&readable, std::fs::Permissions::from_mode(0o644)).unwrap();
    for (read, write, reason) in [
        (
            None,
            Some(place.join("no/such.pcapng")),
            "does not exist; create it first",
        ),
        (None, Some(closed.clone()), "may not make files in"),
        (None, Some(closed.join("new")), "may not make files in"),
        (None, Some(below), "may not enter"),
        (None, Some(readable.clone()), "may not write to"),
        (Some(place.join("missing")), None, "does not exist"),
        (Some(closed), None, "may not read"),
    ] {
        let plan = plan(read.as_slice(), write.as_slice());
        let told = plan.check().unwrap_err().to_string();
        assert!(told.contains(reason), "{plan:?}: {told}");
        if told.contains("may not") {
            assert!(
                told.contains("the user nobody") && told.contains("--user"),
                "{told}"
            );
        }
        assert_eq!(confine(&plan).unwrap_err().to_string(), told);
    }
    let usable = plan(&[readable], &[place.to_owned(), place.join("new")]);
    assert_eq!(usable.check(), Ok(()));
    assert!(nix::unistd::geteuid().is_root(), "checking changes nothing");
}

fn users_are_confined(place: &Path) {
    let other = Plan {
        user: Some("daemon".to_owned()),
        ..Plan::default()
    };
    let error = confine(&other).unwrap_err().to_string();
    assert!(error.contains("only root can become"), "{error}");
    let done = confine(&plan(&[], &[place.join("new")])).unwrap();
    assert_eq!(done.in_force[0], "no capabilities");
    std::fs::write(place.join("new"), "").unwrap();
    sockets_and_programs_are_refused();
    if has_landlock(&done) {
        std::fs::read("/etc/passwd").unwrap_err();
    }
}

fn open_to_all(path: &Path) {
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o777)).unwrap();
}

#[cfg(feature = "live")]
mod wire {
    use std::io::Write as _;
    use std::net::UdpSocket;
    use std::process::{Command, Stdio};
    use std::time::{Duration, Instant};

    use windfall::capture::batch::Batch;
    use windfall::capture::live::{LiveOptions, Tap, What, open};

    use super::{CapSet, Capability, Path, Plan, confine, holds};
    use crate::attempts::{raw_sockets_are_refused, sockets_and_programs_are_refused};
    use crate::own_process::WIRE;

    fn tap(reattach: bool) -> Tap {
        let options = LiveOptions {
            interfaces: vec!["far".to_owned()],
            filter: Some("udp dst port 9".to_owned()),
            reattach,
            ..LiveOptions::default()
        };
        open(&options).unwrap().remove(0)
    }

    /// Fills until something holds; what happened meanwhile.
    fn fill_until(tap: &mut Tap, mut holds: impl FnMut(&Tap, &[What]) -> bool) {
        let mut batch = Batch::with_room(1 << 20, 1000);
        let mut changes = Vec::new();
        let begun = Instant::now();
        while !holds(tap, &changes) {
            assert!(begun.elapsed() < Duration::from_secs(20), "{changes:?}");
            changes.extend(tap.fill(&mut batch).change.map(|change| change.what));
            batch.clear();
        }
    }

    pub(super) fn capture_goes_on(_: &Path) {
        let mut tap = tap(false);
        let sender = UdpSocket::bind("10.77.0.1:0").unwrap();
        // Connected beforehand: it may send no datagram to an address any more.
        sender.connect(("10.77.0.2", 9)).unwrap();
        let done = confine(&Plan::default()).unwrap();
        assert!(holds(&done, "user nobody"), "{done:?}");
        for _ in 0..10 {
            sender.send(b"frame").unwrap();
        }
        let tally = tap.tally();
        let thread = std::thread::spawn(move || {
            fill_until(&mut tap, |tap, _| tap.tally().info().frames == 10);
        });
        thread.join().unwrap();
        assert_eq!(tally.info().dropped_kernel, Some(0));
        raw_sockets_are_refused();
    }

    pub(super) fn reattaches(_: &Path) {
        let mut tap = tap(true);
        // Outside the sandbox: deletes the interface at the first line, and makes it again at the second.
        let mut outside = Command::new("sh")
            .args(["-c", &format!("read x; ip link del far; read x; {WIRE}")])
            .stdin(Stdio::piped())
            .spawn()
            .unwrap();
        let mut tell = outside.stdin.take().unwrap();
        let plan = Plan {
            reattach: true,
            ..Plan::default()
        };
        let done = confine(&plan).unwrap();
        assert!(holds(&done, "only CAP_NET_RAW"), "{done:?}");
        let kept = caps::read(None, CapSet::Permitted).unwrap();
        assert!(kept.into_iter().eq([Capability::CAP_NET_RAW]));
        sockets_and_programs_are_refused();
        tell.write_all(b"\n").unwrap();
        // Deleting takes it down first: whoever looks in between is told both.
        fill_until(&mut tap, |_, changes| match changes {
            [gone] | [What::WentDown, gone] => *gone == What::Gone { reattach: true },
            _ => false,
        });
        tell.write_all(b"\n").unwrap();
        fill_until(&mut tap, |_, changes| changes == [What::Reattached]);
        assert!(outside.wait().unwrap().success());
    }
}
