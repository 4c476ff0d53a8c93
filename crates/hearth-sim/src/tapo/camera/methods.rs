//! What a camera answers to commands, once they are decrypted. Strict: what a real camera would not
//! understand is refused.

use serde_json::{Map, Value, json};

const UNKNOWN_METHOD: i32 = -40106;
const BAD_ARGUMENT: i32 = -40209;
const NO_SUCH_PRESET: i32 = -64302;
const PRIVACY_IS_ON: i32 = -64324;
const NO_SUCH_USER_ID: i32 = -71103;
/// The identity that searches need.
const USER_ID: u64 = 5;

/// Commands that read sections: the method and its module.
const GETTERS: [(&str, &str); 43] = [
    ("getDeviceInfo", "device_info"),
    ("getAppComponentList", "app_component"),
    ("getDeviceIpAddress", "network"),
    ("getClockStatus", "system"),
    ("getTimezone", "system"),
    ("getDstRule", "system"),
    ("getLensMaskConfig", "lens_mask"),
    ("getLedStatus", "led"),
    ("getDetectionConfig", "motion_detection"),
    ("getPersonDetectionConfig", "people_detection"),
    ("getVehicleDetectionConfig", "vehicle_detection"),
    ("getPetDetectionConfig", "pet_detection"),
    ("getPackageDetectionConfig", "package_detection"),
    ("getBarkDetectionConfig", "bark_detection"),
    ("getMeowDetectionConfig", "meow_detection"),
    ("getGlassDetectionConfig", "glass_detection"),
    ("getBCDConfig", "sound_detection"),
    ("getTamperDetectionConfig", "tamper_detection"),
    ("getLinecrossingDetectionConfig", "linecrossing_detection"),
    ("getLastAlarmInfo", ""),
    ("getAlertConfig", "msg_alarm"),
    ("getDayNightModeConfig", "image"),
    ("getLightFrequencyInfo", "image"),
    ("getNightVisionModeConfig", "image"),
    ("getRotationStatus", "image"),
    ("getLdc", "image"),
    ("getWhitelampConfig", "image"),
    ("getPresetConfig", "preset"),
    ("getTargetTrackConfig", "target_track"),
    ("getReboot", "timing_reboot"),
    ("getSdCardStatus", "harddisk_manage"),
    ("getCircularRecordingConfig", "harddisk_manage"),
    ("getRecordPlan", "record_plan"),
    ("getAudioConfig", "audio_config"),
    ("getMsgPushConfig", "msg_push"),
    ("getFirmwareUpdateStatus", "cloud_config"),
    ("getCloudConfig", "cloud_config"),
    ("getFirmwareAutoUpgradeConfig", "auto_upgrade"),
    ("getMediaEncrypt", "cet"),
    ("getCoverConfig", "cover"),
    ("getSirenStatus", "siren"),
    ("getSirenConfig", "siren"),
    ("getSirenTypeList", "siren"),
];

/// Commands that change sections: the method and its module.
const SETTERS: [(&str, &str); 31] = [
    ("setDeviceAlias", "system"),
    ("setTimezone", "system"),
    ("setLensMaskConfig", "lens_mask"),
    ("setLedStatus", "led"),
    ("setDetectionConfig", "motion_detection"),
    ("setPersonDetectionConfig", "people_detection"),
    ("setVehicleDetectionConfig", "vehicle_detection"),
    ("setPetDetectionConfig", "pet_detection"),
    ("setPackageDetectionConfig", "package_detection"),
    ("setBarkDetectionConfig", "bark_detection"),
    ("setMeowDetectionConfig", "meow_detection"),
    ("setGlassDetectionConfig", "glass_detection"),
    ("setBCDConfig", "sound_detection"),
    ("setTamperDetectionConfig", "tamper_detection"),
    ("setLinecrossingDetectionConfig", "linecrossing_detection"),
    ("setDayNightModeConfig", "image"),
    ("setLightFrequencyInfo", "image"),
    ("setNightVisionModeConfig", "image"),
    ("setRotationStatus", "image"),
    ("setLdc", "image"),
    ("setWhitelampConfig", "image"),
    ("setTargetTrackConfig", "target_track"),
    ("setReboot", "timing_reboot"),
    ("setCircularRecordingConfig", "harddisk_manage"),
    ("setRecordPlan", "record_plan"),
    ("setSpeakerVolume", "audio_config"),
    ("setMicrophoneVolume", "audio_config"),
    ("setRecordAudio", "audio_config"),
    ("setMsgPushConfig", "msg_push"),
    ("setFirmwareAutoUpgradeConfig", "auto_upgrade"),
    ("setMediaEncrypt", "cet"),
];

