//! The command language of Kasa plugs: `{"module": {"method": {...}}}`.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{Energy, PlugFacts, Power, Rule, Schedule, TimeOfDay, Weekdays, schedule::checked_id};
use crate::{
    AnswerError, Call, Code, Malformed, OutOfRange, Switch,
    call::{self, Envelope, code_of},
};

/// A year of days.
const ROWS_MAX: usize = 366;
/// A plug keeps 31 schedules.
const SCHEDULES_MAX: usize = 64;

/// A call to a Kasa plug.
pub type IotCall<T> = Call<Request, T>;

/// One request.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    module: &'static str,
    method: &'static str,
    params: Value,
    // A socket of a strip.
    child: Option<String>,
}

impl Request {
    /// The JSON that is sent.
    pub fn to_json(&self) -> Value {
        let mut request = json!({self.module: {self.method: self.params}});
        if let Some(child) = &self.child {
            request["context"] = json!({"child_ids": [child]});
        }
        request
    }
}

impl Envelope for Request {
    fn method(&self) -> &str {
        self.method
    }

    fn result<'a>(&self, answer: &'a Value) -> Result<&'a Value, AnswerError> {
        let refused = |code| AnswerError::Refused { method: self.method.to_owned(), code };
        let module = call::at(answer, &[self.module])?;
        // An unknown module answers in the place of the method.
        let found = module.get(self.method).unwrap_or(module);
        if found.get("err_code").is_none() {
            return Err(Malformed::new("no error code").into());
        }
        match code_of(found, "err_code")? {
            Code::SUCCESS if module.get(self.method).is_some() => Ok(found),
            Code::SUCCESS => Err(Malformed::new("no answer to the request").into()),
            // "Module not support" and "member not support".
            Code(-1 | -2) => Err(refused(Code::UNSUPPORTED_METHOD)),
            code => Err(refused(code)),
        }
    }
}

fn ask(module: &'static str, method: &'static str, params: Value) -> Request {
    Request { module, method, params, child: None }
}

impl<T> IotCall<T> {
    /// The same for one socket of a strip, by the identity that the strip reports.
    pub fn for_socket(self, id: &str) -> Result<Self, OutOfRange> {
        let child = Some(checked_id(id)?.to_owned());
        Ok(self.rewrap(|request| Request { child, ..request }))
    }
}

#[derive(Deserialize)]
struct Sysinfo {
    model: String,
    #[serde(default)]
    alias: Option<String>,
    #[serde(default)]
    sw_ver: String,
    #[serde(default)]
    hw_ver: String,
    #[serde(default)]
    mac: Option<String>,
    #[serde(default)]
    on_time: Option<u64>,
    #[serde(default)]
    rssi: Option<i32>,
    #[serde(default)]
    relay_state: Option<Switch>,
    #[serde(default)]
    children: Vec<Value>,
    #[serde(default)]
    feature: String,
}

/// What it is, and whether it is on; a strip is on if any of its sockets is.
pub fn facts() -> IotCall<PlugFacts> {
    Call::new(ask("system", "get_sysinfo", json!({})), |result| {
        let info: Sysinfo = call::read(result)?;
        let any_child = info.children.iter().any(|child| child["state"] == 1);
        let on = info.relay_state.map(Switch::is_on);
        if on.is_none() && info.children.is_empty() {
            return Err(Malformed::new("no state of a socket"));
        }
        Ok(PlugFacts {
            on: on.unwrap_or(any_child),
            model: info.model,
            alias: info.alias,
            firmware: info.sw_ver,
            hardware: info.hw_ver,
            mac: info.mac,
            on_seconds: info.on_time,
            signal_dbm: info.rssi,
            overheated: None,
            measures: info.feature.split(':').any(|feature| feature == "ENE"),
        })
    })
}

/// Switches.
pub fn switch(switch: Switch) -> IotCall<()> {
    let state = u8::from(switch.is_on());
    Call::acknowledged(ask("system", "set_relay_state", json!({"state": state})))
}

/// Lets the status light show or not.
pub fn set_led(led: Switch) -> IotCall<()> {
    let off = u8::from(!led.is_on());
    Call::acknowledged(ask("system", "set_led_off", json!({"off": off})))
}

/// Starts it anew in a second.
pub fn reboot() -> IotCall<()> {
    Call::acknowledged(ask("system", "reboot", json!({"delay": 1})))
}

/// A quantity in thousandths on new hardware, in units on old.
fn milli(result: &Value, thousandths: &str, units: &str) -> Option<u64> {
    let whole = result.get(thousandths).and_then(Value::as_u64);
    whole.or_else(|| {
        let units = result.get(units)?.as_f64().filter(|units| (0.0..1e9).contains(units))?;
        Some((units * 1000.0).round() as u64)
    })
}

