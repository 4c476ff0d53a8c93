//! The command language of Tapo plugs: `{"method": ..., "params": ...}`.

use base64::Engine as _;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Energy, PlugFacts, Power, Rule, Schedule, TimeOfDay, Weekdays, schedule::checked_id};
use crate::{
    AnswerError, Call, Code, Malformed, Minutes, OutOfRange, Switch,
    call::{self, Envelope, code_of},
};

/// A plug keeps 32 schedules; more than that is no list of a plug.
const SCHEDULES_MAX: usize = 64;
/// A year of buckets of an hour would be 8784; plugs send 168 at most.
const BUCKETS_MAX: usize = 400;

static NOTHING: Value = Value::Null;

/// A call to a Tapo plug.
pub type SmartCall<T> = Call<Request, T>;

/// One request.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    method: &'static str,
    params: Option<Value>,
}

impl Request {
    /// The JSON that is encrypted and sent. `terminal` identifies the client towards the device.
    pub fn to_json(&self, time_ms: u64, terminal: &str) -> Value {
        let mut request = json!({
            "method": self.method, "request_time_milis": time_ms, "terminal_uuid": terminal,
        });
        if let Some(params) = &self.params {
            request["params"] = params.clone();
        }
        request
    }
}

impl Envelope for Request {
    fn method(&self) -> &str {
        self.method
    }

    fn result<'a>(&self, answer: &'a Value) -> Result<&'a Value, AnswerError> {
        // Unlike hubs, plugs never leave it out: without it there is no acknowledgement.
        if answer.get("error_code").is_none() {
            return Err(Malformed::new("no error code").into());
        }
        match code_of(answer, "error_code")? {
            Code::SUCCESS => Ok(answer.get("result").unwrap_or(&NOTHING)),
            code => Err(AnswerError::Refused { method: self.method.to_owned(), code }),
        }
    }
}

fn ask(method: &'static str) -> Request {
    Request { method, params: None }
}

fn order(method: &'static str, params: Value) -> SmartCall<()> {
    Call::acknowledged(Request { method, params: Some(params) })
}

#[derive(Deserialize)]
struct DeviceInfo {
    device_on: bool,
    model: String,
    #[serde(default)]
    nickname: Option<String>,
    #[serde(default)]
    fw_ver: String,
    #[serde(default)]
    hw_ver: String,
    #[serde(default)]
    mac: Option<String>,
    #[serde(default)]
    on_time: Option<u64>,
    #[serde(default)]
    rssi: Option<i32>,
    #[serde(default)]
    overheated: Option<bool>,
    #[serde(default)]
    overheat_status: Option<String>,
    #[serde(default)]
    power_protection_status: Option<String>,
}

/// What it is, and whether it is on.
pub fn facts() -> SmartCall<PlugFacts> {
    Call::new(ask("get_device_info"), |result| {
        let info: DeviceInfo = call::read(result)?;
        let overheated = info.overheat_status.map(|status| status != "normal");
        let name = info.nickname.filter(|name| !name.is_empty()).map(|name| {
            let decoded = base64::engine::general_purpose::STANDARD.decode(&name).ok();
            decoded.and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or(name)
        });
        Ok(PlugFacts {
            on: info.device_on,
            alias: name,
            firmware: info.fw_ver,
            hardware: info.hw_ver,
            mac: info.mac,
            on_seconds: info.on_time,
            signal_dbm: info.rssi,
            overheated: info.overheated.or(overheated),
            // Only plugs that measure can watch the load.
            measures: info.power_protection_status.is_some()
                || ["P110", "P115", "KP125M", "EP25"]
                    .iter()
                    .any(|name| info.model.starts_with(name)),
            model: info.model,
        })
    })
}

/// Switches.
pub fn switch(switch: Switch) -> SmartCall<()> {
    order("set_device_info", json!({"device_on": switch.is_on()}))
}

/// Gives it a name of 1 to 64 characters.
pub fn set_alias(alias: &str) -> Result<SmartCall<()>, OutOfRange> {
    if !(1..=64).contains(&alias.chars().count()) || alias.chars().any(char::is_control) {
        return Err(OutOfRange::new("a name", "1 to 64 printable characters"));
    }
    let nickname = base64::engine::general_purpose::STANDARD.encode(alias);
    Ok(order("set_device_info", json!({"nickname": nickname})))
}

/// Lets the status light show or not.
pub fn set_led(led: Switch) -> SmartCall<()> {
    let rule = if led.is_on() { "always" } else { "never" };
    order("set_led_info", json!({"led_rule": rule, "led_status": led.is_on()}))
}

/// Starts it anew in a second.
pub fn reboot() -> SmartCall<()> {
    order("device_reboot", json!({"delay": 1}))
}

/// Milliwatts of energy metering, with volts and amperes; newer firmware only.
pub fn meter() -> SmartCall<Power> {
    Call::new(ask("get_emeter_data"), |result| {
        #[derive(Deserialize)]
        struct Meter {
            power_mw: u64,
            #[serde(default)]
            voltage_mv: Option<u64>,
            #[serde(default)]
            current_ma: Option<u64>,
        }
        let Meter { power_mw, voltage_mv, current_ma } = call::read(result)?;
        // A plug that does not measure them reports zero volts, which no socket has.
        let voltage_mv = voltage_mv.filter(|voltage| *voltage > 0);
        let current_ma = current_ma.filter(|_| voltage_mv.is_some());
        Ok(Power { power_mw, voltage_mv, current_ma })
    })
}

