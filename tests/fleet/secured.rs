//! A broker that asks who is there, over TLS and by name: all of it from within the sandbox.

use std::process::Command;

use crate::broker::{Broker, Folder, until};
use crate::gateway::Gateway;
use crate::ledger::{Answer, console};
use crate::namespace::{inside, ip, skipped, text};

#[test]
fn tls_names_and_passwords_work_in_the_sandbox() {
    let name = "secured::tls_names_and_passwords_work_in_the_sandbox";
    for program in ["nats-server", "openssl"] {
        if Command::new(program).arg("--help").output().is_err() {
            return skipped(name, &format!("needs {program}"));
        }
    }
    inside(name, secured);
}

fn secured() {
    ip("link set lo up");
    let folder = Folder::new("secured");
    let at = |name: &str| folder.0.join(name).display().to_string();
    // The name is known from /etc/hosts alone, which is this namespace's own.
    let hosts = at("hosts");
    std::fs::write(&hosts, "127.0.0.1 localhost\n10.78.1.1 hub.test\n").unwrap();
    let mounted = Command::new("mount")
        .args(["--bind", &hosts, "/etc/hosts"])
        .output()
        .unwrap();
    assert!(mounted.status.success(), "{}", text(&mounted));
    let made = Command::new("openssl")
        .args([
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-nodes",
        ])
        .args([
            "-days",
            "2",
            "-subj",
            "/CN=hub.test",
            "-addext",
            "subjectAltName=DNS:hub.test",
        ])
        .args(["-addext", "basicConstraints=critical,CA:FALSE"])
        .args(["-keyout", &at("key.pem"), "-out", &at("cert.pem")])
        .output()
        .unwrap();
    assert!(made.status.success(), "{}", text(&made));
    let config = format!(
        "tls {{ cert_file: \"{}\", key_file: \"{}\" }}\nauthorization {{ user: gate, password: open }}",
        at("cert.pem"),
        at("key.pem")
    );
    let mut gateway = Gateway::new("lisbon", 1, &folder.0);
    let _broker = Broker::start(&folder.0, &config);
    let ca = at("cert.pem");
    gateway.watch("tls://gate:open@hub.test/sites.eu", &["--events-ca", &ca]);
    gateway.says("events go to tls://hub.test:4222");
    gateway.traffic("itunes-failure.pcapng");
    let ask = |url: &str| {
        let console = console(&["--format", "json", "--events-ca", &ca, url]).output();
        console.unwrap()
    };
    until("the console shows it", || {
        let ran = ask("tls://gate:open@hub.test/sites.eu");
        ran.status.code() == Some(1) && !Answer::of(&ran).statuses("lisbon").is_empty()
    });
    assert_eq!(gateway.stop(), Some(1));
    let refused = ask("tls://gate:shut@hub.test/sites.eu");
    assert_eq!(refused.status.code(), Some(3), "{}", text(&refused));
    assert!(!text(&refused).contains("shut"), "{}", text(&refused));
}
