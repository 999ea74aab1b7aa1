//! A network namespace for each test: the test starts itself again inside one that ends with it.
//!
//! Nothing is left behind, however a test ends: namespaces without a name live as long as their processes. `/sys` is
//! mounted anew, because it shows the interfaces of the namespace that mounted it.

use std::io::Write as _;
use std::net::UdpSocket;
use std::path::Path;
use std::process::{Command, Output};
use std::time::Duration;

/// Set inside.
const INSIDE: &str = "WINDFALL_TEST_NAMESPACE";

/// Runs `test` in a namespace of its own. `name` is the test's own path, as `cargo test -- --list` shows it.
pub(crate) fn inside(name: &str, test: impl FnOnce()) {
    if std::env::var_os(INSIDE).is_some() {
        return test();
    }
    if let Some(reason) = unable() {
        return skipped(name, &reason);
    }
    let ran = isolated("mount -t sysfs none /sys && exec \"$@\"")
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", name, "--nocapture", "--test-threads=1"])
        .env(INSIDE, "1")
        .output()
        .unwrap();
    let said = text(&ran);
    assert!(ran.status.success(), "{said}");
    assert!(
        said.contains("1 passed"),
        "no test is called {name}: {said}"
    );
}

/// Says that a test cannot run here: past the harness, which shows nothing of a test that passes.
pub(crate) fn skipped(name: &str, reason: &str) {
    let mut stderr = std::io::stderr();
    writeln!(stderr, "{name}: skipped: {reason}").unwrap();
}

/// Why there can be no namespace here.
fn unable() -> Option<String> {
    match isolated("ip link add near type veth peer name far").output() {
        Ok(ran) if ran.status.success() => None,
        Ok(ran) => Some(format!(
            "needs root, network namespaces and veth: {}",
            text(&ran).trim()
        )),
        Err(error) => Some(format!("needs `unshare` (util-linux): {error}")),
    }
}

/// A shell in a new network namespace, with its own mounts. Its arguments come after.
fn isolated(script: &str) -> Command {
    let mut command = Command::new("unshare");
    command.args(["--net", "--mount", "sh", "-c", script, "sh"]);
    command
}

pub(crate) fn text(ran: &Output) -> String {
    String::from_utf8_lossy(&[ran.stdout.as_slice(), &ran.stderr].concat()).into_owned()
}

/// `ip`, with its arguments in one string.
#[track_caller]
pub(crate) fn ip(arguments: &str) {
    let ran = Command::new("ip")
        .args(arguments.split(' '))
        .output()
        .unwrap();
    assert!(ran.status.success(), "ip {arguments}: {}", text(&ran));
}

/// A wire: what is sent to 10.77.0.2 leaves by `near` and comes in at `far`.
pub(crate) fn wire() {
    ip("link add near type veth peer name far");
    for (interface, switch) in [("near", "near"), ("far", "far")] {
        let quiet = format!("/proc/sys/net/ipv6/conf/{interface}/disable_ipv6");
        if Path::new(&quiet).exists() {
            std::fs::write(quiet, "1").unwrap();
        }
        ip(&format!("link set {switch} up"));
    }
    ip("addr add 10.77.0.1/24 dev near");
    // Nobody answers ARP at the far end.
    ip("neigh replace 10.77.0.2 lladdr 02:00:00:00:00:02 dev near nud permanent");
}

/// Sends datagrams whose payloads are these numbers.
pub(crate) struct Sender(UdpSocket);

/// The port they go to.
pub(crate) const PORT: u16 = 9;

impl Sender {
    pub(crate) fn new() -> Self {
        let socket = UdpSocket::bind("10.77.0.1:0").unwrap();
        socket
            .set_write_timeout(Some(Duration::from_secs(5)))
            .unwrap();
        Self(socket)
    }

    pub(crate) fn send(&self, numbers: impl IntoIterator<Item = u32>) {
        for number in numbers {
            let payload = number.to_be_bytes();
            self.0.send_to(&payload, ("10.77.0.2", PORT)).unwrap();
        }
    }
}