/// Watts, volts and amperes now.
pub fn power() -> IotCall<Power> {
    Call::new(ask("emeter", "get_realtime", json!({})), |result| {
        Ok(Power {
            power_mw: milli(result, "power_mw", "power").ok_or(Malformed::new("no power"))?,
            voltage_mv: milli(result, "voltage_mv", "voltage"),
            current_ma: milli(result, "current_ma", "current"),
        })
    })
}

#[derive(Clone, Copy)]
enum Table {
    Days,
    Months,
}

fn rows(result: &Value, table: Table) -> Result<Vec<(u64, u64)>, Malformed> {
    let (list, key) = match table {
        Table::Days => ("day_list", "day"),
        Table::Months => ("month_list", "month"),
    };
    let rows: Vec<Value> = call::read_at(result, &[list])?;
    if rows.len() > ROWS_MAX {
        return Err(Malformed::new("more rows than a year has days"));
    }
    let mut read = rows
        .iter()
        .map(|row| {
            let number = row.get(key).and_then(Value::as_u64);
            number
                .zip(milli(row, "energy_wh", "energy"))
                .ok_or(Malformed::new("a row without energy"))
        })
        .collect::<Result<Vec<_>, _>>()?;
    read.sort_unstable();
    Ok(read)
}

fn checked(year: u16, month: u8) -> Result<(), OutOfRange> {
    if (2000..=2099).contains(&year) && (1..=12).contains(&month) {
        return Ok(());
    }
    Err(OutOfRange::new("a month", "January to December of 2000 to 2099"))
}

/// Watt-hours of each day of a month; the last row is taken for today's.
pub fn energy_of_month(year: u16, month: u8) -> Result<IotCall<Energy>, OutOfRange> {
    checked(year, month)?;
    let params = json!({"year": year, "month": month});
    Ok(Call::new(ask("emeter", "get_daystat", params), |result| {
        let by_day_wh: Vec<u64> =
            rows(result, Table::Days)?.into_iter().map(|(_, energy)| energy).collect();
        let month_wh = by_day_wh.iter().try_fold(0_u64, |sum, day| sum.checked_add(*day));
        Ok(Energy { today_wh: by_day_wh.last().copied(), month_wh, by_day_wh, ..Energy::default() })
    }))
}

/// Watt-hours of each month of a year.
pub fn energy_of_year(year: u16) -> Result<IotCall<Energy>, OutOfRange> {
    checked(year, 1)?;
    Ok(Call::new(ask("emeter", "get_monthstat", json!({"year": year})), |result| {
        let by_month_wh =
            rows(result, Table::Months)?.into_iter().map(|(_, energy)| energy).collect();
        Ok(Energy { by_month_wh, ..Energy::default() })
    }))
}

/// All schedules.
pub fn schedules() -> IotCall<Vec<Schedule>> {
    Call::new(ask("schedule", "get_rules", json!({})), |result| {
        let rules: Vec<Value> = call::read_at(result, &["rule_list"])?;
        if rules.len() > SCHEDULES_MAX {
            return Err(Malformed::new("more schedules than a plug keeps"));
        }
        rules.iter().map(schedule).collect()
    })
}

fn schedule(rule: &Value) -> Result<Schedule, Malformed> {
    let number = |key: &str| rule.get(key).and_then(Value::as_u64);
    let days = rule.get("wday").and_then(Value::as_array).and_then(|days| {
        let days: Vec<bool> = days.iter().map(|day| day == 1).collect();
        Weekdays::new(days.try_into().ok()?).ok()
    });
    let by_clock = number("stime_opt") == Some(0) && number("repeat") == Some(1);
    let at = number("smin").and_then(TimeOfDay::from_minutes);
    let switch =
        number("sact").filter(|action| *action < 2).map(|action| Switch::from(action == 1));
    let understood = days.zip(at).zip(switch).filter(|_| by_clock);
    Ok(Schedule {
        id: call::read_at(rule, &["id"])?,
        enabled: number("enable") == Some(1),
        rule: understood.map(|((days, at), switch)| Rule { days, at, switch }),
    })
}

/// Adds a schedule; the answer is the plug's name for it.
pub fn add_schedule(rule: Rule) -> IotCall<String> {
    let params = json!({
        "name": "hearthwatch", "enable": 1, "repeat": 1,
        "wday": rule.days.days().map(u8::from),
        "stime_opt": 0, "smin": rule.at.minutes(), "sact": u8::from(rule.switch.is_on()),
        "etime_opt": -1, "emin": 0, "eact": -1, "year": 0, "month": 0, "day": 0,
    });
    Call::new(ask("schedule", "add_rule", params), |result| call::read_at(result, &["id"]))
}

/// Removes a schedule.
pub fn remove_schedule(id: &str) -> Result<IotCall<()>, OutOfRange> {
    let params = json!({"id": checked_id(id)?});
    Ok(Call::acknowledged(ask("schedule", "delete_rule", params)))
}
