//! What the process gives away once everything is open: parsers of hostile packets run with no right they do not need.
//!
//! Input: a [`Plan`]: who to become, which paths stay usable. Output: [`Confinement`]: what holds, and what this kernel
//! could not give, in few words for the screen. Limits: Linux; elsewhere nothing is given away, and that is said.
//!
//! The steps, in order. None can be taken back, and all of them hold for threads that start later:
//!
//! 1. The user: root becomes `nobody`, or whom the plan names, without supplementary groups (setresuid(2)).
//! 2. Capabilities: none is kept, but for `CAP_NET_RAW` where interfaces are to be opened again.
//! 3. No new privileges (prctl(2)): no program that is run could gain any.
//! 4. Files: Landlock (landlock(7)) leaves the declared paths, and takes TCP ports, abstract sockets and signals to others.
//! 5. System calls: seccomp (seccomp(2)) refuses what a monitor never does: open sockets, run programs, look into other
//!    processes, change the system.
//!
//! Where events go to a broker, sockets of the internet protocols stay possible, and TCP connections to the broker's port
//! and to the one of DNS; Landlock refuses all other ports.
//!
//! Steps 2 to 4 hold for one thread and those it starts: [`confine`] refuses to run beside other threads.

#[cfg(target_os = "linux")]
mod capabilities;
#[cfg(target_os = "linux")]
mod files;
mod paths;
#[cfg(target_os = "linux")]
mod system_calls;
#[cfg(target_os = "linux")]
mod user;

use std::path::PathBuf;

/// Paths that stay usable.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Allowed {
    /// Files, or directories with all below them, that may be read.
    pub read: Vec<PathBuf>,
    /// What may be written. A directory: files in it may be made, written, renamed and removed. A file that is there: it
    /// alone. A file that is not: its directory, as above.
    pub write: Vec<PathBuf>,
}

/// What to give away.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// Whom root becomes; `nobody` if not told.
    pub user: Option<String>,
    /// Keep what opening an interface takes, so that one that was deleted can be opened when it is there again.
    pub reattach: bool,
    /// Paths that stay usable.
    pub allowed: Allowed,
    /// The number of a socket that listens already, on which connections may still be taken; on no other.
    pub listener: Option<i32>,
    /// A TCP port that events go to: connections to it, and asking for the addresses of names, stay possible.
    pub broker_port: Option<u16>,
}

/// What holds, in a few words each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Confinement {
    /// What is in force: `user nobody`, `no capabilities`, `landlock`, `seccomp`.
    pub in_force: Vec<String>,
    /// What is not, and why: `landlock (not in this kernel)`.
    pub missing: Vec<String>,
}

/// Why rights cannot be given away as planned.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PrivilegeError {
    /// There is no such user.
    #[error("there is no user {user:?} to become; name another with --user")]
    UnknownUser {
        /// As named.
        user: String,
    },
    /// Only root can become somebody else.
    #[error("only root can become the user {user:?}: leave --user out, or run windfall with sudo")]
    NotRoot {
        /// As named.
        user: String,
    },
    /// A path that is not there.
    #[error("{}: {part} does not exist; create it first", path.display())]
    NotThere {
        /// As declared.
        path: PathBuf,
        /// What is not there.
        part: String,
    },
    /// A path that could not be used once the rights are gone.
    #[error(
        "{}: could not be {what}: windfall goes on as {user} once it captures, who may not {step} {}; use another place, or let that user in (chown, chmod){hint}",
        path.display(), at.display()
    )]
    NotAllowed {
        /// As declared.
        path: PathBuf,
        /// `read` or `written`.
        what: &'static str,
        /// Who would try.
        user: String,
        /// What fails: `enter`, `read`, `write to`, `make files in`.
        step: &'static str,
        /// Where.
        at: PathBuf,
        /// What else helps.
        hint: &'static str,
    },
    /// Other threads are running.
    #[error(
        "{count} threads are running already, and rights can be given away only before others start"
    )]
    Threads {
        /// How many, this one included.
        count: usize,
    },
    /// The kernel refused a step that it must not refuse.
    #[error("cannot {step}: {reason}; windfall does not go on with rights it does not need")]
    Step {
        /// Which.
        step: &'static str,
        /// What the system says.
        reason: String,
    },
}

impl Plan {
    /// Whether everything in it can be had: call it before anything starts, so that an operator hears of a path that
    /// will not be usable at once, and not when evidence is to be written.
    ///
    /// # Errors
    /// When there is no such user, or a path is not there or closed to the user that windfall goes on as.
    pub fn check(&self) -> Result<(), PrivilegeError> {
        paths::check(&self.allowed, &self.identity()?)
    }

    #[cfg(target_os = "linux")]
    fn identity(&self) -> Result<paths::Identity, PrivilegeError> {
        user::identity(self.user.as_deref())
    }

    #[cfg(not(target_os = "linux"))]
    #[expect(clippy::unnecessary_wraps, reason = "as it is on Linux")]
    fn identity(&self) -> Result<paths::Identity, PrivilegeError> {
        Ok(paths::Identity::unknown())
    }
}

/// Gives away what the plan does not keep. Call it after everything was opened, and before the first thread is started.
///
/// A kernel without Landlock or seccomp does without: [`Confinement::missing`] says so. What every kernel has must not
/// fail.
///
/// # Errors
/// As [`Plan::check`]; when other threads are running; when user or capabilities cannot be changed.
#[cfg(target_os = "linux")]
pub fn confine(plan: &Plan) -> Result<Confinement, PrivilegeError> {
    plan.check()?;
    let count = std::fs::read_dir("/proc/self/task").map_or(1, Iterator::count);
    if count > 1 {
        return Err(PrivilegeError::Threads { count });
    }
    let mut done = Confinement::default();
    // While paths can still be opened; it takes effect later.
    let files = files::prepare(plan);
    capabilities::before_user(plan.reattach)?;
    if let Some(name) = user::change(plan.user.as_deref())? {
        done.in_force.push(format!("user {name}"));
    }
    done.in_force.push(capabilities::give_away(plan.reattach)?);
    files::restrict(files, &mut done);
    system_calls::restrict(plan, &mut done);
    Ok(done)
}

/// Gives nothing away: there is no sandbox here that windfall knows.
///
/// # Errors
/// As [`Plan::check`].
#[cfg(not(target_os = "linux"))]
pub fn confine(plan: &Plan) -> Result<Confinement, PrivilegeError> {
    plan.check()?;
    Ok(Confinement {
        in_force: Vec::new(),
        missing: vec!["sandbox (Linux only)".to_owned()],
    })
}
