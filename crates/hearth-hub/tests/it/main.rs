//! Whole flows and injected faults: a hub and a simulated house in one process.

#![expect(clippy::panic, reason = "a test fails by panicking")]

mod alarm;
mod audit;
mod backup;
mod clock;
mod damage;
mod device_rules;
mod devices;
mod events;
mod eyes;
mod faults;
mod footage;
mod home;
mod identity;
mod live;
mod mistakes;
mod notices;
mod notification_channels;
mod notification_rights;
mod notifications;
mod people;
mod privacy;
mod provider;
mod removal;
mod replies;
mod restart;
mod review;
mod rule_actions;
mod rules;
mod sealed_index;
mod secrets;
mod talk;
mod visitors;
mod watch_list;
mod watching;
mod weak;
