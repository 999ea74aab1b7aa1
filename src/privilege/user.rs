//! Who the process is, and becoming somebody else.
//!
//! The C library changes the user of all threads at once (nptl(7)); the kernel alone would change that of one.

use nix::unistd::{User, getegid, geteuid, getgroups, setgroups, setresgid, setresuid};

use super::PrivilegeError;
use super::paths::Identity;

/// Whom root becomes when nobody is named: the user that owns nothing.
const USUAL: &str = "nobody";

/// Who will go on.
pub(super) fn identity(wanted: Option<&str>) -> Result<Identity, PrivilegeError> {
    if let Some(user) = successor(wanted)? {
        return Ok(Identity {
            name: format!("the user {}", user.name),
            user: user.uid.as_raw(),
            groups: vec![user.gid.as_raw()],
            changes: true,
        });
    }
    let mut groups = getgroups().unwrap_or_default();
    groups.push(getegid());
    let name = User::from_uid(geteuid()).ok().flatten();
    Ok(Identity {
        name: name.map_or_else(
            || format!("the user {}", geteuid()),
            |user| format!("the user {}", user.name),
        ),
        user: geteuid().as_raw(),
        groups: groups.into_iter().map(nix::unistd::Gid::as_raw).collect(),
        changes: false,
    })
}

/// Becomes somebody else, if root; who that is.
pub(super) fn change(wanted: Option<&str>) -> Result<Option<String>, PrivilegeError> {
    let Some(user) = successor(wanted)? else {
        return Ok(None);
    };
    let step = |step| {
        move |error: nix::Error| PrivilegeError::Step {
            step,
            reason: error.to_string(),
        }
    };
    setgroups(&[]).map_err(step("leave the groups of root"))?;
    setresgid(user.gid, user.gid, user.gid).map_err(step("change the group"))?;
    setresuid(user.uid, user.uid, user.uid).map_err(step("change the user"))?;
    Ok(Some(user.name))
}

/// Whom to become; none if the process stays who it is.
fn successor(wanted: Option<&str>) -> Result<Option<User>, PrivilegeError> {
    let unknown = |name: &str| PrivilegeError::UnknownUser {
        user: name.to_owned(),
    };
    let find = |name: &str| {
        let found = User::from_name(name).ok().flatten();
        found.ok_or_else(|| unknown(name))
    };
    if geteuid().is_root() {
        return find(wanted.unwrap_or(USUAL)).map(Some);
    }
    match wanted {
        Some(name) if find(name)?.uid != geteuid() => Err(PrivilegeError::NotRoot {
            user: name.to_owned(),
        }),
        _ => Ok(None),
    }
}
