//! The listener from the outside: a real hub in a private folder, real sockets, real TLS.

mod access;
mod account;
mod audit;
mod footage;
mod house;
mod keeping;
mod limits;
mod openapi;
mod page;
mod passkey;
mod roles;
mod session;
mod site;
mod streams;
mod token;
mod viewer;
