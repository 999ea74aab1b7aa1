//! Landlock: which paths can still be opened.
//!
//! Input: declared paths. Output: a rule set that takes effect with [`restrict`]. What is open already stays usable:
//! the terminal, pipes, capture handles, the kernel's counters. Limits: older kernels know less and refuse less; what
//! they lack is said.

use landlock::{
    ABI, Access, AccessFs, AccessNet, BitFlags, LandlockStatus, NetPort, Ruleset, RulesetAttr,
    RulesetCreated, RulesetCreatedAttr as _, RulesetError, RulesetStatus, Scope,
    path_beneath_rules,
};

use super::paths::directory_of;
use super::{Confinement, Plan};

/// The newest edition whose rights are named here (Linux 6.12).
const EDITION: ABI = ABI::V6;

/// The terminal, which the screen opens to ask for its size; and nothing.
const ALWAYS: [&str; 2] = ["/dev/tty", "/dev/null"];

/// What libpcap and the counters of drops read when an interface is opened again.
const TO_REATTACH: [&str; 2] = ["/sys/class/net", "/sys/devices"];

/// Where names are asked for when answers are long.
const DNS: u16 = 53;

/// The rules, with their paths opened.
pub(super) fn prepare(plan: &Plan) -> Result<RulesetCreated, RulesetError> {
    let allowed = &plan.allowed;
    let read: BitFlags<AccessFs> = AccessFs::ReadFile | AccessFs::ReadDir;
    let write = read
        | AccessFs::WriteFile
        | AccessFs::Truncate
        | AccessFs::MakeReg
        | AccessFs::RemoveFile
        | AccessFs::Refer;
    let device = AccessFs::ReadFile | AccessFs::WriteFile | AccessFs::IoctlDev;
    let writable = allowed.write.iter().map(|path| {
        if path.exists() {
            path.clone()
        } else {
            directory_of(path)
        }
    });
    let again: &[&str] = if plan.reattach { &TO_REATTACH } else { &[] };
    let broker = plan.broker_port.into_iter();
    let ports = broker.flat_map(|port| [port, DNS]);
    Ruleset::default()
        .handle_access(AccessFs::from_all(EDITION))?
        .handle_access(AccessNet::from_all(EDITION))?
        .scope(Scope::from_all(EDITION))?
        .create()?
        .add_rules(path_beneath_rules(&allowed.read, read))?
        .add_rules(path_beneath_rules(again, read))?
        .add_rules(path_beneath_rules(writable, write))?
        .add_rules(path_beneath_rules(ALWAYS, device))?
        .add_rules(
            ports.map(|port| Ok::<_, RulesetError>(NetPort::new(port, AccessNet::ConnectTcp))),
        )
}

/// Puts the rules into force.
pub(super) fn restrict(rules: Result<RulesetCreated, RulesetError>, done: &mut Confinement) {
    let status = match rules.and_then(RulesetCreated::restrict_self) {
        Ok(status) => status,
        Err(error) => {
            done.missing.push(format!("landlock ({error})"));
            return;
        }
    };
    let enforced = status.ruleset != RulesetStatus::NotEnforced;
    let missing = match (status.ruleset, status.landlock) {
        (RulesetStatus::FullyEnforced, _) => None,
        (_, LandlockStatus::NotImplemented) => Some("landlock (not in this kernel)"),
        (_, LandlockStatus::NotEnabled) => Some("landlock (not enabled in this kernel)"),
        (RulesetStatus::PartiallyEnforced, _) => Some("parts of landlock (older kernel)"),
        (RulesetStatus::NotEnforced, _) => Some("landlock (refused by this kernel)"),
    };
    if enforced {
        done.in_force.push("landlock".to_owned());
    }
    if status.no_new_privs {
        done.in_force.push("no new privileges".to_owned());
    }
    done.missing.extend(missing.map(str::to_owned));
}
