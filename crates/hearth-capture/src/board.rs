//! Everything that hangs on this machine, behind one interface, and how a line of it is named.

use std::{fmt, path::Path, str::FromStr};

use crate::{
    CaptureError,
    gpio::{Chip, InputLine, OutputLine, Pull},
    sensor::{Sensor, sensors},
};

/// Chips have at most some hundred lines; the kernel counts them with 32 bits.
const LINE_MAX: u32 = 1_023;

/// The lines and sensors of a machine: the kernel's, or simulated ones (promise D-22).
pub trait Board: fmt::Debug + Send + Sync {
    /// Claims a line to listen to.
    ///
    /// # Errors
    /// [`CaptureError::Busy`] if somebody has it, others if there is none.
    fn input(&self, line: &LineName) -> Result<Box<dyn InputLine>, CaptureError>;

    /// Claims a line to switch.
    ///
    /// # Errors
    /// As for inputs.
    fn output(&self, line: &LineName) -> Result<Box<dyn OutputLine>, CaptureError>;

    /// The sensors that are there now.
    fn sensors(&self) -> Vec<Sensor>;
}

/// The machine's own.
#[derive(Clone, Copy, Debug, Default)]
pub struct KernelBoard;

impl Board for KernelBoard {
    fn input(&self, line: &LineName) -> Result<Box<dyn InputLine>, CaptureError> {
        let claimed = chip(line)?.claim_input(line.number, line.is_active_low, line.pull)?;
        Ok(Box::new(claimed))
    }

    fn output(&self, line: &LineName) -> Result<Box<dyn OutputLine>, CaptureError> {
        Ok(Box::new(chip(line)?.claim_output(line.number, line.is_active_low)?))
    }

    fn sensors(&self) -> Vec<Sensor> {
        sensors(Path::new("/sys"))
    }
}

fn chip(line: &LineName) -> Result<Chip, CaptureError> {
    Chip::open(format!("/dev/{}", line.chip))
}

/// A line by its chip and number, with how it is wired: `gpiochip0/17,low,up` is a button between
/// line 17 and ground.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineName {
    /// The chip, e.g. `gpiochip0`.
    pub chip: String,
    /// The line.
    pub number: u32,
    /// Whether ground means active.
    pub is_active_low: bool,
    /// What keeps an open contact at rest.
    pub pull: Pull,
}

/// A text names no line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a line is like gpiochip0/17 or gpiochip0/17,low,up")]
pub struct LineNameError;

impl FromStr for LineName {
    type Err = LineNameError;

    fn from_str(text: &str) -> Result<Self, LineNameError> {
        let (chip, rest) = text.split_once('/').ok_or(LineNameError)?;
        // Nothing but a chip: the name becomes a path in /dev.
        let digits = chip.strip_prefix("gpiochip").ok_or(LineNameError)?;
        let is_number = |text: &str| {
            (1..=4).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
        };
        let mut parts = rest.split(',');
        let number = parts.next().filter(|number| is_number(number)).ok_or(LineNameError)?;
        let number = number.parse().ok().filter(|number| *number <= LINE_MAX);
        let mut line = Self {
            chip: chip.to_owned(),
            number: number.filter(|_| is_number(digits)).ok_or(LineNameError)?,
            is_active_low: false,
            pull: Pull::External,
        };
        for part in parts {
            match part {
                "low" => line.is_active_low = true,
                "up" => line.pull = Pull::Up,
                "down" => line.pull = Pull::Down,
                _ => return Err(LineNameError),
            }
        }
        Ok(line)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_line_is_named_with_its_wiring() {
        let line: LineName = "gpiochip0/17,low,up".parse().expect("a line");
        assert_eq!((line.number, line.is_active_low, line.pull), (17, true, Pull::Up));
        for wrong in
            ["", "17", "gpiochip0", "gpiochip0/", "gpiochip0/17,high", "gpiochip0/99999", "sda/1"]
        {
            assert!(wrong.parse::<LineName>().is_err(), "{wrong}");
        }
    }

    proptest! {
        /// Whatever is asked for, only a chip is opened.
        #[test]
        fn a_name_never_leaves_the_chips(text in ".{0,24}") {
            if let Ok(line) = text.parse::<LineName>() {
                let digits = line.chip.strip_prefix("gpiochip").expect("a chip");
                prop_assert!(digits.bytes().all(|byte| byte.is_ascii_digit()));
            }
        }
    }
}
