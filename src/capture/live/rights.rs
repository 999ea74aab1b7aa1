//! Whether this process may capture, and what it lacks.
//!
//! Linux: the capability `CAP_NET_RAW` (capabilities(7)), asked of the kernel and not guessed from a failure.
//! Elsewhere the right lies in device files (macOS: `/dev/bpf*`), and only trying tells.

use std::fmt;

/// A right that capturing needs and this process does not have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MissingRight {
    /// Its name: `CAP_NET_RAW`.
    pub right: &'static str,
    /// The command that gives it to this program, to be pasted.
    pub remedy: String,
}

impl fmt::Display for MissingRight {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "this user may not capture: the right {} is missing; give it to the program once, or run it with sudo:\n  {}",
            self.right, self.remedy
        )
    }
}

/// What is missing; none if capturing is allowed, or only trying tells.
#[cfg(target_os = "linux")]
pub(super) fn missing() -> Option<MissingRight> {
    let has = caps::has_cap(None, caps::CapSet::Effective, caps::Capability::CAP_NET_RAW);
    (!has.unwrap_or(true)).then(|| MissingRight {
        right: "CAP_NET_RAW",
        remedy: format!("sudo setcap cap_net_raw+ep {}", program()),
    })
}

/// What is missing; none if capturing is allowed, or only trying tells.
#[cfg(not(target_os = "linux"))]
pub(super) fn missing() -> Option<MissingRight> {
    None
}

/// The path of this program, as a shell takes it.
#[cfg(target_os = "linux")]
fn program() -> String {
    std::env::current_exe().map_or_else(
        |_| "\"$(command -v windfall)\"".to_owned(),
        |path| quoted(&path.to_string_lossy()),
    )
}

/// A word for a POSIX shell: as it is where that is safe, else in single quotes.
#[cfg(target_os = "linux")]
fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._-+,:@%".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_one_word_for_the_shell() {
        assert_eq!(quoted("/usr/bin/windfall"), "/usr/bin/windfall");
        assert_eq!(quoted("/opt/my tools/windfall"), "'/opt/my tools/windfall'");
        assert_eq!(quoted("/a'b"), r"'/a'\''b'");
    }
}
