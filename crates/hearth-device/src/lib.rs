//! Devices of the house behind one interface: what a device can do is data, what it says is typed,
//! and what goes wrong has a name.
//!
//! - [`Family`]: the protocols; [`Control`], [`Reading`]: capabilities as data.
//! - [`Driver`]: one device, asked by one task; [`connect`] makes one for a family.
//! - [`Supervised`]: keeps a device: asks it at its pace, with a deadline on every call and
//!   back-off, and stops asking when only a person can help: after a wrong password until it is
//!   entered again, after a changed certificate until it is confirmed (promises N-06, K-01, T-10).
//! - [`Notices`]: what a device tells by itself: somebody rang, something moves.
//! - [`discover`]: what is really there, and nothing else.
//!
//! What a device has shown (its certificate, the strongest login) is its [`Memory`]; whoever keeps
//! devices keeps that too, and no driver accepts less afterwards (promises T-04, T-08).
//!
//! Not here: where memories and passwords are stored, who may do what, histories (`hearth-hub`).

#![forbid(unsafe_code)]

mod address;
mod capability;
mod discovery;
mod driver;
mod drivers;
mod error;
mod family;
mod keepsake;
mod loudspeaker;
mod memory;
mod notice;
mod state;
mod supervisor;

pub use address::{AddressError, DeviceAddress};
pub use capability::{
    Control, ControlKind, ControlValue, Look, Protection, Reading, TransportKind, Unit, Weakness,
};
pub use discovery::{Asked, Discovery, Found, NotAsked, Search, discover};
pub use driver::{Account, Asking, Driver, Setup, connect, probe};
pub use error::DeviceError;
pub use family::Family;
pub use hearth_capture::board::{Board, KernelBoard};
pub use hearth_http::Fingerprint;
pub use keepsake::Keepsake;
pub use loudspeaker::Loudspeaker;
pub use memory::{Memory, MemoryCell, ProofKind};
pub use notice::{Notice, Notices, Sense};
pub use state::{DeviceState, Standing};
pub use supervisor::{Clock, Pace, Supervised};
