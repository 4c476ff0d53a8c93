//! What can be said of rules before they are in force.
//!
//! Nothing here guesses: that a condition is never true is said only if it is proved, and where a
//! proof would take too long nothing is said.

mod check;
mod conflict;
mod dry_run;
mod logic;
mod overlap;

pub use check::{Finding, Level, check};
pub use conflict::{CONFLICTS_MAX, Conflict, conflicts};
pub use dry_run::{DryRun, WouldRun, dry_run};

#[cfg(test)]
mod tests;
