//! Locks the worker in.
//!
//! In order: nothing inherited from the hub but the pipe, limits on memory and files, no new
//! privileges, no file at all (Landlock, where the kernel has it), and at last an allow-list of
//! system calls that has no way to open, connect, listen, start a process or a thread, look into
//! another process or make memory executable. Breaking the list kills the process. Whoever takes
//! over a decoder finds arithmetic, a pipe to the hub, and nothing else.

use std::{collections::BTreeMap, io};

use landlock::{
    ABI, Access, AccessFs, AccessNet, CompatLevel, Compatible, Ruleset, RulesetAttr, RulesetStatus,
    Scope,
};
use rustix::process::{
    DumpableBehavior, Resource, Rlimit, Signal, set_dumpable_behavior,
    set_parent_process_death_signal, setrlimit,
};
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter,
    SeccompRule,
};

/// Sixteen 1080p cameras take about 1 GB; the rest is address space that allocators reserve.
const ADDRESS_SPACE_MAX: u64 = 4 << 30;

/// Standard streams and the pipe; nothing more can be opened.
const FILES_MAX: u64 = 8;

/// Leaves everything behind that the hub's process had: open files, core dumps, debuggers. Makes
/// the worker end with the hub.
pub(super) fn drop_inheritance() -> io::Result<()> {
    close_all_but_standard_streams()?;
    set_parent_process_death_signal(Some(Signal::KILL))?;
    set_dumpable_behavior(DumpableBehavior::NotDumpable)?;
    let limits = [
        (Resource::As, ADDRESS_SPACE_MAX),
        (Resource::Nofile, FILES_MAX),
        (Resource::Core, 0),
        (Resource::Fsize, 0),
    ];
    for (resource, limit) in limits {
        setrlimit(resource, Rlimit { current: Some(limit), maximum: Some(limit) })?;
    }
    rustix::thread::set_no_new_privs(true)?;
    Ok(())
}

#[allow(unsafe_code, reason = "the standard library cannot close files it does not own")]
fn close_all_but_standard_streams() -> io::Result<()> {
    // SAFETY: called before anything of this process has opened a file; so every descriptor above
    // the standard streams was inherited, and no object in this process owns one of them.
    let closed = unsafe { libc::close_range(3, libc::c_uint::MAX, 0) };
    if closed == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// Denies every file, TCP port, and signal or abstract socket of other processes, as far as this
/// kernel's Landlock can. `false` if it has none; the system-call list holds without it.
pub(super) fn deny_files() -> io::Result<bool> {
    let abi = ABI::V6;
    let status = Ruleset::default()
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(AccessFs::from_all(abi))
        .and_then(|ruleset| ruleset.handle_access(AccessNet::from_all(abi)))
        .and_then(|ruleset| ruleset.scope(Scope::from_all(abi)))
        .and_then(|ruleset| ruleset.create())
        .and_then(|ruleset| ruleset.restrict_self())
        .map_err(io::Error::other)?;
    Ok(status.ruleset != RulesetStatus::NotEnforced)
}

/// Allows the listed system calls only, for all threads.
pub(super) fn deny_system_calls() -> io::Result<()> {
    let program = allow_list().map_err(io::Error::other)?;
    seccompiler::apply_filter_all_threads(&program).map_err(io::Error::other)
}

fn allow_list() -> Result<BpfProgram, seccompiler::BackendError> {
    let mut rules: BTreeMap<i64, Vec<SeccompRule>> =
        ALLOWED.iter().map(|call| (*call, Vec::new())).collect();
    #[cfg(target_arch = "x86_64")]
    rules.insert(libc::SYS_poll, Vec::new());
    // Memory, but none that can be executed.
    for call in [libc::SYS_mmap, libc::SYS_mprotect] {
        let executable = libc::PROT_EXEC as u64;
        let condition = SeccompCondition::new(
            2,
            SeccompCmpArgLen::Dword,
            SeccompCmpOp::MaskedEq(executable),
            0,
        )?;
        rules.insert(call, vec![SeccompRule::new(vec![condition])?]);
    }
    // `abort` sends a signal to its own process; builds with assertions ask whether a descriptor
    // is open before they close it.
    let only = [
        (libc::SYS_tgkill, 0, u64::from(std::process::id())),
        (libc::SYS_fcntl, 1, libc::F_GETFD as u64),
    ];
    for (call, argument, value) in only {
        let equal = SeccompCmpOp::Eq;
        let condition = SeccompCondition::new(argument, SeccompCmpArgLen::Dword, equal, value)?;
        rules.insert(call, vec![SeccompRule::new(vec![condition])?]);
    }
    let filter = SeccompFilter::new(
        rules,
        SeccompAction::KillProcess,
        SeccompAction::Allow,
        std::env::consts::ARCH.try_into()?,
    )?;
    filter.try_into()
}

/// What decoding, inference and the pipe need. `write` serves the standard error stream alone: no
/// other descriptor but the pipe is open.
const ALLOWED: &[i64] = &[
    libc::SYS_recvfrom,
    libc::SYS_sendto,
    libc::SYS_ppoll,
    libc::SYS_write,
    libc::SYS_writev,
    libc::SYS_close,
    libc::SYS_futex,
    libc::SYS_sched_yield,
    libc::SYS_sched_getaffinity,
    libc::SYS_munmap,
    libc::SYS_mremap,
    libc::SYS_madvise,
    libc::SYS_brk,
    libc::SYS_getrandom,
    libc::SYS_clock_gettime,
    libc::SYS_clock_nanosleep,
    libc::SYS_getpid,
    libc::SYS_gettid,
    libc::SYS_rt_sigaction,
    libc::SYS_rt_sigprocmask,
    libc::SYS_rt_sigreturn,
    libc::SYS_sigaltstack,
    libc::SYS_restart_syscall,
    libc::SYS_exit,
    libc::SYS_exit_group,
];
