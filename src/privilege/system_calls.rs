//! seccomp: which system calls are refused.
//!
//! A list of what is refused, not of what is allowed: the C library, the standard library, the screen and libpcap
//! choose their calls by version, and a list of allowed ones would break a run on a newer system in its middle. What is
//! refused ends in `EPERM`, which all of them survive. It is what a monitor never does and an intruder wants: new
//! sockets and connections, other programs, other processes, namespaces, mounts, kernel modules, clocks, keys, and the
//! interfaces that have opened most holes (bpf, perf, `io_uring`, userfaultfd).
//!
//! Limits: calls of foreign tables are not seen (32-bit ones end the process; x32, which distributions switch off).
//! The capture socket itself could still send: `send` and `write` are calls that threads wake each other with.

use std::collections::BTreeMap;

use nix::libc;
use seccompiler::{
    BpfProgram, Error, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition,
    SeccompFilter, SeccompRule, TargetArch, apply_filter_all_threads,
};

use super::{Confinement, Plan};

/// Refused whatever their arguments.
#[rustfmt::skip]
const REFUSED: &[libc::c_long] = &[
    // To talk to others.
    libc::SYS_connect, libc::SYS_listen, libc::SYS_accept, libc::SYS_sendmsg, libc::SYS_sendmmsg,
    // To become something else.
    libc::SYS_execve, libc::SYS_execveat, libc::SYS_unshare, libc::SYS_setns, libc::SYS_personality,
    // To look into others.
    libc::SYS_ptrace, libc::SYS_process_vm_readv, libc::SYS_process_vm_writev, libc::SYS_kcmp,
    libc::SYS_pidfd_getfd, libc::SYS_name_to_handle_at, libc::SYS_open_by_handle_at,
    // Wide, and often broken into.
    libc::SYS_bpf, libc::SYS_perf_event_open, libc::SYS_userfaultfd, libc::SYS_io_uring_setup,
    libc::SYS_io_uring_enter, libc::SYS_io_uring_register, libc::SYS_add_key, libc::SYS_request_key,
    libc::SYS_keyctl,
    // To change the system.
    libc::SYS_mount, libc::SYS_umount2, libc::SYS_pivot_root, libc::SYS_chroot, libc::SYS_move_mount,
    libc::SYS_open_tree, libc::SYS_fsopen, libc::SYS_fsconfig, libc::SYS_fsmount, libc::SYS_fspick,
    libc::SYS_mount_setattr, libc::SYS_swapon, libc::SYS_swapoff, libc::SYS_reboot,
    libc::SYS_kexec_load, libc::SYS_init_module, libc::SYS_finit_module, libc::SYS_delete_module,
    libc::SYS_settimeofday, libc::SYS_clock_settime, libc::SYS_clock_adjtime, libc::SYS_adjtimex,
    libc::SYS_sethostname, libc::SYS_setdomainname, libc::SYS_quotactl, libc::SYS_acct,
    libc::SYS_syslog, libc::SYS_vhangup,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_kexec_file_load,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_iopl,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_ioperm,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_modify_ldt,
];

/// Sockets that opening an interface takes: the capture itself, and two to ask for it.
const TO_REATTACH: [libc::c_int; 3] = [libc::AF_PACKET, libc::AF_NETLINK, libc::AF_UNIX];

/// Sockets that a broker is reached by, and that names are asked for by.
const INTERNET: [libc::c_int; 2] = [libc::AF_INET, libc::AF_INET6];

/// What that takes: the C library asks for two kinds of addresses in one call.
const TO_CONNECT: [libc::c_long; 3] = [libc::SYS_connect, libc::SYS_sendmsg, libc::SYS_sendmmsg];

/// Requests of `ioctl` that type into the terminal, as if the operator had.
const TYPING: [u64; 2] = [0x5412, 0x541c];

/// Flags of `clone` that make namespaces, in which a process has all capabilities.
const NAMESPACES: [libc::c_int; 7] = [
    libc::CLONE_NEWCGROUP,
    libc::CLONE_NEWIPC,
    libc::CLONE_NEWNET,
    libc::CLONE_NEWNS,
    libc::CLONE_NEWPID,
    libc::CLONE_NEWUSER,
    libc::CLONE_NEWUTS,
];

