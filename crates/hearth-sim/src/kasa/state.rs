//! What a camera has been told, and how it obeys.
//!
//! Pure. The values are checked as strictly as any model does, so that a client that sends nonsense
//! is found out.

use serde_json::{Map, Value, json};

const SWITCH: &str = "smartlife.cam.ipcamera.switch";
const DELIVERY: &str = "smartlife.cam.ipcamera.delivery";
const MOTION: &str = "smartlife.cam.ipcamera.motionDetect";
const INTELLIGENCE: &str = "smartlife.cam.ipcamera.intelligence";
const SOUND: &str = "smartlife.cam.ipcamera.soundDetect";
const PTZ: &str = "smartlife.cam.ipcamera.ptz";
const LED: &str = "smartlife.cam.ipcamera.led";
const DND: &str = "smartlife.cam.ipcamera.dndSchedule";
const VIDEO: &str = "smartlife.cam.ipcamera.videoControl";
const DAY_NIGHT: &str = "smartlife.cam.ipcamera.dayNight";
const CLOCK: &str = "smartlife.cam.ipcamera.dateTime";
const CARD: &str = "smartlife.cam.ipcamera.sdCard";
const CLOUD: &str = "smartlife.cam.ipcamera.cloud";
const RELAY: &str = "smartlife.cam.ipcamera.relay";
const VOD: &str = "smartlife.cam.ipcamera.vod";

/// No such module or method.
const UNSUPPORTED: i64 = -10_008;
/// Parameters that make no sense.
const BAD_PARAMETERS: i64 = -3;

/// One setting: its module, how it is read and set, what it holds, and what fits.
#[derive(Debug)]
struct Setting {
    module: &'static str,
    get: &'static str,
    set: &'static str,
    value: Value,
    fits: fn(&Value) -> bool,
}

/// A camera's settings and motors.
#[derive(Debug)]
pub(super) struct State {
    settings: Vec<Setting>,
    position: (i64, i64),
    card: &'static str,
}

impl State {
    /// As it leaves the box.
    pub(super) fn new() -> Self {
        let switch = |module, get, set| Setting {
            module,
            get,
            set,
            value: json!({ "value": "off" }),
            fits: is_on_off,
        };
        let setting = |module, get, set, value, fits| Setting { module, get, set, value, fits };
        let settings = vec![
            switch(SWITCH, "get_is_enable", "set_is_enable"),
            switch(DELIVERY, "get_local_clip_is_enable", "set_local_clip_is_enable"),
            switch(DELIVERY, "get_clip_audio_is_enable", "set_clip_audio_is_enable"),
            switch(MOTION, "get_is_enable", "set_is_enable"),
            switch(INTELLIGENCE, "get_bcd_enable", "set_bcd_enable"),
            switch(INTELLIGENCE, "get_pd_enable", "set_pd_enable"),
            switch(SOUND, "get_is_enable", "set_is_enable"),
            switch(PTZ, "get_ptz_tracking_is_enable", "set_ptz_tracking_is_enable"),
            switch(PTZ, "get_patrol_is_enable", "set_patrol_is_enable"),
            switch(LED, "get_status", "set_status"),
            switch(DND, "get_dnd_enable", "set_dnd_enable"),
            setting(
                MOTION,
                "get_sensitivity",
                "set_sensitivity",
                json!({"value": "low"}),
                is_sense,
            ),
            setting(SOUND, "get_sensitivity", "set_sensitivity", json!({"value": "low"}), is_sense),
            setting(
                MOTION,
                "get_min_trigger_time",
                "set_min_trigger_time",
                json!({"day_mode_value": 1000, "night_mode_value": 1000}),
                |value| {
                    [&value["day_mode_value"], &value["night_mode_value"]]
                        .iter()
                        .all(|ms| ms.is_u64())
                },
            ),
            setting(
                VIDEO,
                "get_resolution",
                "set_resolution",
                json!({"value": "1280x720"}),
                |value| {
                    ["2560x1440", "1920x1080", "1280x720"]
                        .iter()
                        .any(|size| value["value"] == *size)
                },
            ),
            setting(
                VIDEO,
                "get_rotation_degree",
                "set_rotation_degree",
                json!({"value": 0}),
                |value| value["value"] == 0 || value["value"] == 180,
            ),
            setting(DAY_NIGHT, "get_mode", "set_mode", json!({"value": "auto"}), |value| {
                ["auto", "day", "night"].iter().any(|mode| value["value"] == *mode)
            }),
            setting(CLOCK, "get_time", "set_time", json!({"epoch_sec": 1_700_000_000}), |value| {
                value["epoch_sec"].is_u64()
            }),
            setting(
                CLOCK,
                "get_time_zone",
                "set_time_zone",
                json!({"timezone": "UTC+00:00", "area": "Etc/UTC"}),
                |value| value["timezone"].is_string() && value["area"].is_string(),
            ),
        ];
        Self { settings, position: (0, 0), card: "normal" }
    }

