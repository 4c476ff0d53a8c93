//! The client against servers that are scripted byte by byte.

mod certificates;
mod limits;
mod requests;
mod server;
