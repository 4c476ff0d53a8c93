//! The binary: one program that is the hub, its sandboxed worker, and the command line to both.
//!
//! Commands other than `serve`, `simulate`, `people eval` and those of single devices talk to a
//! running hub through its control socket.
//! Results go to stdout, everything else to stderr; exit codes: 0 done, 1 failed, 2 wrong usage.

mod arguments;
mod client;
mod command;
mod environment;
mod face_model;
mod failure;
mod key_source;
mod known_certificates;
mod lock;
mod log;
mod malloc;
mod output;
mod private_file;
mod serve;
mod stop_signal;
mod user_folder;

use std::process::ExitCode;

use clap::Parser;

use crate::{
    arguments::{Arguments, Command, PeopleCommand},
    failure::Failure,
};

/// The hidden command that makes a process the eyes' worker.
const EYES_WORKER: &str = "eyes-worker";

fn main() -> ExitCode {
    // First of all, and before any thread: the worker locks itself in as the only thread it has.
    if std::env::args_os().nth(1).is_some_and(|first| first == EYES_WORKER) {
        return hearth_eyes::worker_main();
    }
    let arguments = Arguments::parse();
    // Networks take and return large pieces all the time; nothing else here does.
    if !matches!(arguments.command, Command::People(PeopleCommand::Eval(_))) {
        malloc::keep_little();
    }
    let json = arguments.json;
    match command::run(arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            report(&failure, json);
            failure.exit_code()
        }
    }
}

/// Says on stderr what failed and what to do next.
fn report(failure: &Failure, json: bool) {
    if failure.is_silent() {
        return;
    }
    if json {
        let error = serde_json::json!({ "code": failure.code(), "message": failure.to_string() });
        eprintln!("{}", serde_json::json!({ "error": error }));
    } else {
        eprintln!("hearthwatch: {failure}");
    }
}
