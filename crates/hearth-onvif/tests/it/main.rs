//! The client against the simulated device, which shares nothing with it, and a foreign client
//! against the same device.

mod control;
mod events;
mod hostile;
mod oracle;
mod proof;
mod search;
mod support;
