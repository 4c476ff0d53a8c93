//! The device's clock, and how far it is from ours.
//!
//! WS-UsernameToken is checked against the device's own time, and cameras without a network clock
//! live in 1970. So the time is asked first, which needs no proof, and proofs are made for it.

use hearth_model::{SourceUrl, WallTime};
use serde::Serialize;

use super::NAMESPACE;
use crate::{
    AnswerError,
    soap::{Operation, Service},
    xml::{Element, Writer, element::boolean, line},
};

/// What a device says about time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DeviceTime {
    /// Its time; `None` if it does not tell one in UTC.
    pub utc: Option<WallTime>,
    /// Whether it follows a time server.
    pub has_time_server: bool,
    /// Its time zone as POSIX writes it, if it tells one.
    pub time_zone: Option<String>,
    /// Whether it is summer time there now.
    pub is_daylight_saving: Option<bool>,
}

impl DeviceTime {
    /// Microseconds to add to our time to have the device's; 0 if it does not tell.
    pub fn offset_micros(&self, now: WallTime) -> i64 {
        self.utc.map_or(0, |utc| utc.micros_since(now))
    }
}

/// Asks for the device's time. Every device answers it without a proof (ONVIF Core, 5.9.4).
#[derive(Clone, Copy, Debug)]
pub struct GetSystemDateAndTime;

impl Operation for GetSystemDateAndTime {
    type Answer = DeviceTime;
    const SERVICE: Service = Service::Device;
    const NAME: &'static str = "GetSystemDateAndTime";
    const NAMESPACE: &'static str = NAMESPACE;
    const IS_OPEN: bool = true;

    fn write(&self, _: &mut Writer) {}

    fn read(answer: &Element, _: &SourceUrl) -> Result<DeviceTime, AnswerError> {
        let answer = answer.need(&["SystemDateAndTime"])?;
        Ok(DeviceTime {
            utc: answer.child("UTCDateTime").map(utc).transpose()?,
            has_time_server: answer.text_at(&["DateTimeType"]) == Some("NTP"),
            time_zone: answer.text_at(&["TimeZone", "TZ"]).map(line),
            is_daylight_saving: answer.text_at(&["DaylightSavings"]).and_then(boolean),
        })
    }
}

fn utc(element: &Element) -> Result<WallTime, AnswerError> {
    let number = |part: &'static str, name: &'static str| element.need_parsed::<u16>(&[part, name]);
    let text = format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z",
        number("Date", "Year")?,
        number("Date", "Month")?,
        number("Date", "Day")?,
        number("Time", "Hour")?,
        number("Time", "Minute")?,
        number("Time", "Second")?,
    );
    text.parse().map_err(|_| AnswerError::Malformed("UTCDateTime"))
}
