//! What cannot be captured is refused before anything starts, with what to do.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::{Command, Output};

use windfall::capture::live::{LiveOptions, open};

use crate::namespace::{inside, ip, text, wire};

#[test]
fn a_wrong_filter_is_shown_with_its_place() {
    let options = LiveOptions {
        filter: Some("tcp prot 443".to_owned()),
        ..LiveOptions::default()
    };
    let error = open(&options).err().unwrap().to_string();
    let caret = "  tcp prot 443\n      ^^^^\n";
    assert!(error.contains(caret), "{error}");
    assert!(error.contains("--filter 'tcp port 443"), "{error}");
}

#[test]
fn a_filter_that_does_not_suit_the_interface_is_refused() {
    inside(
        "refusals::a_filter_that_does_not_suit_the_interface_is_refused",
        || {
            wire();
            let options = LiveOptions {
                interfaces: vec!["far".to_owned()],
                filter: Some("wlan type mgt".to_owned()),
                ..LiveOptions::default()
            };
            let error = open(&options).err().unwrap().to_string();
            assert!(error.starts_with("far: the filter"), "{error}");
            assert!(error.contains("EN10MB"), "{error}");
        },
    );
}

/// A copy of the program where any user can run it, removed at the end.
struct Copied(PathBuf);

impl Copied {
    fn new() -> Self {
        let folder = std::env::temp_dir().join(format!("windfall copy {}", std::process::id()));
        std::fs::create_dir(&folder).unwrap();
        std::fs::set_permissions(&folder, Permissions::from_mode(0o755)).unwrap();
        std::fs::copy(env!("CARGO_BIN_EXE_windfall"), folder.join("windfall")).unwrap();
        Self(folder)
    }

    /// Runs it as a user without any right.
    fn as_nobody(&self, arguments: &[&str]) -> Output {
        Command::new("setpriv")
            .args(["--reuid=65534", "--regid=65534", "--clear-groups"])
            .args(["--inh-caps=-all", "--bounding-set=-all"])
            .arg(self.0.join("windfall"))
            .args(arguments)
            .env_clear()
            .output()
            .unwrap()
    }
}

impl Drop for Copied {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[test]
fn a_user_without_the_right_is_told_which_and_how_to_give_it() {
    inside(
        "refusals::a_user_without_the_right_is_told_which_and_how_to_give_it",
        || {
            wire();
            let program = Copied::new();
            let path = program.0.join("windfall");
            let remedy = format!("sudo setcap cap_net_raw+ep '{}'", path.display());

            let ran = program.as_nobody(&["interfaces"]);
            let said = text(&ran);
            assert!(ran.status.success(), "{said}");
            assert!(said.contains("no: CAP_NET_RAW is missing"), "{said}");
            assert!(said.lines().any(|line| line.trim() == remedy), "{said}");

            let ran = program.as_nobody(&["interfaces", "--format", "json"]);
            let list: serde_json::Value = serde_json::from_slice(&ran.stdout).unwrap();
            let rows = list["interfaces"].as_array().unwrap();
            let far = rows.iter().find(|row| row["name"] == "far").unwrap();
            assert_eq!(far["may_capture"], false);
            assert_eq!(far["missing_right"], "CAP_NET_RAW");
            assert_eq!(far["remedy"], remedy);
            assert_eq!(far["link_type"], "EN10MB", "told without opening it");
        },
    );
}

#[test]
fn interfaces_are_listed_as_they_are() {
    inside("refusals::interfaces_are_listed_as_they_are", || {
        wire();
        ip("link set far down");
        let list = |format: &str| {
            Command::new(env!("CARGO_BIN_EXE_windfall"))
                .args(["interfaces", "--format", format])
                .env_clear()
                .output()
                .unwrap()
        };
        let json: serde_json::Value = serde_json::from_slice(&list("json").stdout).unwrap();
        let rows = json["interfaces"].as_array().unwrap();
        let row = |name: &str| rows.iter().find(|row| row["name"] == name).unwrap();
        assert_eq!(
            (&row("near")["up"], &row("near")["running"]),
            (&true.into(), &false.into())
        );
        assert_eq!(row("near")["addresses"][0], "10.77.0.1");
        assert_eq!(row("near")["may_capture"], true);
        assert_eq!(row("far")["up"], false);
        assert_eq!(row("far")["reason"], "it is down");
        assert_eq!(row("any")["link_type"], "LINUX_SLL");
        let said = text(&list("text"));
        assert!(said.contains("near       up, no carrier"), "{said}");
        assert!(!said.contains("setcap"), "{said}");
    });
}
