//! A gateway: a namespace with a way to the broker, a wire to watch, and windfall.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};

use pcap::Capture;
use windfall::capture::Replay;

use crate::broker::until;
use crate::namespace::{ip, text};

pub(crate) struct Gateway {
    pub(crate) name: &'static str,
    /// Its namespace lives as long as this process.
    holder: Child,
    number: u8,
    windfall: Option<Child>,
    pub(crate) spool: PathBuf,
    /// What windfall said.
    said: Arc<Mutex<Vec<String>>>,
}

impl Gateway {
    /// Makes the namespace. `gwN` here is the way to `uplink` there, and frames that are sent on `nearN` come in at `far`.
    pub(crate) fn new(name: &'static str, number: u8, folder: &Path) -> Self {
        use std::os::unix::fs::PermissionsExt as _;
        let holder = Command::new("unshare")
            .args(["--net", "--mount", "sh", "-c"])
            .arg("mount -t sysfs none /sys && echo made && exec sleep 600")
            .stdout(Stdio::piped())
            .spawn();
        let mut holder = holder.unwrap();
        let mut made = String::new();
        BufReader::new(holder.stdout.take().unwrap())
            .read_line(&mut made)
            .unwrap();
        let spool = folder.join(name);
        std::fs::create_dir_all(&spool).unwrap();
        std::fs::set_permissions(&spool, std::fs::Permissions::from_mode(0o777)).unwrap();
        let gateway = Self {
            name,
            holder,
            number,
            windfall: None,
            spool,
            said: Arc::default(),
        };
        let pid = gateway.holder.id();
        ip(&format!(
            "link add gw{number} type veth peer name uplink netns {pid}"
        ));
        ip(&format!(
            "link add near{number} type veth peer name far netns {pid}"
        ));
        ip(&format!("addr add 10.78.{number}.1/24 dev gw{number}"));
        for interface in ["gw", "near"] {
            let quiet = format!("/proc/sys/net/ipv6/conf/{interface}{number}/disable_ipv6");
            let _ = std::fs::write(quiet, "1");
            ip(&format!("link set {interface}{number} up"));
        }
        gateway.within(&format!(
            "ip addr add 10.78.{number}.2/24 dev uplink && ip link set uplink up && ip link set far up"
        ));
        gateway
    }

    fn enter(&self) -> Command {
        let mut command = Command::new("nsenter");
        command.args(["-t", &self.holder.id().to_string(), "-n", "-m", "--"]);
        command
    }

    #[track_caller]
    fn within(&self, script: &str) {
        let ran = self.enter().args(["sh", "-c", script]).output().unwrap();
        assert!(ran.status.success(), "{script}: {}", text(&ran));
    }

    /// Where the broker is, seen from here.
    pub(crate) fn broker(&self) -> String {
        format!("nats://10.78.{}.1", self.number)
    }

    /// Starts windfall, which is capturing.
    pub(crate) fn watch(&mut self, broker: &str, more: &[&str]) {
        self.said.lock().unwrap().clear();
        let mut child = self
            .enter()
            .arg(env!("CARGO_BIN_EXE_windfall"))
            .args([
                "watch",
                "-i",
                "far",
                "--no-tui",
                "--format",
                "json",
                "--workers",
                "1",
            ])
            .args([
                "--gateway",
                self.name,
                "--events",
                broker,
                "--events-heartbeat",
                "1s",
            ])
            .arg("--events-spool")
            .arg(&self.spool)
            .args(more)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let stderr = BufReader::new(child.stderr.take().unwrap());
        let said = Arc::clone(&self.said);
        std::thread::spawn(move || {
            for line in stderr.lines().map_while(Result::ok) {
                said.lock().unwrap().push(line);
            }
        });
        self.windfall = Some(child);
        self.says("capturing on far");
    }

    /// Waits for a line with these words.
    #[track_caller]
    pub(crate) fn says(&self, words: &str) {
        let said = || self.said.lock().unwrap().clone();
        let what = || format!("{}: {words:?}: {:#?}", self.name, said());
        let begun = std::time::Instant::now();
        while !said().iter().any(|line| line.contains(words)) {
            assert!(
                begun.elapsed() < crate::broker::PATIENCE,
                "never: {}",
                what()
            );
            std::thread::park_timeout(std::time::Duration::from_millis(20));
        }
    }

    /// Sends all frames of a bundled capture onto its wire.
    pub(crate) fn traffic(&self, capture: &str) {
        let near = format!("near{}", self.number);
        let mut wire = Capture::from_device(near.as_str()).unwrap().open().unwrap();
        let path = format!("{}/captures/{capture}", env!("CARGO_MANIFEST_DIR"));
        let mut files = Replay::open(&[path]);
        while files.advance() {
            let frame = files.frame().unwrap();
            until("there is room on the wire", || {
                wire.sendpacket(frame.bytes).is_ok()
            });
        }
    }

    /// Takes its way to the broker away, or gives it back.
    pub(crate) fn link(&self, state: &str) {
        ip(&format!("link set gw{} {state}", self.number));
    }

    /// Events that the broker does not have yet.
    pub(crate) fn waiting(&self) -> usize {
        let files = std::fs::read_dir(&self.spool).unwrap();
        let names = files.map_while(|entry| entry.ok()?.file_name().into_string().ok());
        names
            .filter(|name| name.strip_suffix(".json").is_some())
            .count()
    }

    /// Kills windfall: it has no time for anything.
    pub(crate) fn kill(&mut self) {
        if let Some(mut windfall) = self.windfall.take() {
            let _ = windfall.kill();
            let _ = windfall.wait();
        }
    }

    /// Asks windfall to end; its status.
    pub(crate) fn stop(&mut self) -> Option<i32> {
        let mut windfall = self.windfall.take().unwrap();
        let pid = windfall.id().to_string();
        let sent = Command::new("sh")
            .args(["-c", &format!("kill -INT {pid}")])
            .status();
        assert!(sent.unwrap().success());
        let mut status = None;
        until("windfall ends", || {
            status = windfall.try_wait().unwrap();
            status.is_some()
        });
        status.unwrap().code()
    }
}

impl Drop for Gateway {
    /// A test that failed leaves nothing running.
    fn drop(&mut self) {
        self.kill();
        let _ = self.holder.kill();
        let _ = self.holder.wait();
    }
}
