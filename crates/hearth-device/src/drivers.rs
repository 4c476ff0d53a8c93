//! The drivers, one file a family.

mod background;
pub(crate) mod board;
pub(crate) mod kasa_camera;
pub(crate) mod netatmo;
pub(crate) mod netatmo_weather;
pub(crate) mod onvif;
pub(crate) mod plug;
pub(crate) mod tapo_camera;
