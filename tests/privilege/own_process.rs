//! Runs each case in a process of its own, with a network namespace and a directory of its own where it needs them.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, exit};

/// Set in the process of a case: its name, and its directory.
const CASE: &str = "WINDFALL_TEST_CASE";
const PLACE: &str = "WINDFALL_TEST_PLACE";

/// Lays a wire from `near` to `far`: what is sent to 10.77.0.2 comes in at `far`.
pub(crate) const WIRE: &str = "ip link add near type veth peer name far && ip link set near up && \
    ip link set far up && ip addr replace 10.77.0.1/24 dev near && \
    ip neigh replace 10.77.0.2 lladdr 02:00:00:00:00:02 dev near nud permanent";

/// What a case needs around it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Needs {
    Nothing,
    /// Rights to become another user.
    Root,
    /// A network namespace with a wire in it, for which root is needed, too.
    Wire,
    /// A process without any right.
    Unprivileged,
}

pub(crate) struct Case {
    pub(crate) name: &'static str,
    pub(crate) needs: Needs,
    pub(crate) run: fn(&Path),
}

/// Removed with all in it, however a case ends.
struct Place(PathBuf);

impl Drop for Place {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Runs all cases, or those whose names hold one of the arguments.
pub(crate) fn run(cases: &[Case]) {
    if let Some(name) = std::env::var_os(CASE) {
        let case = cases.iter().find(|case| *case.name == *name).unwrap();
        (case.run)(Path::new(&std::env::var_os(PLACE).unwrap()));
        return;
    }
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let wanted = arguments.iter().filter(|word| !word.starts_with('-'));
    let wanted: Vec<&String> = wanted.collect();
    let mut failed = 0;
    for case in cases {
        let is_wanted = wanted.is_empty() || wanted.iter().any(|word| case.name.contains(*word));
        if arguments.iter().any(|word| word == "--list") {
            println!("{}: test", case.name);
        } else if is_wanted {
            failed += usize::from(!passes(case));
        }
    }
    if failed > 0 {
        println!("{failed} of {} failed", cases.len());
        exit(1);
    }
}

fn passes(case: &Case) -> bool {
    let name = case.name;
    let is_root = nix::unistd::geteuid().is_root();
    let reason = match case.needs {
        Needs::Root | Needs::Unprivileged if !is_root => Some("needs root".to_owned()),
        Needs::Wire => no_wire(),
        Needs::Nothing | Needs::Root | Needs::Unprivileged => None,
    };
    if let Some(reason) = reason {
        println!("test {name} ... skipped: {reason}");
        return true;
    }
    let place = Place(std::env::temp_dir().join(format!("windfall-{}-{name}", std::process::id())));
    std::fs::create_dir(&place.0).unwrap();
    let open_to_all = std::fs::Permissions::from_mode(0o777);
    std::fs::set_permissions(&place.0, open_to_all).unwrap();
    // A copy, because other users may not be able to enter the folder that cargo builds in.
    let program = place.0.join("program");
    std::fs::copy(std::env::current_exe().unwrap(), &program).unwrap();
    let mut command = match case.needs {
        Needs::Nothing | Needs::Root => Command::new(&program),
        Needs::Wire => isolated("exec \"$@\"", &program),
        Needs::Unprivileged => {
            let mut command = Command::new("setpriv");
            command.args(["--reuid=65534", "--regid=65534", "--clear-groups"]);
            command.args(["--inh-caps=-all", "--bounding-set=-all"]);
            command.arg(&program);
            command
        }
    };
    let ran = command.env(CASE, name).env(PLACE, &place.0).output();
    let ran = ran.unwrap();
    let passed = ran.status.success();
    let said = text(&ran);
    let verdict = if passed { "ok" } else { "FAILED" };
    println!("test {name} ... {verdict}");
    if !said.is_empty() {
        println!("{said}");
    }
    passed
}

/// Why there can be no wire here.
fn no_wire() -> Option<String> {
    match isolated("exec \"$@\"", Path::new("true")).output() {
        Ok(ran) if ran.status.success() => None,
        Ok(ran) => Some(format!(
            "needs root, network namespaces and veth: {}",
            text(&ran).trim()
        )),
        Err(error) => Some(format!("needs `unshare` (util-linux): {error}")),
    }
}

/// A program in a namespace with a wire. Nothing is left behind: namespaces without a name end with their processes.
fn isolated(script: &str, program: &Path) -> Command {
    let mut command = Command::new("unshare");
    command.args(["--net", "--mount", "sh", "-c"]);
    // /sys shows the interfaces of the namespace that mounted it.
    command.arg(format!("mount -t sysfs none /sys && {WIRE} && {script}"));
    command.arg("sh").arg(program);
    command
}

fn text(ran: &Output) -> String {
    String::from_utf8_lossy(&[ran.stdout.as_slice(), &ran.stderr].concat()).into_owned()
}
