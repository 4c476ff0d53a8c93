//! The simulated house: cameras that draw, encode and stream, and fail on command.
//!
//! It is the demo, the test bed and the load of the benchmarks. Everything about it is labelled
//! simulated: its description, the names of its streams, and every picture it draws.
//! The drawing ([`Scene`]) and the packetisers are pure; [`House`] is the shell with the sockets,
//! all of them on 127.0.0.1.

#![forbid(unsafe_code)]

mod authority;
mod board;
mod camera;
mod certificate;
mod chance;
mod coder;
mod description;
mod devices;
mod fault;
mod hearing;
mod house;
mod http;
mod kasa;
mod listening;
mod lock;
mod netatmo;
mod notify;
mod onvif;
mod opening;
mod packet;
mod picture;
mod provider;
mod reel;
mod rtsp;
mod scene;
mod service;
mod sound;
mod spec;
mod stream;
pub mod tapo;
mod visit;

pub use authority::{Authority, AuthorityCounts, AuthorityDescription};
pub use board::{ClaimBug, SimulatedBoard, SimulatedButton, SimulatedLamp, SimulatedSensors};
pub use certificate::CertificateError;
pub use description::{CameraDescription, HouseDescription, StreamDescription};
pub use devices::{DeviceDescription, DeviceKind, DeviceSimError, DeviceSpec};
pub use fault::{Breakage, Fault};
pub use hearing::Heard;
pub use house::{House, HouseError};
pub use kasa::{KasaCamera, KasaDescription, KasaFault, KasaProtocol};
pub use netatmo::{Netatmo, NetatmoCounts, NetatmoDescription, NetatmoFault};
pub use notify::{
    BotApi, BotMessage, Broker, BrokerMessage, HookCall, HookReceiver, Mail, MailServer,
    NotifyFault, PushMessage, PushRelay, TopicMessage, TopicServer,
};
pub use onvif::{
    OnvifAccess, OnvifDevice, OnvifError, OnvifEvent, OnvifFault, OnvifSpec, Proven, Seen,
};
pub use picture::Picture;
pub use provider::{ProviderDescription, ProviderFault, SignInProvider};
pub use reel::{Coding, Reel, ReelError, ReelSpec, Sound};
pub use scene::{Crossing, Light, Mover, Passers, Portrait, Scene, SceneKind, SceneSpec, Subject};
pub use service::ServiceError;
pub use spec::{Access, CameraSpec, Content, HouseSpec, Offered, Protocol};
pub use visit::{Visit, VisitTimes, Visitor};
