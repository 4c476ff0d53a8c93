//! What hangs on the hub's own machine: buttons, movement sensors, lamps, chimes, and sensors of the
//! air.
//!
//! A line is claimed when the driver first looks and released when it is closed or dropped (promise
//! D-21). Threads that wait on hardware belong to `hearth-capture`.

use std::sync::Arc;

use hearth_capture::{
    CaptureError, LampKeeper, LineWatch,
    board::{Board, LineName},
    debounce::SETTLE,
    lamp::Part,
    sensor::{Reading as Measured, Sensor},
};
use serde_json::Value;

use super::background::Background;
use crate::{
    Control, ControlValue, DeviceError, Driver, Family, Look, Notice, Protection, Reading, Sense,
    Setup, TransportKind, Unit, driver::Asking,
};

/// A driver for something on this machine.
pub(crate) fn connect(setup: &Setup) -> Result<Box<dyn Driver>, DeviceError> {
    let board = Arc::clone(&setup.board);
    let name = format!("{}/{}", setup.address.host(), setup.address.path());
    let line = || name.parse::<LineName>().map_err(|_| DeviceError::AddressRefused);
    Ok(match setup.family {
        Family::GpioButton | Family::GpioMotion => {
            let notice = if setup.family == Family::GpioButton {
                Notice::Ring
            } else {
                Notice::Sensed(Sense::Motion)
            };
            let notices = setup.notices.clone();
            Box::new(Contact { board, line: line()?, notice, notices, heard: None })
        }
        family if family.is_signal() => {
            Box::new(Light { board, line: line()?, part: part(family), keeper: None })
        }
        Family::BoardSensor => Box::new(Air { board, name: setup.address.path().to_owned() }),
        _ => return Err(DeviceError::Unsupported),
    })
}

/// What something on a line shows.
fn part(family: Family) -> Part {
    match family {
        Family::GpioLampReady => Part::Ready,
        Family::GpioLampRing => Part::Ring,
        Family::GpioLampAlert => Part::Alert,
        Family::GpioChime => Part::Chime,
        _ => Part::Whole,
    }
}

/// Nobody else can reach what is wired.
const WIRED: Protection = Protection {
    transport: TransportKind::Wired,
    is_insecure: false,
    weakness: None,
    fingerprint: None,
};

fn look(model: &str, controls: Vec<Control>, readings: Vec<Reading>) -> Look {
    Look {
        model: Some(model.to_owned()),
        firmware: None,
        name: None,
        controls,
        readings,
        protection: WIRED,
    }
}

fn failed(error: CaptureError) -> DeviceError {
    tracing::debug!(%error, "hardware does not do what it should");
    match error {
        CaptureError::Missing(_) => {
            DeviceError::Hardware("this machine has no such line or sensor")
        }
        CaptureError::Busy { .. } => DeviceError::Hardware("another program has the line"),
        CaptureError::Permission => {
            DeviceError::Hardware("the hub's user is not in the group of the device, gpio")
        }
        CaptureError::Silent => DeviceError::Timeout,
        CaptureError::Malformed(_) | CaptureError::Format => DeviceError::Malformed,
        CaptureError::Failed(_) => DeviceError::Hardware("the hardware failed"),
    }
}

/// A button or a movement sensor.
struct Contact {
    board: Arc<dyn Board>,
    line: LineName,
    notice: Notice,
    notices: crate::Notices,
    heard: Option<Background>,
}

impl Contact {
    fn look(&mut self) -> Result<Look, DeviceError> {
        // A line that was lost is claimed anew.
        if self.heard.as_ref().is_none_or(Background::is_over) {
            self.heard = None;
            let line = self.board.input(&self.line).map_err(failed)?;
            let mut watch = LineWatch::start(line, SETTLE).map_err(failed)?;
            let (notice, notices) = (self.notice, self.notices.clone());
            self.heard = Some(Background::start(|mut stop| async move {
                while let Some(Some(is_active)) = stop.or(watch.next()).await {
                    if is_active {
                        notices.tell(notice);
                    }
                }
            }));
        }
        Ok(look("GPIO", Vec::new(), Vec::new()))
    }
}

impl Driver for Contact {
    fn look(&mut self) -> Asking<'_, Look> {
        Box::pin(std::future::ready(self.look()))
    }

    fn set<'a>(&'a mut self, _: &'a str, _: &'a ControlValue) -> Asking<'a, ()> {
        Box::pin(std::future::ready(Err(DeviceError::NoSuchControl)))
    }

    fn act<'a>(&'a mut self, _: &'a str, _: &'a Value) -> Asking<'a, ()> {
        Box::pin(std::future::ready(Err(DeviceError::NoSuchControl)))
    }

    fn close(&mut self) -> Asking<'_, ()> {
        Box::pin(async {
            if let Some(heard) = self.heard.take() {
                heard.end().await;
            }
            Ok(())
        })
    }
}

