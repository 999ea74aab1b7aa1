//! Capabilities (capabilities(7)): giving all of them away, or all but one.

use caps::{CapSet, Capability, CapsHashSet};

use super::PrivilegeError;

/// What may be kept.
fn kept(reattach: bool) -> CapsHashSet {
    reattach
        .then_some(Capability::CAP_NET_RAW)
        .into_iter()
        .collect()
}

/// What must be done before the user changes: with root goes the right to do it.
pub(super) fn before_user(reattach: bool) -> Result<(), PrivilegeError> {
    // Only root may, and only what the kernel knows can be dropped; without it, programs that are run could regain what
    // no_new_privs refuses them in any case.
    for capability in caps::runtime::thread_all_supported() {
        let _ = caps::drop(None, CapSet::Bounding, capability);
    }
    if reattach {
        caps::securebits::set_keepcaps(true).map_err(|error| step("keep CAP_NET_RAW", &error))?;
    }
    Ok(())
}

/// Gives away all but what is kept; what holds then, in words.
pub(super) fn give_away(reattach: bool) -> Result<String, PrivilegeError> {
    let failed = |error| step("give the capabilities away", &error);
    let permitted = caps::read(None, CapSet::Permitted).map_err(failed)?;
    let left: CapsHashSet = kept(reattach).intersection(&permitted).copied().collect();
    // A kernel without ambient capabilities has none to clear.
    let _ = caps::clear(None, CapSet::Ambient);
    caps::set(None, CapSet::Effective, &left).map_err(failed)?;
    caps::set(None, CapSet::Permitted, &left).map_err(failed)?;
    caps::clear(None, CapSet::Inheritable).map_err(failed)?;
    Ok(if left.is_empty() {
        "no capabilities".to_owned()
    } else {
        "only CAP_NET_RAW".to_owned()
    })
}

fn step(step: &'static str, error: &caps::errors::CapsError) -> PrivilegeError {
    PrivilegeError::Step {
        step,
        reason: error.to_string(),
    }
}