/// Whole watts; every plug that measures knows this.
pub fn power() -> SmartCall<Power> {
    Call::new(ask("get_current_power"), |result| {
        let watts: u64 = call::read_at(result, &["current_power"])?;
        let power_mw =
            watts.checked_mul(1000).ok_or(Malformed::new("more than any socket gives"))?;
        Ok(Power { power_mw, ..Power::default() })
    })
}

#[derive(Deserialize)]
struct EnergyUsage {
    #[serde(default)]
    today_energy: Option<u64>,
    #[serde(default)]
    month_energy: Option<u64>,
    #[serde(default)]
    today_runtime: Option<Minutes>,
    #[serde(default)]
    month_runtime: Option<Minutes>,
    #[serde(default)]
    local_time: Option<String>,
    #[serde(default)]
    current_power: Option<u64>,
    #[serde(default)]
    past24h: Vec<u64>,
    #[serde(default)]
    past30d: Vec<u64>,
    #[serde(default)]
    past1y: Vec<u64>,
}

fn read_usage(result: &Value) -> Result<EnergyUsage, Malformed> {
    let usage: EnergyUsage = call::read(result)?;
    let longest = [&usage.past24h, &usage.past30d, &usage.past1y].map(Vec::len);
    if longest.into_iter().max() > Some(BUCKETS_MAX) {
        return Err(Malformed::new("more buckets than a year has"));
    }
    Ok(usage)
}

/// Watt-hours of today and this month; on old firmware also by hour, day and month.
pub fn energy() -> SmartCall<Energy> {
    Call::new(ask("get_energy_usage"), |result| {
        let usage = read_usage(result)?;
        Ok(Energy {
            today_wh: usage.today_energy,
            month_wh: usage.month_energy,
            today_runtime: usage.today_runtime,
            month_runtime: usage.month_runtime,
            by_hour_wh: usage.past24h,
            by_day_wh: usage.past30d,
            by_month_wh: usage.past1y,
            local_time: usage.local_time,
        })
    })
}

/// The power that comes with the energy, in milliwatts: finer than [`power`].
pub fn energy_power() -> SmartCall<Power> {
    Call::new(ask("get_energy_usage"), |result| {
        let power_mw = read_usage(result)?.current_power.ok_or(Malformed::new("no power"))?;
        Ok(Power { power_mw, ..Power::default() })
    })
}

#[derive(Deserialize)]
struct RuleOnWire {
    id: String,
    #[serde(default)]
    enable: bool,
    #[serde(default)]
    week_day: Option<u64>,
    #[serde(default)]
    s_min: Option<u64>,
    #[serde(default)]
    s_type: Option<String>,
    #[serde(default)]
    mode: Option<String>,
    #[serde(default)]
    desired_states: Option<Value>,
}

impl RuleOnWire {
    fn rule(&self) -> Option<Rule> {
        let by_clock = self.s_type.as_deref() == Some("normal");
        let repeats = self.mode.as_deref() == Some("repeat");
        let on = self.desired_states.as_ref()?.get("on")?.as_bool()?;
        (by_clock && repeats).then_some(Rule {
            days: Weekdays::from_mask(self.week_day?)?,
            at: TimeOfDay::from_minutes(self.s_min?)?,
            switch: on.into(),
        })
    }
}

/// The schedules from the `start`th on; the plug sends them page by page.
pub fn schedules(start: u16) -> SmartCall<(Vec<Schedule>, usize)> {
    let params = Some(json!({"start_index": start}));
    Call::new(Request { method: "get_schedule_rules", params }, |result| {
        let rules: Vec<RuleOnWire> = call::read_at(result, &["rule_list"])?;
        let total = result.get("sum").and_then(Value::as_u64).unwrap_or(rules.len() as u64);
        if rules.len() > SCHEDULES_MAX || total > SCHEDULES_MAX as u64 {
            return Err(Malformed::new("more schedules than a plug keeps"));
        }
        let page = rules.iter().map(|rule| Schedule {
            id: rule.id.clone(),
            enabled: rule.enable,
            rule: rule.rule(),
        });
        Ok((page.collect(), total as usize))
    })
}

/// Adds a schedule; the answer is the plug's name for it.
pub fn add_schedule(rule: Rule) -> SmartCall<String> {
    let params = json!({
        "enable": true, "mode": "repeat", "week_day": rule.days.mask(),
        "s_type": "normal", "s_min": rule.at.minutes(), "e_type": "normal", "e_min": 0,
        "e_action": "none", "time_offset": 0,
        "desired_states": {"on": rule.switch.is_on()},
        "year": 0, "month": 0, "day": 0,
    });
    let request = Request { method: "add_schedule_rule", params: Some(params) };
    Call::new(request, |result| call::read_at(result, &["id"]))
}

/// Removes a schedule.
pub fn remove_schedule(id: &str) -> Result<SmartCall<()>, OutOfRange> {
    let params = json!({"remove_all": false, "rule_list": [{"id": checked_id(id)?}]});
    Ok(order("remove_schedule_rules", params))
}