    /// Does what each method of each module says, and answers for each.
    pub(super) fn obey(&mut self, asked: &Value) -> Value {
        each(asked, |module, method, params| self.call(module, method, params))
    }

    fn call(&mut self, module: &str, method: &str, params: &Value) -> Result<Value, i64> {
        let named = |setting: &&mut Setting| {
            setting.module == module && (setting.get == method || setting.set == method)
        };
        if let Some(setting) = self.settings.iter_mut().find(named) {
            return setting.call(method, params);
        }
        match module {
            "system" => self.system(method),
            PTZ => self.turn(method, params),
            _ => self.other(module, method, params),
        }
    }

    fn setting(&self, module: &str) -> Option<&Value> {
        self.settings.iter().find(|setting| setting.module == module).map(|setting| &setting.value)
    }

    fn system(&self, method: &str) -> Result<Value, i64> {
        if method != "get_sysinfo" {
            return Err(UNSUPPORTED);
        }
        let value = |module| self.setting(module).map(|setting| setting["value"].clone());
        // Nested once more, as a real EC60 has it.
        Ok(json!({ "system": {
            "alias": "Simulated camera",
            "model": "KC000(SIM)",
            "deviceId": "00000000000000000000000000000000SIMULATE",
            "mac": "02:00:00:00:00:01",
            "hw_ver": "1.0",
            "sw_ver": "0.0.0 simulated",
            "type": "IOT.IPCAMERA",
            "camera_switch": value(SWITCH),
            "led_status": value(LED),
            "resolution": "720P",
            "rssi": -45,
            "latitude": 0,
            "longitude": 0,
            "last_activity_timestamp": 1_700_000_000,
            "system_time": 1_700_000_060,
            "some_new_field": [1, { "two": 3 }],
        }}))
    }

    fn turn(&mut self, method: &str, params: &Value) -> Result<Value, i64> {
        match method {
            "get_position" => Ok(json!({ "x": self.position.0, "y": self.position.1 })),
            "set_target" => {
                let both = params["x"].as_i64().zip(params["y"].as_i64());
                self.position = both.ok_or(BAD_PARAMETERS)?;
                Ok(json!({}))
            }
            "set_move" => {
                let direction = params["direction"].as_str().ok_or(BAD_PARAMETERS)?;
                let fits = ["left", "up", "right", "down"].contains(&direction)
                    && params["speed"].as_u64().is_some_and(|speed| (1..=10).contains(&speed));
                if fits { Ok(json!({})) } else { Err(BAD_PARAMETERS) }
            }
            "set_stop" => Ok(json!({})),
            "get_all_preset" => Ok(json!({ "preset_attr": [
                { "index": 0, "name": "Door", "x": 10, "y": 20 },
                { "index": 1, "name": "Window", "x": -30, "y": 5 },
            ]})),
            "set_run_to_preset" => {
                self.position = match params["index"].as_u64() {
                    Some(0) => (10, 20),
                    Some(1) => (-30, 5),
                    _ => return Err(BAD_PARAMETERS),
                };
                Ok(json!({}))
            }
            _ => Err(UNSUPPORTED),
        }
    }

