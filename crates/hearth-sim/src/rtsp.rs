//! The RTSP server of a camera (RFC 2326).

mod connection;
mod sdp;
mod sender;
mod session;
mod transport;

pub(crate) use connection::Connection;
