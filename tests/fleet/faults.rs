//! Every fault, one after the other, and the log of what came through each.

use std::path::Path;
use std::process::{Command, Stdio};

use crate::broker::{Broker, Folder, until};
use crate::gateway::Gateway;
use crate::ledger::{Answer, HERE, Streamed, console, heading, line, logged};
use crate::namespace::{inside, ip, skipped};

/// A failure that is certain as soon as its frames came.
const FAILURE: (&str, &str) = ("gs.apple.com", "failing");

fn has_broker(name: &str) -> bool {
    let has = Command::new("nats-server")
        .arg("--version")
        .output()
        .is_ok();
    if !has {
        skipped(name, "needs nats-server (apt install nats-server)");
    }
    has
}

fn is_failing(name: &str) -> bool {
    let (pattern, status) = FAILURE;
    let failure = (pattern.to_owned(), status.to_owned());
    Answer::get().statuses(name).contains(&failure)
}

/// Waits until the broker has all that gateways told so far.
fn settled(gateways: &[Gateway]) {
    until("the spools are empty", || {
        gateways.iter().all(|gateway| gateway.waiting() == 0)
    });
}

#[test]
fn nothing_is_lost_and_nothing_comes_twice() {
    let name = "faults::nothing_is_lost_and_nothing_comes_twice";
    if has_broker(name) {
        logged(|| inside(name, all_faults));
    }
}

fn all_faults() {
    ip("link set lo up");
    let folder = Folder::new("fleet");
    let mut broker = Broker::start(&folder.0, "");
    let mut gateways: Vec<Gateway> = (1u8..)
        .zip(["berlin", "paris", "rome"])
        .map(|(number, name)| Gateway::new(name, number, &folder.0))
        .collect();
    for gateway in &mut gateways {
        let url = gateway.broker();
        gateway.watch(&url, &[]);
    }
    heading();
    for gateway in &gateways {
        gateway.says("events go to");
        gateway.traffic("itunes-failure.pcapng");
    }
    until("the console shows all failures", || {
        gateways.iter().all(|gateway| is_failing(gateway.name))
    });
    line("none");
    broker_killed(&mut broker, &gateways);
    network_cut(&gateways);
    gateway_killed(&mut gateways[2]);
    settled(&gateways);
    crashed_before_removal(&mut gateways[0]);
    slow_console(&gateways);
    two_consoles();
    ends(&mut gateways);
}

fn broker_killed(broker: &mut Broker, gateways: &[Gateway]) {
    broker.kill();
    for gateway in gateways {
        gateway.says("is away; events wait for it");
        gateway.traffic("dns-sinkholed.pcap");
    }
    until("events wait", || {
        gateways.iter().all(|gateway| gateway.waiting() > 2)
    });
    broker.again();
    settled(gateways);
    line("broker killed and started again");
}

fn network_cut(gateways: &[Gateway]) {
    let cut = &gateways[1];
    cut.link("down");
    cut.traffic("refused.pcapng");
    until("events wait", || cut.waiting() > 3);
    until("it is silent", || {
        Answer::get().site(cut.name)["presence"] == "silent"
    });
    assert_eq!(Answer::get().site(gateways[0].name)["presence"], "up");
    cut.link("up");
    settled(gateways);
    line("network of a gateway cut and restored");
}

/// Killed with events that the broker does not have; the next run sends them before its own.
fn gateway_killed(gateway: &mut Gateway) {
    gateway.link("down");
    gateway.traffic("nxdomain.pcapng");
    until("events wait", || gateway.waiting() > 3);
    gateway.kill();
    let left = gateway.waiting();
    assert!(left > 3, "{left}");
    gateway.link("up");
    let url = gateway.broker();
    gateway.watch(&url, &[]);
    until("what was left is sent", || {
        let numbers = Streamed::read().numbers;
        let sessions = numbers.keys().filter(|(name, _)| name == gateway.name);
        sessions.count() == 2 && gateway.waiting() == 0
    });
    // It knows nothing of what failed before, until it is tried again.
    assert!(!is_failing(gateway.name));
    gateway.traffic("itunes-failure.pcapng");
    until("its failure is seen again", || is_failing(gateway.name));
    line("gateway killed with a full spool");
}

/// The broker had acknowledged events, and the gateway died before it removed them: they are sent again, and the broker
/// knows them by their ids.
fn crashed_before_removal(gateway: &mut Gateway) {
    gateway.link("down");
    until("events wait", || gateway.waiting() > 3);
    let copy = |from: &Path, to: &Path| {
        let copied = Command::new("cp").arg("-a").arg(from).arg(to).status();
        assert!(copied.unwrap().success());
    };
    let aside = gateway.spool.with_extension("aside");
    copy(&gateway.spool, &aside);
    gateway.link("up");
    until("they are sent", || gateway.waiting() == 0);
    gateway.kill();
    let _ = std::fs::remove_dir_all(&gateway.spool);
    copy(&aside, &gateway.spool);
    let url = gateway.broker();
    gateway.watch(&url, &["-v"]);
    gateway.says("the broker had this event already");
    until("they are sent again", || gateway.waiting() == 0);
    gateway.traffic("itunes-failure.pcapng");
    line("gateway killed between answer and removal");
}

/// One that stands still makes nobody wait, and catches up.
fn slow_console(gateways: &[Gateway]) {
    let slow = console(&["--format", "json", HERE]).spawn().unwrap();
    let signal = |name: &str| {
        let kill = format!("kill -{name} {}", slow.id());
        let sent = Command::new("sh")
            .args(["-c", &kill])
            .stderr(Stdio::null())
            .status();
        assert!(sent.unwrap().success());
    };
    signal("STOP");
    let before = Streamed::read().messages;
    until("gateways go on", || Streamed::read().messages > before + 10);
    settled(gateways);
    signal("CONT");
    let answer = Answer::of(&slow.wait_with_output().unwrap());
    assert_eq!(answer.sum("missing"), 0);
    line("console stands still for a while");
}

fn two_consoles() {
    let both = [(); 2].map(|()| console(&["--format", "json", HERE]).spawn().unwrap());
    let [one, other] = both.map(|child| Answer::of(&child.wait_with_output().unwrap()));
    for name in ["berlin", "paris", "rome"] {
        assert_eq!(one.statuses(name), other.statuses(name));
        assert!(!one.statuses(name).is_empty());
    }
    assert_eq!((one.status, other.status), (Some(1), Some(1)));
    line("two consoles at once");
}

/// The end of each says how many there were: the stream has as many, and the console.
fn ends(gateways: &mut [Gateway]) {
    for gateway in gateways.iter_mut() {
        assert_eq!(gateway.stop(), Some(1), "what it saw fails");
        assert_eq!(gateway.waiting(), 0);
    }
    line("gateways stopped");
    Streamed::twice();
    line("the whole stream a second time");
    let answer = Answer::get();
    assert_eq!(answer.status, Some(0), "nobody watches any more");
    for gateway in gateways {
        assert_eq!(answer.site(gateway.name)["presence"], "stopped");
    }
    assert_eq!(answer.overview["unreadable"], 0);
    assert_eq!(answer.sum("received"), Streamed::read().distinct());
}
