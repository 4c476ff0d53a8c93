//! SQLite itself on sealed files.

#![allow(clippy::panic, reason = "tests")]

mod database;
mod killed;
