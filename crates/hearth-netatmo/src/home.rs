//! Homes and rooms, as far as heating needs them. promise: N-10, N-11.
//!
//! Pure. What else Netatmo tells about a home (where it stands, who lives there) is not read.

use serde::{Deserialize, Serialize};

use crate::{Celsius, Error, HomeId, RoomId, answer, temperature::measured};

/// A home.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Home {
    /// Its id.
    pub id: HomeId,
    /// What its owner calls it.
    #[serde(default)]
    pub name: String,
    /// Its rooms.
    #[serde(default)]
    pub rooms: Vec<Room>,
    /// Its thermostats, valves and the like.
    #[serde(default)]
    pub modules: Vec<Module>,
}

/// A room.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Room {
    /// Its id.
    pub id: RoomId,
    /// What its owner calls it.
    #[serde(default)]
    pub name: String,
    /// What it is for, such as `kitchen`.
    #[serde(default, rename(deserialize = "type"))]
    pub kind: Option<String>,
}

/// A thermostat, valve or the like.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Module {
    /// Its hardware address.
    pub id: String,
    /// What it is, such as `NRV` for a valve.
    #[serde(default, rename(deserialize = "type"))]
    pub kind: String,
    /// What its owner calls it.
    #[serde(default)]
    pub name: Option<String>,
    /// Where it is.
    #[serde(default)]
    pub room_id: Option<RoomId>,
}

/// How a home fares.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct HomeStatus {
    /// Its id.
    pub id: HomeId,
    /// Its rooms.
    pub rooms: Vec<RoomStatus>,
    /// When this was said, in seconds since 1970 (UTC), by Netatmo's clock.
    pub epoch_seconds: Option<u64>,
}

/// How a room fares.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RoomStatus {
    /// Its id.
    pub id: RoomId,
    /// Whether its sensors are heard.
    #[serde(default)]
    pub reachable: Option<bool>,
    /// What is measured, in °C.
    #[serde(
        default,
        deserialize_with = "measured",
        rename(deserialize = "therm_measured_temperature", serialize = "measured_celsius")
    )]
    pub measured: Option<Celsius>,
    /// What is wanted, in °C.
    #[serde(
        default,
        deserialize_with = "measured",
        rename(deserialize = "therm_setpoint_temperature", serialize = "setpoint_celsius")
    )]
    pub setpoint: Option<Celsius>,
    /// Why it is wanted, such as `schedule` or `manual`.
    #[serde(default, rename(deserialize = "therm_setpoint_mode"))]
    pub setpoint_mode: Option<String>,
    /// Until when, in seconds since 1970 (UTC).
    #[serde(default, rename(deserialize = "therm_setpoint_end_time"))]
    pub setpoint_end_epoch_seconds: Option<u64>,
    /// How much heat is asked for, in percent.
    #[serde(default, rename(deserialize = "heating_power_request"))]
    pub heating_power_percent: Option<f64>,
    /// Whether it heats ahead of its schedule.
    #[serde(default)]
    pub anticipating: Option<bool>,
    /// Whether a window seems to be open.
    #[serde(default)]
    pub open_window: Option<bool>,
}

/// A room that measures its temperature.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RoomReading {
    /// Its id.
    pub id: RoomId,
    /// What its owner calls it.
    pub name: String,
    /// What is measured, in °C.
    #[serde(rename = "measured_celsius")]
    pub measured: Celsius,
    /// What is wanted, in °C.
    #[serde(rename = "setpoint_celsius")]
    pub setpoint: Option<Celsius>,
}

/// Reads the answer of `homesdata`.
pub fn homes(bytes: &[u8]) -> Result<Vec<Home>, Error> {
    #[derive(Deserialize)]
    struct Body {
        #[serde(default)]
        homes: Vec<Home>,
    }
    let (body, _) = answer::body::<Body>(bytes, "it holds no homes")?;
    Ok(body.homes)
}

/// Reads the answer of `homestatus`.
pub fn status(bytes: &[u8]) -> Result<HomeStatus, Error> {
    #[derive(Deserialize)]
    struct Body {
        home: Inner,
    }
    #[derive(Deserialize)]
    struct Inner {
        id: HomeId,
        #[serde(default)]
        rooms: Vec<RoomStatus>,
    }
    let (body, epoch_seconds) = answer::body::<Body>(bytes, "it holds no state of a home")?;
    Ok(HomeStatus { id: body.home.id, rooms: body.home.rooms, epoch_seconds })
}

