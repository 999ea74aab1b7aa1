//! What systemd is told of a service of `Type=notify` (`sd_notify(3)`): datagrams of `KEY=VALUE` lines.
//!
//! The socket is opened and connected before rights are given away; after that nothing but sending is left. Without
//! `NOTIFY_SOCKET`, nothing is told.

use std::io;
use std::os::unix::net::UnixDatagram;
use std::sync::Mutex;
use std::time::Duration;

use windfall::picture::Picture;
use windfall::service::vigil::STALE;
use windfall::verdict::outcome::Status;

/// The way to whoever started the service.
pub(in super::super) struct Notifier {
    socket: Option<UnixDatagram>,
    /// It is told this often that the service lives.
    watchdog: Option<Duration>,
    told: Mutex<Told>,
}

#[derive(Default)]
struct Told {
    alive: Option<Duration>,
    status: String,
}

impl Notifier {
    /// As the environment says. A socket that cannot be reached is as none.
    pub(in super::super) fn from_environment() -> Self {
        let socket = std::env::var("NOTIFY_SOCKET").ok();
        let socket = socket.and_then(|address| connect(&address).ok());
        let number = |name| -> Option<u64> { std::env::var(name).ok()?.parse().ok() };
        let mine = number("WATCHDOG_PID").is_none_or(|pid| pid == u64::from(std::process::id()));
        let watchdog = number("WATCHDOG_USEC").filter(|_| mine);
        Self {
            socket,
            // Twice as often as asked for, as the manual has it.
            watchdog: watchdog.map(|micros| Duration::from_micros(micros / 2)),
            told: Mutex::default(),
        }
    }

    /// It captures.
    pub(super) fn ready(&self) {
        self.send("READY=1");
    }

    /// It is loading its catalogue again.
    pub(super) fn reloading(&self) {
        self.send("RELOADING=1");
    }

    /// It was asked to end, and makes its report.
    pub(super) fn stopping(&self) {
        self.send("STOPPING=1\nSTATUS=writing the report");
    }

    /// Tells that it lives, if verdicts are made, and how things stand.
    pub(super) fn tell(&self, picture: &Picture, age: Duration, at: Duration) {
        let Some(_) = &self.socket else { return };
        let Ok(mut told) = self.told.lock() else {
            return;
        };
        if let Some(every) = self.watchdog
            && age <= STALE
            && told
                .alive
                .is_none_or(|then| at.saturating_sub(then) >= every)
        {
            told.alive = Some(at);
            self.send("WATCHDOG=1");
        }
        let status = status(picture);
        if told.status != status {
            self.send(&format!("STATUS={status}"));
            told.status = status;
        }
    }

    fn send(&self, lines: &str) {
        if let Some(socket) = &self.socket {
            // systemd that is gone, or busy, is told the next time.
            let _ = socket.send(lines.as_bytes());
        }
    }
}

fn connect(address: &str) -> io::Result<UnixDatagram> {
    let socket = UnixDatagram::unbound()?;
    match address.strip_prefix('@') {
        Some(name) => connect_abstract(&socket, name)?,
        None => socket.connect(address)?,
    }
    socket.set_nonblocking(true)?;
    Ok(socket)
}

#[cfg(target_os = "linux")]
fn connect_abstract(socket: &UnixDatagram, name: &str) -> io::Result<()> {
    use std::os::linux::net::SocketAddrExt as _;
    let address = std::os::unix::net::SocketAddr::from_abstract_name(name)?;
    socket.connect_addr(&address)
}

#[cfg(not(target_os = "linux"))]
fn connect_abstract(_: &UnixDatagram, _: &str) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

/// `systemctl status` shows it.
fn status(picture: &Picture) -> String {
    let totals = &picture.summary.summary;
    let count = |status: Status| totals.status.get(status.as_str()).copied().unwrap_or(0);
    let mut line = format!(
        "required connections: {} failing, {} flaky, {} degraded, {} ok",
        count(Status::Failing),
        count(Status::Flaky),
        count(Status::Degraded),
        count(Status::Ok)
    );
    for name in &picture.health.deaf {
        line.push_str("; cannot hear ");
        line.push_str(name);
    }
    line
}
