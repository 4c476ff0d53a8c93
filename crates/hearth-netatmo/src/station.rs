//! Weather stations and what they measure. promise: N-11.
//!
//! Pure. Units are what Netatmo's interface always uses, whatever the owner's app shows.

use serde::{Deserialize, Serialize};

use crate::{Celsius, Error, answer, temperature::measured};

/// A weather station.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Station {
    /// Its hardware address.
    #[serde(rename(deserialize = "_id"))]
    pub id: String,
    /// What its owner calls it.
    #[serde(default, rename(deserialize = "station_name"))]
    pub name: Option<String>,
    /// Whether it is heard.
    #[serde(default)]
    pub reachable: Option<bool>,
    /// What it measures itself, inside.
    #[serde(default, rename(deserialize = "dashboard_data"))]
    pub reading: Option<Reading>,
    /// Its modules.
    #[serde(default)]
    pub modules: Vec<StationModule>,
}

/// A module of a weather station.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StationModule {
    /// Its hardware address.
    #[serde(rename(deserialize = "_id"))]
    pub id: String,
    /// What its owner calls it.
    #[serde(default, rename(deserialize = "module_name"))]
    pub name: Option<String>,
    /// What it is: `NAModule1` outdoor, 2 wind, 3 rain, 4 indoor.
    #[serde(default, rename(deserialize = "type"))]
    pub kind: String,
    /// Whether it is heard.
    #[serde(default)]
    pub reachable: Option<bool>,
    /// Its battery, in percent.
    #[serde(default)]
    pub battery_percent: Option<u8>,
    /// What it measures.
    #[serde(default, rename(deserialize = "dashboard_data"))]
    pub reading: Option<Reading>,
}

/// What was measured last. Absent is what a module has no sensor for.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Reading {
    /// When, in seconds since 1970 (UTC).
    #[serde(default, rename(deserialize = "time_utc"))]
    pub epoch_seconds: Option<u64>,
    /// In °C.
    #[serde(
        default,
        deserialize_with = "measured",
        rename(deserialize = "Temperature", serialize = "celsius")
    )]
    pub temperature: Option<Celsius>,
    /// Relative, in percent.
    #[serde(default, rename(deserialize = "Humidity"))]
    pub humidity_percent: Option<f64>,
    /// Carbon dioxide, in parts per million.
    #[serde(default, rename(deserialize = "CO2"))]
    pub co2_ppm: Option<f64>,
    /// In decibels.
    #[serde(default, rename(deserialize = "Noise"))]
    pub noise_db: Option<f64>,
    /// At sea level, in millibars.
    #[serde(default, rename(deserialize = "Pressure"))]
    pub pressure_mbar: Option<f64>,
    /// Within the last measurement, in millimetres.
    #[serde(default, rename(deserialize = "Rain"))]
    pub rain_mm: Option<f64>,
    /// Within the last hour, in millimetres.
    #[serde(default, rename(deserialize = "sum_rain_1"))]
    pub rain_hour_mm: Option<f64>,
    /// In kilometres an hour.
    #[serde(default, rename(deserialize = "WindStrength"))]
    pub wind_kmh: Option<f64>,
    /// Where the wind comes from, in degrees; -1 if there is none.
    #[serde(default, rename(deserialize = "WindAngle"))]
    pub wind_degrees: Option<f64>,
    /// In kilometres an hour.
    #[serde(default, rename(deserialize = "GustStrength"))]
    pub gust_kmh: Option<f64>,
}

/// Reads the answer of `getstationsdata`.
pub fn stations(bytes: &[u8]) -> Result<Vec<Station>, Error> {
    #[derive(Deserialize)]
    struct Body {
        #[serde(default)]
        devices: Vec<Station>,
    }
    let (body, _) = answer::body::<Body>(bytes, "it holds no stations")?;
    Ok(body.devices)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANSWER: &str = r#"{"body":{"devices":[{"_id":"70:00:00:00:00:01","station_name":"House",
        "type":"NAMain","reachable":true,"place":{"city":"Somewhere","location":[1,2]},
        "dashboard_data":{"time_utc":1700000000,"Temperature":21.4,"CO2":551,"Humidity":51,"Noise":33,
        "Pressure":1007.3,"AbsolutePressure":998.4,"min_temp":17.1},
        "modules":[{"_id":"02:00:00:00:00:01","type":"NAModule1","module_name":"Garden","battery_percent":79,
        "rf_status":60,"dashboard_data":{"Temperature":-3.5,"Humidity":88}},
        {"_id":"06:00:00:00:00:01","type":"NAModule2","reachable":false}]}],"user":{"mail":"me@example.com"}},
        "status":"ok","time_exec":0.05,"time_server":1700000100}"#;

    /// promise: N-10, N-11. Stations are read with units, and without their place or owner.
    #[test]
    fn stations_are_read_with_units() {
        let stations = stations(ANSWER.as_bytes()).expect("stations");
        let reading = stations[0].reading.clone().expect("a reading");
        assert_eq!(reading.temperature, Celsius::new(21.4));
        assert_eq!((reading.co2_ppm, reading.pressure_mbar), (Some(551.0), Some(1007.3)));
        let garden = &stations[0].modules[0];
        assert_eq!(garden.battery_percent, Some(79));
        assert_eq!(garden.reading.as_ref().and_then(|read| read.temperature), Celsius::new(-3.5));
        assert_eq!(stations[0].modules[1].reading, None);
        let shown = serde_json::to_string(&stations).expect("JSON");
        assert!(shown.contains("\"celsius\":21.4") && !shown.contains("Somewhere"), "{shown}");
    }

    proptest::proptest! {
        #[test]
        fn any_answer_is_read_or_refused_without_panic(bytes: Vec<u8>) {
            drop(stations(&bytes));
        }
    }
}
