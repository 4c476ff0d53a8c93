//! Local control of Kasa cameras (KC, EC and KD series) over LINKIE and its newer variant LINKIE2.
//!
//! A command is a type with the range of its values built in: what a camera would misunderstand
//! cannot be written down (promise K-02). [`Linkie`] turns a command into the bytes of a request and
//! an answer into the command's own answer type, without clock, socket or file (K-03). [`Camera`] is
//! the thin shell that sends them: over HTTPS with a pinned certificate (K-01), in the private
//! network only (K-04), one request at a time.
//!
//! What these cameras accept as authentication is weak, and nothing here can change that;
//! [`Linkie::weaknesses`] says in which ways, so that whoever shows the camera can say it too.
//!
//! ```
//! use hearth_kasa::{Credentials, Linkie, SetSwitch, Switch};
//!
//! let credentials = Credentials::new("me@example.com", "pw".into());
//! let linkie = Linkie::cloud_account(credentials, [7; 16]);
//! let off = SetSwitch { switch: Switch::Power, on: false };
//! let request = linkie.request(&off);
//! assert_eq!(request.path, "/data/LINKIE.json");
//! // A camera may also answer in plain JSON.
//! let answer = br#"{"smartlife.cam.ipcamera.switch":{"set_is_enable":{"err_code":0}}}"#;
//! assert_eq!(linkie.answer(&off, answer), Ok(()));
//! ```
//!
//! Not here: the live picture, which is no command; where pins and passwords are kept (the vault).

#![forbid(unsafe_code)]

mod action;
mod answer;
mod camera;
mod cipher;
mod command;
mod error;
mod linkie;
mod setting;
mod status;
mod value;
mod weakness;

pub use action::{
    GoToPosition, GoToPreset, Move, ReadDetections, ReadPosition, Stop, TakeSnapshot,
};
pub use answer::Details;
pub use camera::{Camera, CameraAddress, LINKIE_PORT};
pub use command::Command;
pub use error::Error;
pub use linkie::{Credentials, Linkie, LinkieRequest};
pub use setting::{
    FormatCard, ReadClock, ReadNightVision, ReadResolution, ReadRotation, ReadSensitivity,
    ReadSwitch, ReadTimeZone, ReadTriggerTime, SetClock, SetNightVision, SetResolution,
    SetRotation, SetSensitivity, SetSwitch, SetTimeZone, SetTriggerTime,
};
pub use status::{
    CardState, ClockStatus, Detections, Info, Preset, Presets, ReadCard, ReadCardEncryption,
    ReadClockStatus, ReadCloud, ReadInfo, ReadPlayback, ReadPresets, Snapshot,
};
pub use value::{
    ClockTime, Detector, Direction, NightVision, OutOfRange, PlayerId, Position, PresetIndex,
    Resolution, Rotation, Sensitivity, Speed, Switch, TimeSpan, TimeZone, TriggerTime,
};
pub use weakness::Weakness;
