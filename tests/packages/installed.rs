//! The package, installed, looked at, removed and purged.

use std::io::Write as _;
use std::path::Path;
use std::process::Command;

use crate::overlay::{hindrance, inside};

/// Makes the package of the program that is tested: no other is built for it.
fn package() -> String {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("windfall.deb");
    let profile = Path::new(env!("CARGO_BIN_EXE_windfall"));
    let profile = profile.parent().and_then(Path::file_name).unwrap();
    let profile = match profile.to_str().unwrap() {
        "debug" => "dev",
        other => other,
    };
    let made = Command::new(concat!(env!("CARGO_MANIFEST_DIR"), "/packaging/deb.sh"))
        .args([profile, "--fast", "--output"])
        .arg(&path)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&made.stderr);
    assert!(made.status.success(), "{said}");
    path.to_str().unwrap().to_owned()
}

/// What dpkg, its triggers and the tools for users note for themselves; that the user is gone is looked at.
const NOTED: [&str; 11] = [
    "/run/",
    "/etc/subuid",
    "/etc/subgid",
    "/var/lib/dpkg/",
    "/var/log/",
    "/var/cache/",
    "/etc/passwd",
    "/etc/group",
    "/etc/shadow",
    "/etc/gshadow",
    "/etc/.pwd.lock",
];

/// What is looked at, once it is installed.
const LOOK: &str = r#"
# Images for containers leave manual pages out.
dpkg --force-depends --path-include='/usr/share/man/*' -i /windfall.deb
echo "version: $(windfall --version)"
echo "page: $(man -w windfall)"
man windfall | grep -q 'WATCH'
for file in /usr/share/bash-completion/completions/windfall /usr/share/zsh/vendor-completions/_windfall \
    /usr/share/fish/vendor_completions.d/windfall.fish; do
    grep -q metrics-per-client "$file" && echo "completes: $file"
done
bash -n /usr/share/bash-completion/completions/windfall
systemd-analyze verify /usr/lib/systemd/system/windfall.service 2>&1 | grep windfall || echo 'unit: right'
systemd-analyze security --offline=yes --no-pager windfall.service | grep -o 'Overall exposure level.*'
windfall config check /etc/windfall/windfall.toml
echo "user: $(getent passwd windfall | cut -d: -f1,6,7)"
find /etc/systemd /usr/lib/systemd -name '*.wants' -exec find {} -name 'windfall*' \; | sed 's/^/enabled: /'
echo '# changed by the operator' >> /etc/windfall/windfall.toml
dpkg -r windfall
test ! -e /usr/bin/windfall
tail -n 1 /etc/windfall/windfall.toml
mkdir -p /var/lib/windfall
touch /var/lib/windfall/ring-00001.pcapng
dpkg -P windfall
! grep windfall /etc/passwd /etc/group /etc/shadow /etc/gshadow /etc/subuid /etc/subgid
"#;

#[test]
fn it_is_all_there_when_installed_and_gone_when_purged() {
    if let Some(why) = hindrance() {
        let mut stderr = std::io::stderr();
        writeln!(stderr, "the Debian package: skipped: {why}").unwrap();
        return;
    }
    let ran = inside(&format!("exec 2>&1\n{LOOK}"), &package());
    let said = String::from_utf8_lossy(&ran.stdout).into_owned();
    assert!(ran.status.success(), "{said}");
    let version = concat!("version: windfall ", env!("CARGO_PKG_VERSION"));
    for words in [
        version,
        "page: /usr/share/man/man1/windfall.1.gz",
        "completes: /usr/share/bash-completion/completions/windfall",
        "completes: /usr/share/zsh/vendor-completions/_windfall",
        "completes: /usr/share/fish/vendor_completions.d/windfall.fish",
        "unit: right",
        "/etc/windfall/windfall.toml is right",
        "user: windfall:/var/lib/windfall:/usr/sbin/nologin",
        "systemctl enable --now windfall",
        "# changed by the operator",
    ] {
        assert!(said.contains(words), "{words:?} is not in:\n{said}");
    }
    assert!(!said.contains("enabled: "), "{said}");
    let left: Vec<&str> = said
        .lines()
        .filter_map(|line| {
            line.strip_prefix("written: .")
                .or_else(|| line.strip_prefix("left: ."))
        })
        .filter(|path| !NOTED.iter().any(|noted| path.starts_with(noted)))
        .collect();
    assert!(left.is_empty(), "{left:#?}");
    assert!(said.contains("written: ./var/lib/dpkg/status"), "{said}");
    let level = said.split("windfall.service: ").nth(1);
    let level = level.and_then(|rest| rest.split(' ').next()?.parse::<f64>().ok());
    assert!(level.is_some_and(|level| level < 2.0), "{said}");
}
