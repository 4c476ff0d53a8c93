//! What a Tapo plug answers to commands, once they are decrypted.

use serde_json::{Value, json};

use super::TapoPlugSpec;
use crate::tapo::cipher::encode;

const UNKNOWN_METHOD: i32 = -1002;
const BAD_PARAMETERS: i32 = -1008;
const SCHEDULES_FULL: i32 = -1802;
/// Schedules that fit; few, so that a test reaches the end.
const SCHEDULES_MAX: usize = 32;
/// Schedules in one page.
const PAGE: usize = 5;

/// The socket, its meter and its schedules.
#[derive(Debug)]
pub(super) struct Socket {
    model: String,
    measures_voltage: bool,
    on: bool,
    nickname: String,
    led: bool,
    schedules: Vec<Value>,
    next: u32,
}

impl Socket {
    pub(super) fn new(spec: &TapoPlugSpec) -> Self {
        Self {
            model: spec.model.clone(),
            measures_voltage: spec.measures_voltage,
            on: true,
            nickname: encode(b"Simulated kettle"),
            led: true,
            schedules: Vec::new(),
            next: 1,
        }
    }

    pub(super) fn is_on(&self) -> bool {
        self.on
    }

    pub(super) fn answer(&mut self, request: &Value) -> Value {
        let method = request["method"].as_str().unwrap_or_default();
        if method == "multipleRequest" {
            let mut responses = Vec::new();
            for entry in request["params"]["requests"].as_array().into_iter().flatten() {
                let mut answer = self.answer(entry);
                answer["method"] = entry["method"].clone();
                let failed = answer["error_code"] != 0;
                responses.push(answer);
                // Real plugs stop at the first failure.
                if failed {
                    break;
                }
            }
            return json!({"error_code": 0, "result": {"responses": responses}});
        }
        match self.carry_out(method, &request["params"]) {
            Ok(Value::Null) => json!({"error_code": 0}),
            Ok(result) => json!({"error_code": 0, "result": result}),
            Err(code) => json!({"error_code": code}),
        }
    }

    fn milliwatts(&self) -> u64 {
        if self.on { 8_962 } else { 0 }
    }

    fn carry_out(&mut self, method: &str, params: &Value) -> Result<Value, i32> {
        match method {
            "component_nego" => {
                let names = ["device", "firmware", "time", "led", "schedule", "energy_monitoring"];
                let list = names.map(|name| {
                    json!({"id": name, "ver_code": if name == "energy_monitoring" { 2 } else { 1 }})
                });
                Ok(json!({"component_list": list}))
            }
            "get_device_info" => Ok(self.device_info()),
            "set_device_info" => self.set_device_info(params),
            "get_led_info" => {
                let rule = if self.led { "always" } else { "never" };
                Ok(json!({"led_rule": rule, "led_status": self.led}))
            }
            "set_led_info" => match params["led_rule"].as_str() {
                Some(rule @ ("always" | "never" | "night_mode")) => {
                    self.led = rule != "never";
                    Ok(Value::Null)
                }
                _ => Err(BAD_PARAMETERS),
            },
            "get_device_time" => {
                Ok(json!({"timestamp": 1_790_000_000, "time_diff": 60, "region": "Europe/Berlin"}))
            }
            "get_device_usage" => {
                let usage = json!({"today": 12, "past7": 100, "past30": 400});
                Ok(json!({"time_usage": usage, "power_usage": usage, "saved_power": usage}))
            }
            "get_current_power" => Ok(json!({"current_power": self.milliwatts() / 1000})),
            "get_energy_usage" => Ok(json!({
                "today_runtime": 306, "month_runtime": 12_572, "today_energy": 73,
                "month_energy": 1_980, "local_time": "2026-11-22 10:06:00",
                "electricity_charge": [0, 0, 0], "current_power": self.milliwatts(),
            })),
            "get_emeter_data" if self.measures_voltage => Ok(json!({
                "current_ma": if self.on { 39 } else { 0 }, "voltage_mv": 229_800,
                "power_mw": self.milliwatts(), "energy_wh": 1_980,
            })),
            "get_emeter_vgain_igain" if self.measures_voltage => {
                Ok(json!({"vgain": 1, "igain": 1}))
            }
            "get_schedule_rules" => {
                let start = params["start_index"].as_u64().unwrap_or(0) as usize;
                let page: Vec<&Value> = self.schedules.iter().skip(start).take(PAGE).collect();
                Ok(
                    json!({"enable": true, "rule_list": page, "schedule_rule_max_count": SCHEDULES_MAX,
                    "start_index": start, "sum": self.schedules.len()}),
                )
            }
            "add_schedule_rule" => self.add_schedule(params),
            "remove_schedule_rules" => {
                let id = &params["rule_list"][0]["id"];
                let before = self.schedules.len();
                self.schedules.retain(|rule| rule["id"] != *id);
                if self.schedules.len() < before { Ok(Value::Null) } else { Err(BAD_PARAMETERS) }
            }
            "device_reboot" => Ok(Value::Null),
            _ => Err(UNKNOWN_METHOD),
        }
    }

    fn device_info(&self) -> Value {
        json!({
            "device_id": "8022000000000000000000000000000000000001", "device_on": self.on,
            "model": self.model, "type": "SMART.TAPOPLUG", "nickname": self.nickname,
            "fw_ver": "1.3.1 Build 240621 Rel.162048", "fw_id": "00", "hw_ver": "1.0", "hw_id": "00",
            "oem_id": "00", "mac": "00-00-5E-00-53-02", "ssid": encode(b"Simulated"), "rssi": -48,
            "signal_level": 3, "on_time": 5_132, "overheat_status": "normal",
            "power_protection_status": "normal", "overcurrent_status": "normal", "avatar": "plug",
            "region": "Europe/Berlin", "time_diff": 60, "lang": "en_US", "specs": "", "ip": "127.0.0.1",
            "default_states": {"type": "last_states", "state": {}}, "has_set_location_info": false,
            "latitude": 0, "longitude": 0, "charging_status": "normal",
        })
    }

    fn set_device_info(&mut self, params: &Value) -> Result<Value, i32> {
        let given = params.as_object().ok_or(BAD_PARAMETERS)?;
        for (name, value) in given {
            match (name.as_str(), value) {
                ("device_on", Value::Bool(on)) => self.on = *on,
                ("nickname", Value::String(name)) => self.nickname.clone_from(name),
                _ => return Err(BAD_PARAMETERS),
            }
        }
        Ok(Value::Null)
    }

    fn add_schedule(&mut self, params: &Value) -> Result<Value, i32> {
        let days = params["week_day"].as_u64().filter(|days| (1..128).contains(days));
        let start = params["s_min"].as_u64().filter(|minute| *minute < 1_440);
        let state = params["desired_states"]["on"].as_bool();
        if days.is_none() || start.is_none() || state.is_none() || params["mode"] != "repeat" {
            return Err(BAD_PARAMETERS);
        }
        if self.schedules.len() >= SCHEDULES_MAX {
            return Err(SCHEDULES_FULL);
        }
        let id = format!("S{}", self.next);
        self.next += 1;
        let mut rule = params.clone();
        rule["id"] = json!(id);
        self.schedules.push(rule);
        Ok(json!({"id": id}))
    }
}
