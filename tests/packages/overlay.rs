//! A file system laid over the one that is there: what is written goes into a folder in memory.

use std::process::{Command, Output};

/// Lays it, makes the script's arguments known, and goes in.
const LAID: &str = r#"
set -e
place=$1 script=$2
mount -t tmpfs none "$place"
mkdir "$place/upper" "$place/work" "$place/root"
mount -t overlay overlay -o "lowerdir=/,upperdir=$place/upper,workdir=$place/work" "$place/root"
cp "$3" "$place/root/windfall.deb"
for folder in proc sys dev; do mount --rbind "/$folder" "$place/root/$folder"; done
status=0
chroot "$place/root" sh -euc "$script" || status=$?
cd "$place/upper"
find . ! -type d ! -path './windfall.deb' | sed 's/^/written: /'
find . -name '*windfall*' ! -path './windfall.deb' | sed 's/^/left: /'
exit $status
"#;

/// Runs a script of the shell on such a file system, where the package is `/windfall.deb`. What it leaves is listed after
/// what it says: `written: ./etc/passwd`, and, if it is named after windfall, `left: ./etc/windfall`.
pub(crate) fn inside(script: &str, package: &str) -> Output {
    let place = std::env::temp_dir().join(format!("windfall-package-{}", std::process::id()));
    std::fs::create_dir_all(&place).unwrap();
    let ran = Command::new("unshare")
        .args(["--mount", "sh", "-c", LAID, "sh"])
        .arg(&place)
        .args([script, package])
        .output()
        .unwrap();
    std::fs::remove_dir(&place).unwrap();
    ran
}

/// Why there can be none here.
pub(crate) fn hindrance() -> Option<String> {
    for program in [
        "unshare",
        "dpkg",
        "dpkg-shlibdeps",
        "systemd-analyze",
        "man",
        "cargo-deb",
        "adduser",
    ] {
        let found = Command::new("sh")
            .args(["-c", &format!("command -v {program}")])
            .output();
        if !found.is_ok_and(|found| found.status.success()) {
            return Some(format!("needs `{program}`"));
        }
    }
    let tried = inside("true", "/dev/null");
    (!tried.status.success()).then(|| {
        let said = String::from_utf8_lossy(&tried.stderr).into_owned();
        format!("needs root and overlayfs: {}", said.trim())
    })
}