/// The rooms of a state that measure their temperature, with the names from the home.
pub(crate) fn readings(home: &Home, status: &HomeStatus) -> Vec<RoomReading> {
    let named = |id: &RoomId| {
        let room = home.rooms.iter().find(|room| room.id == *id && !room.name.is_empty());
        room.map_or_else(|| format!("Room {id}"), |room| room.name.clone())
    };
    let reading = |room: &RoomStatus| {
        let measured = room.measured?;
        Some(RoomReading {
            id: room.id.clone(),
            name: named(&room.id),
            measured,
            setpoint: room.setpoint,
        })
    };
    status.rooms.iter().filter_map(reading).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOMES: &str = r#"{"body":{"homes":[{"id":"5f0c","name":"House","altitude":30,
        "coordinates":[2.3,48.8],"country":"FR","timezone":"Europe/Paris",
        "rooms":[{"id":"17","name":"Kitchen","type":"kitchen","module_ids":["x"]},{"id":18}],
        "modules":[{"id":"04:00:00:00:00:01","type":"NRV","name":"Valve","room_id":"17","bridge":"y"}],
        "therm_schedules":[{}]}],"user":{"email":"me@example.com"}},"status":"ok","time_server":1700000000}"#;
    const STATUS: &str = r#"{"status":"ok","time_server":1700000001,"body":{"home":{"id":"5f0c","rooms":[
        {"id":"17","reachable":true,"therm_measured_temperature":20.4,"therm_setpoint_temperature":19,
         "therm_setpoint_mode":"schedule","heating_power_request":30,"future_field":{"a":[]}},
        {"id":"18","therm_measured_temperature":null},{"id":"19","therm_measured_temperature":"hot"},
        {"id":"20","therm_measured_temperature":21}],"modules":[]}}}"#;

    /// promise: N-11. Answers are read into types with units; unknown fields do no harm.
    #[test]
    fn homes_and_their_state_are_read() {
        let homes = homes(HOMES.as_bytes()).expect("homes");
        assert_eq!(homes[0].rooms[0].kind.as_deref(), Some("kitchen"));
        assert_eq!(homes[0].modules[0].kind, "NRV");
        let status = status(STATUS.as_bytes()).expect("a state");
        let room = &status.rooms[0];
        assert_eq!(room.measured, Celsius::new(20.4));
        assert_eq!((room.setpoint, room.heating_power_percent), (Celsius::new(19.0), Some(30.0)));
        assert_eq!(status.epoch_seconds, Some(1_700_000_001));
    }

    #[test]
    fn rooms_without_a_measured_temperature_are_left_out() {
        let homes = homes(HOMES.as_bytes()).expect("homes");
        let status = status(STATUS.as_bytes()).expect("a state");
        let readings = readings(&homes[0], &status);
        let named: Vec<(&str, f64)> =
            readings.iter().map(|room| (room.name.as_str(), room.measured.degrees())).collect();
        assert_eq!(named, [("Kitchen", 20.4), ("Room 20", 21.0)]);
    }

    /// promise: N-10. Where the home stands and whose it is, is not even read.
    #[test]
    fn the_place_of_the_home_is_not_read() {
        let homes = homes(HOMES.as_bytes()).expect("homes");
        let shown = serde_json::to_string(&homes).expect("JSON") + &format!("{homes:?}");
        for private in ["48.8", "Paris", "altitude", "me@example.com"] {
            assert!(!shown.contains(private), "{private} in {shown}");
        }
    }

    #[test]
    fn what_is_no_answer_is_an_error() {
        for json in
            ["", "[]", "{}", r#"{"body":{"homes":7}}"#, r#"{"body":{"homes":[{"name":"x"}]}}"#]
        {
            assert!(matches!(homes(json.as_bytes()), Err(Error::Malformed(_))), "{json}");
            assert!(matches!(status(json.as_bytes()), Err(Error::Malformed(_))), "{json}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_answer_is_read_or_refused_without_panic(bytes: Vec<u8>) {
            drop(homes(&bytes));
            drop(status(&bytes));
        }
    }
}
