//! Why hardware does not do what it should.

/// Why hardware does not do what it should.
#[derive(Debug, thiserror::Error)]
pub enum CaptureError {
    /// There is no such device, or it is gone.
    #[error("the device is not there: {0}")]
    Missing(#[source] std::io::Error),
    /// Somebody else has it.
    #[error("line {line} is used by {by:?}")]
    Busy {
        /// Which line of the chip.
        line: u32,
        /// Who, as they call themselves.
        by: String,
    },
    /// This user may not use it.
    #[error("no permission; this user has to be in the group of the device (gpio, video)")]
    Permission,
    /// It did not answer in time.
    #[error("the device did not answer in time")]
    Silent,
    /// It answered something that makes no sense.
    #[error("{0} of the device makes no sense")]
    Malformed(&'static str),
    /// It has no format that can be used.
    #[error("the camera has neither MJPEG nor YUYV")]
    Format,
    /// Anything else.
    #[error("the device failed: {0}")]
    Failed(String),
}

impl From<std::io::Error> for CaptureError {
    fn from(error: std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::NotFound => Self::Missing(error),
            std::io::ErrorKind::PermissionDenied => Self::Permission,
            std::io::ErrorKind::TimedOut => Self::Silent,
            _ => Self::Failed(error.to_string()),
        }
    }
}
