//! The worker process: takes frames from the pipe, decodes and looks.
//!
//! One thread does everything, and one more serves the arithmetic of inference. Before the first
//! byte of a camera is touched, the process locks itself in; see [`sandbox`].

mod anonymous;
mod colour;
mod decoder;
mod detector;
mod face_watch;
mod faces;
mod hide;
mod jpeg;
mod link;
mod picture;
mod pipe;
mod ring;
mod run;
mod sandbox;
mod scale;
mod scene;
mod still;

use std::{
    io,
    os::{fd::AsFd, unix::net::UnixStream},
    process::ExitCode,
};

use crate::{SandboxStatus, wire::FromWorker};
use detector::Detector;
use link::Link;

/// Places at which tests look into the worker, to prove that it is locked in and that a crash
/// hits its own camera only. The product uses none of them.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub struct WorkerHooks {
    /// Called once files are denied and before system calls are.
    pub files_denied: fn(),
    /// Called once everything is denied.
    pub locked_in: fn(),
    /// Called with each access unit before it is decoded.
    pub before_decode: fn(&[u8]),
}

impl Default for WorkerHooks {
    fn default() -> Self {
        Self { files_denied: || (), locked_in: || (), before_decode: |_| () }
    }
}

/// The worker's whole life; the binary calls it for its hidden subcommand. The pipe to the hub is
/// its standard input. Ends with success once the hub closes the pipe.
pub fn worker_main() -> ExitCode {
    worker_main_with(WorkerHooks::default())
}

/// [`worker_main`] with hooks for tests.
#[doc(hidden)]
pub fn worker_main_with(hooks: WorkerHooks) -> ExitCode {
    match live(hooks) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

fn live(hooks: WorkerHooks) -> io::Result<()> {
    sandbox::drop_inheritance()?;
    let socket = UnixStream::from(io::stdin().as_fd().try_clone_to_owned()?);
    let landlock = sandbox::deny_files()?;
    (hooks.files_denied)();
    // Its thread inherits what is denied so far and gets the rest with us.
    Detector::prepare();
    sandbox::deny_system_calls()?;
    (hooks.locked_in)();
    let mut link = Link::new(socket);
    link.send(&FromWorker::Hello(SandboxStatus { landlock, seccomp: true }))?;
    run::run(link, hooks.before_decode)
}
