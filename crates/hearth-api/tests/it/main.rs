//! The listener from the outside: a real hub in a private folder, real sockets, real TLS.

mod abuse;
mod access;
mod account;
mod acme;
mod addresses;
mod assistant;
mod audit;
mod device;
mod footage;
mod house;
mod keeping;
mod limits;
mod notification;
mod openapi;
mod page;
mod passkey;
mod provider;
mod proxy;
mod rates;
mod roles;
mod session;
mod site;
mod streams;
mod tls;
mod token;
mod viewer;