/// The answer to a decrypted request.
pub(super) fn answer(request: &Value, settings: &mut Value, commands: &mut Vec<String>) -> Value {
    let method = request["method"].as_str().unwrap_or_default();
    if method != "multipleRequest" {
        return single(method, request, settings, commands);
    }
    let mut responses = Vec::new();
    for entry in request["params"]["requests"].as_array().into_iter().flatten() {
        let method = entry["method"].as_str().unwrap_or_default();
        let params = &entry["params"];
        responses.push(match carry_out(method, params, settings, commands) {
            Ok(result) => {
                commands.push(method.to_owned());
                json!({"method": method, "result": result, "error_code": 0})
            }
            Err(code) => json!({"method": method, "error_code": code}),
        });
    }
    json!({"result": {"responses": responses}, "error_code": 0})
}

/// The same with a code in the place of every answer.
pub(super) fn refuse(request: &Value, code: i32) -> Value {
    let Some(entries) = request["params"]["requests"].as_array() else {
        return json!({"error_code": code});
    };
    let refused = |entry: &Value| json!({"method": entry["method"], "error_code": code});
    let responses: Vec<Value> = entries.iter().map(refused).collect();
    json!({"result": {"responses": responses}, "error_code": 0})
}

/// `get`, `set` and `do` outside of batches.
fn single(verb: &str, request: &Value, settings: &mut Value, commands: &mut Vec<String>) -> Value {
    let Some(object) = request.as_object() else { return json!({"error_code": BAD_ARGUMENT}) };
    let Some((module, body)) = object.iter().find(|(key, _)| *key != "method") else {
        return json!({"error_code": BAD_ARGUMENT});
    };
    let params = json!({module: body});
    let result = match (verb, module.as_str()) {
        ("get", _) => read(module, &params, settings),
        ("set", "msg_alarm") => write(module, &params, settings),
        ("do", "msg_alarm") => write(module, &params, settings),
        ("do", "motor") => carry_out("motorMove", &params, settings, commands),
        ("do", "cloud_config") if body.get("fw_download").is_some() => Ok(json!({})),
        _ => Err(UNKNOWN_METHOD),
    };
    match result {
        Ok(mut answer) => {
            commands.push(format!("{verb} {module}"));
            answer["error_code"] = json!(0);
            answer
        }
        Err(code) => json!({"error_code": code}),
    }
}

fn carry_out(
    method: &str,
    params: &Value,
    settings: &mut Value,
    commands: &mut Vec<String>,
) -> Result<Value, i32> {
    if let Some((_, module)) = GETTERS.iter().find(|(name, _)| *name == method) {
        // One name, two modules: clients differ.
        let named = params.as_object().and_then(|params| params.keys().next());
        let module = if module.is_empty() { named.map_or("", String::as_str) } else { module };
        return read(module, params, settings);
    }
    if let Some((_, module)) = SETTERS.iter().find(|(name, _)| *name == method) {
        return write(module, params, settings);
    }
    match method {
        "getConnectionType" => Ok(json!({
            "link_type": "wifi", "rssi": "3", "rssiValue": -58, "ssid": "U2ltdWxhdGVk",
        })),
        "getUserID" => Ok(json!({"user_id": USER_ID})),
        "rebootDevice" | "formatSdCard" | "checkFirmwareVersionByCloud" => Ok(json!({})),
        "motorMove" | "relativeMove" | "manualCalibrate" | "cruiseMove" | "cruiseStop" => {
            turn(method, params, settings)
        }
        "setPatrolStatus" => {
            let value = on_off(&params["patrol"]["set_patrol_status"]["value"])?;
            settings["patrol"]["patrol"]["enabled"] = value;
            Ok(json!({}))
        }
        "addMotorPostion" | "motorMoveToPreset" | "deletePreset" => {
            preset(method, params, settings)
        }
        "setSirenStatus" => {
            settings["siren"]["status"] = on_off(&params["siren"]["status"])?;
            Ok(json!({}))
        }
        "setSirenConfig" => siren(params, settings),
        "searchDateWithVideo" | "searchVideoOfDay" | "searchDetectionList" => {
            search(method, &params["playback"], settings)
        }
        "getChildDeviceList" => children(params, settings),
        "controlChild" => {
            let control = &params["childControl"];
            let known = settings["children"].as_array().is_some_and(|children| {
                children.iter().any(|child| child["device_id"] == control["device_id"])
            });
            if !known {
                return Err(BAD_ARGUMENT);
            }
            Ok(json!({"response_data": answer(&control["request_data"], settings, commands)}))
        }
        _ => Err(UNKNOWN_METHOD),
    }
}

