//! The eyes' worker as a program of its own, for this crate's tests: the product has the same code
//! behind a hidden command of its one binary.

use std::process::ExitCode;

fn main() -> ExitCode {
    hearth_eyes::worker_main()
}
