//! The recorder on a real disk with a real index: what is kept, found, lost and erased.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod crash;
mod erasure;
mod footage;
mod house;
mod space;
