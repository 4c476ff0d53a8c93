//! Lines by the kernel's character device (GPIO uAPI v2, Linux 5.10 and newer).
//!
//! The kernel gives a line to one process at a time and takes it back when that closes it, so a line
//! is claimed by its number, and released at the end of the process whatever that end is (D-21).

use std::{path::PathBuf, time::Duration};

use gpiocdev::{
    Request,
    line::{Bias, EdgeDetection, EdgeKind, Value},
};

use super::{CaptureError, InputLine, OutputLine};

/// How the kernel's tools name the owner of our lines.
const CONSUMER: &str = "hearthwatch";

/// What keeps an open contact at rest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pull {
    /// A resistor on the board.
    External,
    /// The chip's own, to the supply.
    Up,
    /// The chip's own, to ground.
    Down,
}

/// A GPIO chip. Nothing on it is touched before a line is claimed.
#[derive(Clone, Debug)]
pub struct Chip {
    path: PathBuf,
}

impl Chip {
    /// A chip by its device, e.g. `/dev/gpiochip0`.
    ///
    /// # Errors
    /// If there is none, or this user may not use it.
    pub fn open(path: impl Into<PathBuf>) -> Result<Self, CaptureError> {
        let path = path.into();
        // The file says why more exactly than the chip does.
        std::fs::File::open(&path)?;
        gpiocdev::chip::Chip::from_path(&path).map_err(failed)?;
        Ok(Self { path })
    }

    /// Claims a line to listen to. With `is_active_low`, ground means active: a button to ground.
    ///
    /// # Errors
    /// [`CaptureError::Busy`] if somebody has it, others if the chip is gone.
    pub fn claim_input(
        &self,
        line: u32,
        is_active_low: bool,
        pull: Pull,
    ) -> Result<KernelInput, CaptureError> {
        self.check_free(line)?;
        let mut builder = Request::builder();
        builder.on_chip(&self.path).with_consumer(CONSUMER).with_line(line).as_input();
        builder.with_edge_detection(EdgeDetection::BothEdges);
        match pull {
            Pull::External => {}
            Pull::Up => drop(builder.with_bias(Bias::PullUp)),
            Pull::Down => drop(builder.with_bias(Bias::PullDown)),
        }
        if is_active_low {
            builder.as_active_low();
        }
        Ok(KernelInput(builder.request().map_err(failed)?))
    }

    /// Claims a line to switch. It is inactive until it is set.
    ///
    /// # Errors
    /// As for inputs.
    pub fn claim_output(
        &self,
        line: u32,
        is_active_low: bool,
    ) -> Result<KernelOutput, CaptureError> {
        self.check_free(line)?;
        let mut builder = Request::builder();
        builder.on_chip(&self.path).with_consumer(CONSUMER).with_line(line);
        if is_active_low {
            builder.as_active_low();
        }
        builder.as_output(Value::Inactive);
        Ok(KernelOutput(builder.request().map_err(failed)?))
    }

    /// The kernel refuses a line that somebody has; this says who. What happens in between is refused
    /// by the kernel.
    fn check_free(&self, line: u32) -> Result<(), CaptureError> {
        let chip = gpiocdev::chip::Chip::from_path(&self.path).map_err(failed)?;
        let info = chip.line_info(line).map_err(failed)?;
        if info.used { Err(CaptureError::Busy { line, by: info.consumer }) } else { Ok(()) }
    }
}

fn failed(error: gpiocdev::Error) -> CaptureError {
    CaptureError::Failed(error.to_string())
}

/// A claimed input.
#[derive(Debug)]
pub struct KernelInput(Request);

impl InputLine for KernelInput {
    fn is_active(&mut self) -> Result<bool, CaptureError> {
        Ok(self.0.lone_value().map_err(failed)? == Value::Active)
    }

    fn edge(&mut self, timeout: Duration) -> Result<Option<bool>, CaptureError> {
        if !self.0.wait_edge_event(timeout).map_err(failed)? {
            return Ok(None);
        }
        let event = self.0.read_edge_event().map_err(failed)?;
        // The kernel turns the kind round for lines that are active low.
        Ok(Some(event.kind == EdgeKind::Rising))
    }
}

/// A claimed output.
#[derive(Debug)]
pub struct KernelOutput(Request);

impl OutputLine for KernelOutput {
    fn set(&mut self, is_active: bool) -> Result<(), CaptureError> {
        let value = if is_active { Value::Active } else { Value::Inactive };
        self.0.set_lone_value(value).map_err(failed)
    }
}
