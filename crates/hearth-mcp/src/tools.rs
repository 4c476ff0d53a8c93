//! The tools, a file for each group. Each is a row of data and a short function that calls one use
//! case of the hub with a grant.

pub(crate) mod alarm;
pub(crate) mod cameras;
pub(crate) mod devices;
pub(crate) mod events;
pub(crate) mod incidents;
pub(crate) mod measures;
pub(crate) mod notifications;
pub(crate) mod people;
pub(crate) mod privacy;
pub(crate) mod questions;
pub(crate) mod recordings;
pub(crate) mod system;
pub(crate) mod visits;
