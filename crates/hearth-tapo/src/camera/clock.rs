//! The camera's clock. It is set by time servers only; the zone can be chosen.

use serde::Deserialize;
use serde_json::json;

use super::{
    CameraCall,
    request::{get, set},
};
use crate::{OutOfRange, UnixSeconds};

/// What its clock shows.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, serde::Serialize)]
pub struct Clock {
    /// Seconds since 1970.
    #[serde(rename = "seconds_from_1970")]
    pub now: UnixSeconds,
    /// The same as people there would say it.
    #[serde(default)]
    pub local_time: Option<String>,
}

/// Its time zone.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, serde::Serialize)]
pub struct Zone {
    /// `UTC+01:00`.
    #[serde(rename = "timezone")]
    pub offset: String,
    /// `Europe/Berlin`.
    #[serde(default)]
    pub zone_id: Option<String>,
}

/// What time it is there.
pub fn now() -> CameraCall<Clock> {
    let params = json!({"system": {"name": "clock_status"}});
    get("getClockStatus", params, &["system", "clock_status"])
}

/// Which zone it is in.
pub fn zone() -> CameraCall<Zone> {
    get("getTimezone", json!({"system": {"name": ["basic"]}}), &["system", "basic"])
}

/// Chooses the zone: minutes east of Greenwich, -720 to 840, and its name.
pub fn set_zone(minutes_east: i16, zone_id: &str) -> Result<CameraCall<()>, OutOfRange> {
    if !(-720..=840).contains(&minutes_east) {
        return Err(OutOfRange::new("an offset from UTC", "between -12:00 and +14:00"));
    }
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b"/_+-".contains(&byte);
    if !(1..=64).contains(&zone_id.len()) || !zone_id.bytes().all(is_name) {
        return Err(OutOfRange::new("a time zone", "a name such as Europe/Berlin"));
    }
    let sign = if minutes_east < 0 { '-' } else { '+' };
    let (hours, minutes) = (minutes_east.abs() / 60, minutes_east.abs() % 60);
    let offset = format!("UTC{sign}{hours:02}:{minutes:02}");
    let basic = json!({"timing_mode": "ntp", "timezone": offset, "zone_id": zone_id});
    Ok(set("setTimezone", json!({"system": {"basic": basic}})))
}