/// Answers with the sections that were asked for by name.
fn read(module: &str, params: &Value, settings: &Value) -> Result<Value, i32> {
    let asked = params.get(module).ok_or(BAD_ARGUMENT)?;
    let known = settings.get(module).ok_or(UNKNOWN_METHOD)?;
    if module == "siren" {
        return Ok(known.clone());
    }
    let mut sections = Map::new();
    for names in [asked.get("name"), asked.get("table")].into_iter().flatten() {
        let names = names.as_array().map_or(std::slice::from_ref(names), Vec::as_slice);
        for name in names {
            let name = name.as_str().ok_or(BAD_ARGUMENT)?;
            if let Some(section) = known.get(name) {
                sections.insert(name.to_owned(), section.clone());
            }
        }
    }
    if sections.is_empty() { Err(BAD_ARGUMENT) } else { Ok(json!({module: sections})) }
}

/// Changes fields of sections, after checking each value.
fn write(module: &str, params: &Value, settings: &mut Value) -> Result<Value, i32> {
    let given = params.get(module).and_then(Value::as_object).ok_or(BAD_ARGUMENT)?;
    for (section, fields) in given {
        let fields = fields.as_object().ok_or(BAD_ARGUMENT)?;
        if settings[module].get(section).is_none() {
            return Err(BAD_ARGUMENT);
        }
        if !fields.iter().all(|(name, value)| is_sensible(name, value)) {
            return Err(BAD_ARGUMENT);
        }
        for (name, value) in fields {
            settings[module][section][name] = value.clone();
        }
        if section == "sys" {
            settings["device_info"]["basic_info"]["device_alias"] = fields["dev_alias"].clone();
        }
    }
    Ok(json!({}))
}

fn is_sensible(name: &str, value: &Value) -> bool {
    let text = value.as_str();
    let one_of = |words: &[&str]| text.is_some_and(|text| words.contains(&text));
    // Clients send numbers with and without quotes, and cameras take both.
    let number = value.as_u64().or_else(|| text?.parse().ok());
    let percent = number.is_some_and(|number| number <= 100);
    match name {
        "enabled"
        | "mute"
        | "ldc"
        | "force_wtl_state"
        | "notification_enabled"
        | "rich_notification_enabled"
        | "loop" => one_of(&["on", "off"]),
        "digital_sensitivity" | "volume" => percent,
        "sensitivity" => percent || one_of(&["low", "medium", "high"]),
        "inf_type" => one_of(&["on", "off", "auto"]),
        "flip_type" => one_of(&["off", "center"]),
        "light_freq_mode" => one_of(&["auto", "50", "60"]),
        "night_vision_mode" => one_of(&["inf_night_vision", "wtl_night_vision", "md_night_vision"]),
        "action" => one_of(&["start", "stop"]),
        "alarm_mode" => value.as_array().is_some_and(|modes| {
            !modes.is_empty() && modes.iter().all(|mode| mode == "sound" || mode == "light")
        }),
        _ => true,
    }
}

fn on_off(value: &Value) -> Result<Value, i32> {
    if value == "on" || value == "off" { Ok(value.clone()) } else { Err(BAD_ARGUMENT) }
}

fn turn(method: &str, params: &Value, settings: &mut Value) -> Result<Value, i32> {
    if settings["lens_mask"]["lens_mask_info"]["enabled"] == "on" {
        return Err(PRIVACY_IS_ON);
    }
    let motor = &params["motor"];
    let number = |value: &Value| value.as_str()?.parse::<i64>().ok();
    match method {
        "motorMove" => {
            let x = number(&motor["move"]["x_coord"]).ok_or(BAD_ARGUMENT)?;
            let y = number(&motor["move"]["y_coord"]).ok_or(BAD_ARGUMENT)?;
            let position = &mut settings["motor"]["position"];
            let add =
                |value: &Value, by: i64| json!(value.as_i64().unwrap_or(0).saturating_add(by));
            (position["x"], position["y"]) = (add(&position["x"], x), add(&position["y"], y));
            Ok(json!({}))
        }
        "relativeMove" => {
            let direction = number(&motor["movestep"]["direction"]);
            direction.filter(|direction| (0..360).contains(direction)).ok_or(BAD_ARGUMENT)?;
            Ok(json!({}))
        }
        "cruiseMove" => {
            let axis = &motor["cruise"]["coord"];
            if axis == "x" || axis == "y" { Ok(json!({})) } else { Err(BAD_ARGUMENT) }
        }
        "manualCalibrate" if motor.get("manual_cali").is_some() => Ok(json!({})),
        "cruiseStop" if motor.get("cruise_stop").is_some() => Ok(json!({})),
        _ => Err(BAD_ARGUMENT),
    }
}