/// A lamp or a chime.
struct Light {
    board: Arc<dyn Board>,
    line: LineName,
    part: Part,
    keeper: Option<LampKeeper>,
}

/// What a lamp or a chime is told.
const SIGNALS: [&str; 5] = ["ring", "alert", "acknowledge", "error", "works"];

impl Light {
    fn keeper(&mut self) -> Result<&LampKeeper, DeviceError> {
        if self.keeper.is_none() {
            let line = self.board.output(&self.line).map_err(failed)?;
            self.keeper = Some(LampKeeper::start(line, self.part).map_err(failed)?);
        }
        self.keeper.as_ref().ok_or(DeviceError::Gone)
    }

    fn act(&mut self, key: &str) -> Result<(), DeviceError> {
        let keeper = self.keeper()?;
        match key {
            "ring" => keeper.ring(),
            "alert" => keeper.alert(),
            "acknowledge" => keeper.acknowledge(),
            "error" => keeper.error(true),
            "works" => keeper.error(false),
            _ => return Err(DeviceError::NoSuchControl),
        }
        Ok(())
    }
}

impl Driver for Light {
    fn look(&mut self) -> Asking<'_, Look> {
        let controls = SIGNALS.map(Control::action).to_vec();
        let looked = self.keeper().map(|_| look("GPIO", controls, Vec::new()));
        Box::pin(std::future::ready(looked))
    }

    fn set<'a>(&'a mut self, _: &'a str, _: &'a ControlValue) -> Asking<'a, ()> {
        Box::pin(std::future::ready(Err(DeviceError::NoSuchControl)))
    }

    fn act<'a>(&'a mut self, key: &'a str, _: &'a Value) -> Asking<'a, ()> {
        Box::pin(std::future::ready(self.act(key)))
    }

    fn close(&mut self) -> Asking<'_, ()> {
        self.keeper = None;
        Box::pin(std::future::ready(Ok(())))
    }
}

/// A sensor of temperature, humidity or air pressure.
struct Air {
    board: Arc<dyn Board>,
    name: String,
}

impl Air {
    async fn look(&self) -> Result<Look, DeviceError> {
        let (board, name) = (Arc::clone(&self.board), self.name.clone());
        // One wire takes up to a second.
        let read = tokio::task::spawn_blocking(move || {
            let sensors = board.sensors();
            if name.is_empty() {
                return Err(which(&sensors));
            }
            let sensor = sensors.into_iter().find(|sensor| sensor.name == name);
            let sensor = sensor.ok_or(DeviceError::Hardware("this machine has no such sensor"));
            let sensor: Sensor = sensor?;
            Ok((sensor.kind, sensor.read().map_err(failed)?))
        });
        let (kind, measured) = read.await.unwrap_or(Err(DeviceError::Gone))?;
        Ok(look(&format!("{kind:?}"), Vec::new(), measured.into_iter().map(reading).collect()))
    }
}

/// Nobody knows the kernel's names by heart.
fn which(sensors: &[Sensor]) -> DeviceError {
    let names: Vec<String> =
        sensors.iter().map(|sensor| format!("{} ({:?})", sensor.name, sensor.kind)).collect();
    let names = if names.is_empty() { "there is none".to_owned() } else { names.join(", ") };
    DeviceError::OutOfRange(format!("say which sensor, by its name behind a slash: {names}"))
}

fn reading(measured: Measured) -> Reading {
    match measured {
        Measured::TemperatureCelsius(value) => {
            Reading::new("temperature", Unit::Celsius, value.into())
        }
        Measured::HumidityPercent(value) => Reading::new("humidity", Unit::Percent, value.into()),
        Measured::PressureHectopascal(value) => {
            Reading::new("pressure", Unit::Hectopascal, value.into())
        }
    }
}

impl Driver for Air {
    fn look(&mut self) -> Asking<'_, Look> {
        Box::pin(Self::look(self))
    }

    fn set<'a>(&'a mut self, _: &'a str, _: &'a ControlValue) -> Asking<'a, ()> {
        Box::pin(std::future::ready(Err(DeviceError::NoSuchControl)))
    }

    fn act<'a>(&'a mut self, _: &'a str, _: &'a Value) -> Asking<'a, ()> {
        Box::pin(std::future::ready(Err(DeviceError::NoSuchControl)))
    }

    fn close(&mut self) -> Asking<'_, ()> {
        Box::pin(std::future::ready(Ok(())))
    }
}
