//! What is on the storage card: days, recordings, events. The pictures come over
//! [`crate::media`].

use serde::Deserialize;
use serde_json::{Value, json};

use super::{CameraCall, Request, request::unnested};
use crate::{Call, Malformed, OutOfRange, UnixSeconds, call};

/// Recordings in one page of an answer.
const PAGE: u32 = 100;
/// A year and a little more.
const DAYS_MAX: usize = 400;
/// A day of events with one every half minute.
const EVENTS_MAX: usize = 4_000;

/// A calendar day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
pub struct Day {
    year: u16,
    month: u8,
    day: u8,
}

impl Day {
    /// A day between 2000 and 2099 that exists, except for the length of months.
    pub const fn new(year: u16, month: u8, day: u8) -> Result<Self, OutOfRange> {
        if year < 2000 || year > 2099 || month < 1 || month > 12 || day < 1 || day > 31 {
            return Err(OutOfRange::new("a day", "a date between 2000 and 2099"));
        }
        Ok(Self { year, month, day })
    }

    fn compact(self) -> String {
        format!("{:04}{:02}{:02}", self.year, self.month, self.day)
    }

    fn read(text: &str) -> Option<Self> {
        let year = text.get(0..4)?.parse().ok()?;
        let month = text.get(4..6)?.parse().ok()?;
        let day = text.get(6..)?.parse().ok()?;
        Self::new(year, month, day).ok()
    }
}

/// The identity that searching recordings needs. The camera hands it out once per client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SearchId(pub u32);

/// A recording on the card.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, serde::Serialize)]
pub struct Recording {
    /// Where it begins.
    #[serde(alias = "startTime", alias = "start_time")]
    pub start: UnixSeconds,
    /// Where it ends.
    #[serde(alias = "endTime", alias = "end_time")]
    pub end: UnixSeconds,
}

/// Something that the camera noticed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, serde::Serialize)]
pub struct CameraEvent {
    /// When it began, by the camera's clock.
    #[serde(alias = "start_time")]
    pub start: UnixSeconds,
    /// When it ended.
    #[serde(alias = "end_time")]
    pub end: UnixSeconds,
    /// The camera's number for what it was.
    #[serde(default, deserialize_with = "crate::value::lenient_option", alias = "alarm_type")]
    pub kind: Option<u32>,
}

/// Asks for the identity. Keep it: cameras have room for few.
pub fn search_id() -> CameraCall<SearchId> {
    let params = json!({"system": {"get_user_id": "null"}});
    Call::new(Request::Entry { method: "getUserID", params }, |result| {
        let id = call::at(result, &["user_id"])?;
        let id = id.as_u64().or_else(|| id.as_str()?.parse().ok());
        id.and_then(|id| u32::try_from(id).ok())
            .map(SearchId)
            .ok_or(Malformed::new("the identity is no number"))
    })
}

/// The days with recordings, `from` and `to` included.
pub fn days(from: Day, to: Day) -> Result<CameraCall<Vec<Day>>, OutOfRange> {
    if from > to {
        return Err(OutOfRange::new("a range of days", "from the earlier to the later"));
    }
    let params = json!({"playback": {"search_year_utility": {
        "channel": [0], "start_date": from.compact(), "end_date": to.compact(),
    }}});
    Ok(Call::new(Request::Entry { method: "searchDateWithVideo", params }, |result| {
        let list = call::at(result, &["playback", "search_results"])?;
        unnested::<Value>(list, DAYS_MAX)?
            .iter()
            .map(|item| {
                let text = item.get("date").and_then(Value::as_str);
                text.and_then(Day::read).ok_or(Malformed::new("a day that is none"))
            })
            .collect()
    }))
}

/// One page of the recordings of a day.
pub fn of_day(day: Day, page: u32, id: SearchId) -> Result<CameraCall<Vec<Recording>>, OutOfRange> {
    let start = page.checked_mul(PAGE).filter(|start| *start < 100_000);
    let start = start.ok_or(OutOfRange::new("a page of recordings", "below 1000"))?;
    let params = json!({"playback": {"search_video_utility": {
        "channel": 0, "date": day.compact(), "start_index": start, "end_index": start + PAGE - 1,
        "id": id.0,
    }}});
    Ok(Call::new(Request::Entry { method: "searchVideoOfDay", params }, |result| {
        unnested(call::at(result, &["playback", "search_video_results"])?, EVENTS_MAX)
    }))
}

/// What the camera noticed between two times of its clock.
pub fn events(
    from: UnixSeconds,
    to: UnixSeconds,
) -> Result<CameraCall<Vec<CameraEvent>>, OutOfRange> {
    if from >= to {
        return Err(OutOfRange::new("a range of time", "from the earlier to the later"));
    }
    let params = json!({"playback": {"search_detection_list": {
        "start_index": 0, "channel": 0, "start_time": from.0, "end_time": to.0, "end_index": 999,
    }}});
    Ok(Call::new(Request::Entry { method: "searchDetectionList", params }, |result| {
        unnested(call::at(result, &["playback", "search_detection_list"])?, EVENTS_MAX)
    }))
}

/// Which days the camera records.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, serde::Serialize)]
pub struct RecordPlan {
    /// Whether it records at all.
    pub enabled: crate::Switch,
    /// The plan of each day as the camera writes it: `["0000-2400:2"]` (1 always, 2 motion).
    #[serde(flatten)]
    pub days: std::collections::BTreeMap<String, Value>,
}

/// When it records onto its card.
pub fn plan() -> CameraCall<RecordPlan> {
    let params = json!({"record_plan": {"name": ["chn1_channel"]}});
    super::request::get("getRecordPlan", params, &["record_plan", "chn1_channel"])
}