fn preset(method: &str, params: &Value, settings: &mut Value) -> Result<Value, i32> {
    let asked = &params["preset"];
    let table = settings["preset"]["preset"].as_object_mut().ok_or(BAD_ARGUMENT)?;
    let ids: Vec<Value> = table["id"].as_array().cloned().unwrap_or_default();
    let place = |id: &Value| ids.iter().position(|known| known == id).ok_or(NO_SUCH_PRESET);
    let columns = ["id", "name", "position_pan", "position_tilt", "read_only"];
    match method {
        "motorMoveToPreset" => place(&asked["goto_preset"]["id"]).map(|_| json!({})),
        "addMotorPostion" => {
            let name = asked["set_preset"]["name"].as_str().ok_or(BAD_ARGUMENT)?;
            let next = ids.iter().filter_map(|id| id.as_str()?.parse::<u32>().ok()).max();
            let id = next.map_or(1, |id| id + 1).to_string();
            for (column, value) in columns.into_iter().zip([id.as_str(), name, "0", "0", "0"]) {
                table[column].as_array_mut().ok_or(BAD_ARGUMENT)?.push(json!(value));
            }
            Ok(json!({}))
        }
        _ => {
            let id = asked["remove_preset"]["id"].get(0).ok_or(BAD_ARGUMENT)?;
            let place = place(id)?;
            for column in columns {
                table[column].as_array_mut().ok_or(BAD_ARGUMENT)?.remove(place);
            }
            Ok(json!({}))
        }
    }
}

fn siren(params: &Value, settings: &mut Value) -> Result<Value, i32> {
    let asked = &params["siren"];
    let volume = asked["volume"].as_str().and_then(|volume| volume.parse::<u8>().ok());
    let duration = asked["duration"].as_u64();
    let known = settings["siren"]["siren_type_list"].as_array();
    let fits = volume.is_some_and(|volume| volume <= 10)
        && duration.is_some_and(|duration| duration <= 6_000)
        && known.is_some_and(|known| known.contains(&asked["siren_type"]));
    if !fits {
        return Err(BAD_ARGUMENT);
    }
    for key in ["volume", "duration", "siren_type"] {
        settings["siren"][key] = asked[key].clone();
    }
    Ok(json!({}))
}

fn search(method: &str, playback: &Value, settings: &Value) -> Result<Value, i32> {
    let recordings = settings["recordings"].as_array().ok_or(BAD_ARGUMENT)?;
    match method {
        "searchDateWithVideo" => {
            let asked = &playback["search_year_utility"];
            let from = asked["start_date"].as_str().ok_or(BAD_ARGUMENT)?;
            let to = asked["end_date"].as_str().ok_or(BAD_ARGUMENT)?;
            let mut days: Vec<&str> =
                recordings.iter().filter_map(|recording| recording["day"].as_str()).collect();
            days.dedup();
            days.retain(|day| (from..=to).contains(day));
            let name = |index| format!("search_results_{index}");
            let days = (1..).zip(days).map(|(index, day)| json!({name(index): {"date": day}}));
            Ok(json!({"playback": {"search_results": days.collect::<Vec<_>>()}}))
        }
        "searchVideoOfDay" => {
            let asked = &playback["search_video_utility"];
            if asked["id"] != json!(USER_ID) {
                return Err(NO_SUCH_USER_ID);
            }
            let start = asked["start_index"].as_u64().ok_or(BAD_ARGUMENT)? as usize;
            let name = |index| format!("search_video_results_{index}");
            let found = recordings.iter().filter(|recording| recording["day"] == asked["date"]);
            let found = found.skip(start).zip(1..).map(|(recording, index)| {
                json!({name(index): {"startTime": recording["start"], "endTime": recording["end"],
                    "vedio_type": 2}})
            });
            Ok(json!({"playback": {"search_video_results": found.collect::<Vec<_>>()}}))
        }
        _ => {
            let asked = &playback["search_detection_list"];
            let from = asked["start_time"].as_u64().ok_or(BAD_ARGUMENT)?;
            let to = asked["end_time"].as_u64().ok_or(BAD_ARGUMENT)?;
            let found = recordings.iter().filter(|recording| {
                recording["start"].as_u64().is_some_and(|start| (from..to).contains(&start))
            });
            let found = found.map(|recording| {
                json!({"start_time": recording["start"], "end_time": recording["end"], "alarm_type": 2})
            });
            Ok(json!({"playback": {"search_detection_list": found.collect::<Vec<_>>()}}))
        }
    }
}

fn children(params: &Value, settings: &Value) -> Result<Value, i32> {
    let start = params["childControl"]["start_index"].as_u64().ok_or(BAD_ARGUMENT)? as usize;
    let children = settings["children"].as_array().ok_or(BAD_ARGUMENT)?;
    let page: Vec<&Value> = children.iter().skip(start).collect();
    Ok(json!({"child_device_list": page, "start_index": start, "sum": children.len()}))
}
