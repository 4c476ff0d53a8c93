//! Lines of GPIO chips, behind two small interfaces.

use std::time::Duration;

use crate::CaptureError;

mod kernel;

pub use kernel::{Chip, KernelInput, KernelOutput, Pull};

/// A line that is listened to. Dropping it releases it.
pub trait InputLine: Send {
    /// Whether it is active now.
    ///
    /// # Errors
    /// If the chip is gone.
    fn is_active(&mut self) -> Result<bool, CaptureError>;

    /// Waits for the next edge, at most for `timeout`; tells whether the line became active.
    ///
    /// # Errors
    /// If the chip is gone.
    fn edge(&mut self, timeout: Duration) -> Result<Option<bool>, CaptureError>;
}

/// A line that is switched. Dropping it releases it.
pub trait OutputLine: Send {
    /// Switches it.
    ///
    /// # Errors
    /// If the chip is gone.
    fn set(&mut self, is_active: bool) -> Result<(), CaptureError>;
}
