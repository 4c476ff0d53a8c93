//! Handlers, one file a resource. Each asks for its grant, calls one use case and shapes the
//! answer; none of them holds state or decides who may do what.

pub(crate) mod account;
pub(crate) mod alarm;
pub(crate) mod assistant;
pub(crate) mod audit;
pub(crate) mod camera;
pub(crate) mod clip;
pub(crate) mod device;
pub(crate) mod device_rule;
pub(crate) mod energy;
pub(crate) mod event;
pub(crate) mod health;
pub(crate) mod hold;
pub(crate) mod house;
pub(crate) mod incident;
pub(crate) mod keeping;
pub(crate) mod live;
pub(crate) mod metrics;
pub(crate) mod notification;
pub(crate) mod person;
pub(crate) mod picture;
pub(crate) mod privacy;
pub(crate) mod provider;
pub(crate) mod reply;
pub(crate) mod review;
pub(crate) mod room;
pub(crate) mod rule;
pub(crate) mod search;
pub(crate) mod session;
pub(crate) mod talk;
pub(crate) mod token;
pub(crate) mod user;
pub(crate) mod visit;
pub(crate) mod watch_list;
pub(crate) mod watcher;