/// Puts the filters into force, for all threads.
pub(super) fn restrict(plan: &Plan, done: &mut Confinement) {
    let applied = programs(plan).and_then(|programs| {
        programs
            .iter()
            .try_for_each(|program| apply_filter_all_threads(program))
    });
    match applied {
        Ok(()) => done.in_force.push("seccomp".to_owned()),
        Err(error) => done.missing.push(format!("seccomp ({error})")),
    }
}

fn programs(plan: &Plan) -> Result<[BpfProgram; 2], Error> {
    let architecture = TargetArch::try_from(std::env::consts::ARCH)?;
    let refused = |error| SeccompAction::Errno(u32::try_from(error).unwrap_or(1));
    let filter = |rules, action| {
        let filter = SeccompFilter::new(rules, SeccompAction::Allow, action, architecture)?;
        BpfProgram::try_from(filter)
    };
    // The flags of clone3 lie in memory, where no filter sees them; told that there is no such call, the C library
    // falls back to clone.
    let clone3 = BTreeMap::from([(libc::SYS_clone3, Vec::new())]);
    Ok([
        filter(clone3, refused(libc::ENOSYS))?,
        filter(rules(plan)?, refused(libc::EPERM))?,
    ])
}

fn rules(plan: &Plan) -> Result<BTreeMap<i64, Vec<SeccompRule>>, Error> {
    let mut rules: BTreeMap<i64, Vec<SeccompRule>> =
        REFUSED.iter().map(|&call| (call, Vec::new())).collect();
    let not_ours = |fd: i32| any(argument(0, SeccompCmpOp::Ne, fd.unsigned_abs().into()));
    let accept = plan.listener.map(not_ours).transpose()?;
    rules.insert(libc::SYS_accept4, accept.into_iter().collect());
    let again: &[libc::c_int] = if plan.reattach { &TO_REATTACH } else { &[] };
    let broker: &[libc::c_int] = if plan.broker_port.is_some() {
        for call in TO_CONNECT {
            rules.remove(&call);
        }
        &INTERNET
    } else {
        &[]
    };
    let others = again.iter().chain(broker);
    let others = others.map(|family| argument(0, SeccompCmpOp::Ne, family.unsigned_abs().into()));
    let others: Vec<SeccompCondition> = others.collect::<Result<_, Error>>()?;
    let sockets = if others.is_empty() {
        Vec::new()
    } else {
        vec![SeccompRule::new(others)?]
    };
    rules.insert(libc::SYS_socket, sockets);
    if !plan.reattach {
        rules.insert(libc::SYS_bind, Vec::new());
    }
    // Without an address it wakes threads; with one it is a datagram.
    let to_somebody = wide_argument(4, SeccompCmpOp::Ne, 0)?;
    rules.insert(libc::SYS_sendto, vec![SeccompRule::new(vec![to_somebody])?]);
    let typing = TYPING.map(|request| any(argument(1, SeccompCmpOp::Eq, request)));
    rules.insert(
        libc::SYS_ioctl,
        typing.into_iter().collect::<Result<_, _>>()?,
    );
    let namespaces = NAMESPACES.map(|flag| {
        let flag = flag.unsigned_abs().into();
        any(wide_argument(0, SeccompCmpOp::MaskedEq(flag), flag))
    });
    rules.insert(
        libc::SYS_clone,
        namespaces.into_iter().collect::<Result<_, _>>()?,
    );
    Ok(rules)
}

/// A rule of one condition.
fn any(condition: Result<SeccompCondition, Error>) -> Result<SeccompRule, Error> {
    Ok(SeccompRule::new(vec![condition?])?)
}

/// A condition on the lower 32 bits of an argument: all that the kernel looks at for an `int`.
fn argument(number: u8, operator: SeccompCmpOp, value: u64) -> Result<SeccompCondition, Error> {
    Ok(SeccompCondition::new(
        number,
        SeccompCmpArgLen::Dword,
        operator,
        value,
    )?)
}

/// A condition on a whole argument.
fn wide_argument(
    number: u8,
    operator: SeccompCmpOp,
    value: u64,
) -> Result<SeccompCondition, Error> {
    Ok(SeccompCondition::new(
        number,
        SeccompCmpArgLen::Qword,
        operator,
        value,
    )?)
}