    fn other(&mut self, module: &str, method: &str, params: &Value) -> Result<Value, i64> {
        match (module, method) {
            (CARD, "get_sd_card_state") => Ok(json!({ "state": self.card, "total": 31_000 })),
            (CARD, "get_sd_enc_config") => Ok(json!({ "enc": "off" })),
            (CARD, "set_format_sd_card") => {
                self.card = "formatting";
                Ok(json!({}))
            }
            (CLOUD, "get_info") => Ok(json!({ "bind_status": 1, "server": "simulated" })),
            (CLOCK, "get_status") => {
                let zone = self.settings.iter().find(|setting| setting.get == "get_time_zone");
                let mut status = zone.map_or(json!({}), |zone| zone.value.clone());
                status["epoch_sec"] =
                    self.setting(CLOCK).map_or(Value::Null, |clock| clock["epoch_sec"].clone());
                Ok(status)
            }
            (RELAY, "get_preview_snapshot") => {
                Ok(json!({ "url": "https://127.0.0.1/simulated.jpg" }))
            }
            (VOD, "get_detect_zone_list") => detections(params),
            (VOD, "get_vod_occupied_state") if params["player_id"].is_string() => {
                Ok(json!({ "value": "off" }))
            }
            (VOD, "get_vod_occupied_state") => Err(BAD_PARAMETERS),
            _ => Err(UNSUPPORTED),
        }
    }
}

impl Setting {
    fn call(&mut self, method: &str, params: &Value) -> Result<Value, i64> {
        if method == self.get {
            // This one setting is read under another name than it is set.
            let is_disturbing = self.module == DND;
            return Ok(if is_disturbing {
                json!({ "enable": self.value["value"] })
            } else {
                self.value.clone()
            });
        }
        let names = |value: &Value| value.as_object().map(|value| value.keys().cloned().collect());
        let same: Option<(Vec<String>, Vec<String>)> = names(params).zip(names(&self.value));
        if same.is_none_or(|(given, known)| given != known) || !(self.fits)(params) {
            return Err(BAD_PARAMETERS);
        }
        self.value = params.clone();
        Ok(json!({}))
    }
}

/// What was seen is within the span that was asked for.
fn detections(params: &Value) -> Result<Value, i64> {
    let span = params["start_time"].as_u64().zip(params["end_time"].as_u64());
    let (start, end) = span.filter(|(start, end)| start < end).ok_or(BAD_PARAMETERS)?;
    let seen = [1_700_000_000_u64, 1_700_003_600];
    let seen = seen.iter().filter(|at| (start..end).contains(at));
    let list: Vec<Value> =
        seen.map(|at| json!({ "start_time": at, "end_time": at + 20, "type": "motion" })).collect();
    Ok(json!({ "list": list }))
}

/// The answer of a model that knows nothing of this.
pub(super) fn unknown(asked: &Value) -> Value {
    each(asked, |_, _, _| Err(UNSUPPORTED))
}

fn each(asked: &Value, mut call: impl FnMut(&str, &str, &Value) -> Result<Value, i64>) -> Value {
    let mut answer = Map::new();
    for (module, methods) in asked.as_object().into_iter().flatten() {
        let mut said = Map::new();
        for (method, params) in methods.as_object().into_iter().flatten() {
            let mut fields = match call(module, method, params) {
                Ok(mut fields) => {
                    fields["err_code"] = 0.into();
                    fields
                }
                Err(code) => json!({ "err_code": code, "err_msg": "simulated" }),
            };
            said.insert(method.clone(), fields.take());
        }
        answer.insert(module.clone(), Value::Object(said));
    }
    Value::Object(answer)
}

fn is_on_off(value: &Value) -> bool {
    value["value"] == "on" || value["value"] == "off"
}

fn is_sense(value: &Value) -> bool {
    ["low", "medium", "high"].iter().any(|word| value["value"] == *word)
}
