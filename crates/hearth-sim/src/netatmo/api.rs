//! The API: a home with rooms whose temperature can be corrected, and a weather station.

use serde_json::{Value, json};

use crate::{http::HttpRequest, service::Reply};

/// The one home.
const HOME: &str = "5f0c000000000000000000a1";
/// What Netatmo's clock shows.
const TIME: u64 = 1_700_000_000;

/// A home.
#[derive(Debug)]
pub(super) struct House {
    /// Id, name, what is measured.
    rooms: Vec<(&'static str, &'static str, Option<f64>)>,
    corrections: Vec<(String, f64, f64)>,
}

impl House {
    /// As it is found.
    pub(super) fn new() -> Self {
        let rooms = vec![
            ("2255031728", "Kitchen", Some(20.4)),
            ("1234567890", "Bedroom", Some(17.9)),
            ("3000000003", "Bedroom", Some(18.5)),
            ("9876543210", "Cellar", None),
        ];
        Self { rooms, corrections: Vec::new() }
    }

    /// The corrections so far: room, measured, true.
    pub(super) fn corrections(&self) -> Vec<(String, f64, f64)> {
        self.corrections.clone()
    }

    /// The answer to a request with a good token.
    pub(super) fn answer(&mut self, path: &str, request: &HttpRequest) -> Reply {
        let query = request.path.split_once('?').map_or("", |(_, query)| query);
        match (request.method.as_str(), path) {
            ("GET", "/api/homesdata") => ok(&json!({ "homes": [self.home()], "user": {
                "email": "keeper@example.com", "language": "en" } })),
            ("GET", "/api/homestatus") if query == format!("home_id={HOME}") => {
                ok(&json!({ "home": self.status(), "errors": [] }))
            }
            ("POST", "/api/truetemperature") => self.correct(request),
            _ => error("404 Not Found", 9, "Device not found"),
        }
    }

    fn home(&self) -> Value {
        let room =
            |(id, name, _): &(&str, &str, _)| json!({ "id": id, "name": name, "type": "custom" });
        let rooms: Vec<Value> = self.rooms.iter().map(room).collect();
        json!({
            "id": HOME,
            "name": "Simulated home",
            "altitude": 100,
            "coordinates": [0.0, 0.0],
            "country": "XX",
            "timezone": "Etc/UTC",
            "rooms": rooms,
            "modules": [{ "id": "02:00:00:00:00:02", "type": "NATherm1", "name": "Thermostat",
                "room_id": "2255031728", "setup_date": TIME }],
            "therm_schedules": [],
        })
    }

    fn status(&self) -> Value {
        let room = |(id, _, measured): &(&str, _, Option<f64>)| match measured {
            None => json!({ "id": id, "reachable": false }),
            Some(measured) => json!({
                "id": id,
                "reachable": true,
                "therm_measured_temperature": measured,
                "therm_setpoint_temperature": 19,
                "therm_setpoint_mode": "schedule",
                "heating_power_request": 0,
                "open_window": false,
            }),
        };
        let rooms: Vec<Value> = self.rooms.iter().map(room).collect();
        json!({ "id": HOME, "rooms": rooms, "modules": [] })
    }

    fn correct(&mut self, request: &HttpRequest) -> Reply {
        let is_json = request.header("content-type") == Some("application/json");
        let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
        let fields = body.as_object().map(|body| body.keys().cloned().collect::<Vec<_>>());
        let expected = ["corrected_temperature", "current_temperature", "home_id", "room_id"];
        let is_whole = is_json && fields.is_some_and(|fields| fields == expected);
        let known = self.rooms.iter_mut().find(|room| body["room_id"] == room.0);
        let said = body["current_temperature"].as_f64().zip(body["corrected_temperature"].as_f64());
        match (known, said) {
            (Some((id, _, Some(measured))), Some((current, corrected)))
                if is_whole
                    && body["home_id"] == HOME
                    && (-50.0..=50.0).contains(&corrected)
                    && (current - *measured).abs() < 1e-9 =>
            {
                *measured = corrected;
                self.corrections.push(((*id).to_owned(), current, corrected));
                Reply::json("200 OK", &json!({ "status": "ok", "time_server": TIME + 1 }))
            }
            _ => error("400 Bad Request", 10, "Invalid arguments"),
        }
    }
}

/// The weather station, in the shape of the documented answer.
pub(super) fn stations() -> Value {
    let since = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default();
    // Stations send every ten minutes.
    let measured = since.as_secs().saturating_sub(240);
    let indoor = json!({ "time_utc": measured, "Temperature": 21.3, "CO2": 640, "Humidity": 45,
        "Noise": 37, "Pressure": 1013.2, "AbsolutePressure": 1001.0 });
    let outdoor = json!({ "time_utc": measured, "Temperature": -2.5, "Humidity": 81 });
    let place = json!({ "city": "Nowhere", "country": "XX", "location": [0.0, 0.0] });
    json!({ "status": "ok", "time_exec": 0.01, "time_server": TIME, "body": {
        "user": { "mail": "keeper@example.com" },
        "devices": [{ "_id": "70:00:00:00:00:01", "type": "NAMain", "station_name": "Simulated station",
            "reachable": true, "place": place, "dashboard_data": indoor, "modules": [
                { "_id": "02:00:00:00:00:01", "type": "NAModule1", "module_name": "Garden",
                  "battery_percent": 74, "reachable": true, "dashboard_data": outdoor },
            ] }],
    } })
}

fn ok(body: &Value) -> Reply {
    Reply::json("200 OK", &json!({ "status": "ok", "time_server": TIME, "body": body }))
}

fn error(status: &'static str, code: i64, message: &str) -> Reply {
    Reply::json(status, &json!({ "error": { "code": code, "message": message } }))
}
