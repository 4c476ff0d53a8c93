//! The worker is locked in: each way out is tried from inside, with the real sandbox.

use std::{
    os::unix::{net::UnixStream, process::ExitStatusExt},
    process::{Command, ExitStatus, Stdio},
};

const SIGSYS: i32 = 31;
const DENIED: i32 = 10;

fn run(variant: &str) -> ExitStatus {
    let (_ours, theirs) = UnixStream::pair().expect("a socket pair");
    Command::new(env!("CARGO_BIN_EXE_hearth-eyes-worker"))
        .arg(variant)
        .env_clear()
        .stdin(Stdio::from(std::os::fd::OwnedFd::from(theirs)))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .expect("the worker starts")
}

/// promise: D-17. The worker can open no file, reach no network, start no process or thread, and
/// touch no other process; trying ends it.
#[test]
fn every_way_out_of_the_sandbox_is_fatal() {
    assert_eq!(run("nothing").code(), Some(0), "the probe itself runs");
    for way in ["open", "tcp", "socket", "process", "thread", "kill"] {
        let status = run(way);
        assert_eq!(status.signal(), Some(SIGSYS), "{way}: {status}");
    }
}

/// promise: D-17. Even without the system-call list no file can be opened, where the kernel has
/// Landlock.
#[test]
fn landlock_denies_files_by_itself() {
    for way in ["files", "own-file"] {
        let status = run(way);
        if status.code() == Some(DENIED) {
            continue;
        }
        assert!(!kernel_has_landlock(), "{way}: {status}");
        eprintln!("skipped: this kernel has no Landlock");
    }
}

/// Whether the kernel lists it among its active security modules, or lists none at all and has it.
fn kernel_has_landlock() -> bool {
    std::fs::read_to_string("/sys/kernel/security/lsm")
        .is_ok_and(|modules| modules.split(',').any(|module| module.trim() == "landlock"))
}

#[test]
fn a_worker_ends_when_its_pipe_is_closed() {
    let (ours, theirs) = UnixStream::pair().expect("a socket pair");
    let mut child = Command::new(env!("CARGO_BIN_EXE_hearth-eyes-worker"))
        .env_clear()
        .stdin(Stdio::from(std::os::fd::OwnedFd::from(theirs)))
        .spawn()
        .expect("the worker starts");
    ours.shutdown(std::net::Shutdown::Write).expect("the pipe is open");
    assert_eq!(child.wait().expect("it ends").code(), Some(0));
}
