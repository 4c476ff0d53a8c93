//! A Kasa plug: XOR over TCP, and the answer to its broadcast over UDP on the same port.

use std::{
    net::Ipv4Addr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream, UdpSocket},
    task::JoinSet,
};

use super::{TapoFault, TapoSimError, fault::Conditions};

/// The largest request.
const REQUEST_BYTES_MAX: usize = 64 * 1024;
/// Attempts to find a port that is free for TCP and UDP alike.
const BIND_ATTEMPTS: usize = 16;

/// A running plug, an HS110. Dropping it stops it.
#[derive(Debug)]
pub struct KasaPlug {
    shared: Arc<Mutex<Shared>>,
    port: u16,
    _tasks: JoinSet<()>,
}

#[derive(Debug)]
struct Shared {
    state: KasaState,
    conditions: Conditions,
}

impl KasaPlug {
    /// Starts a plug on a port of 127.0.0.1 that the system chooses, TCP and UDP.
    pub async fn start() -> Result<Self, TapoSimError> {
        let (listener, socket) = bind().await?;
        let port = listener.local_addr()?.port();
        let shared = Shared { state: KasaState::new(), conditions: Conditions::default() };
        let shared = Arc::new(Mutex::new(shared));
        let mut tasks = JoinSet::new();
        tasks.spawn(accept(listener, Arc::clone(&shared)));
        tasks.spawn(announce(socket, Arc::clone(&shared)));
        Ok(Self { shared, port, _tasks: tasks })
    }

    /// Where it listens.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Lets something go wrong: [`TapoFault::Malformed`], [`TapoFault::Slow`], [`TapoFault::Refuse`].
    pub fn strike(&self, fault: TapoFault) {
        let mut shared = self.shared.lock().unwrap_or_else(PoisonError::into_inner);
        shared.conditions = shared.conditions.after(fault);
    }

    /// Whether the socket has power.
    pub fn is_on(&self) -> bool {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner).state.is_on()
    }
}

async fn bind() -> std::io::Result<(TcpListener, UdpSocket)> {
    let mut last = None;
    for _ in 0..BIND_ATTEMPTS {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        match UdpSocket::bind(listener.local_addr()?).await {
            Ok(socket) => return Ok((listener, socket)),
            Err(error) => last = Some(error),
        }
    }
    Err(last.unwrap_or_else(|| std::io::ErrorKind::AddrInUse.into()))
}

async fn accept(listener: TcpListener, shared: Arc<Mutex<Shared>>) {
    let mut clients = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                if let Ok((wire, _)) = accepted {
                    clients.spawn(serve(wire, Arc::clone(&shared)));
                }
            }
            _ = clients.join_next(), if !clients.is_empty() => {}
        }
    }
}

async fn serve(mut wire: TcpStream, shared: Arc<Mutex<Shared>>) {
    while let Ok(length) = wire.read_u32().await {
        let Some(length) =
            usize::try_from(length).ok().filter(|length| *length <= REQUEST_BYTES_MAX)
        else {
            return;
        };
        let mut request = vec![0; length];
        if wire.read_exact(&mut request).await.is_err() {
            return;
        }
        let (answer, delay) = respond(&shared, &request);
        tokio::time::sleep(delay).await;
        let mut frame = (answer.len() as u32).to_be_bytes().to_vec();
        frame.extend(answer);
        if wire.write_all(&frame).await.is_err() {
            return;
        }
    }
}

async fn announce(socket: UdpSocket, shared: Arc<Mutex<Shared>>) {
    let mut buffer = vec![0; 2_048];
    loop {
        let Ok((length, from)) = socket.recv_from(&mut buffer).await else { continue };
        let (answer, _) = respond(&shared, &buffer[..length]);
        if let Err(error) = socket.send_to(&answer, from).await {
            tracing::debug!(%error, "a client went away");
        }
    }
}

fn respond(shared: &Mutex<Shared>, sealed: &[u8]) -> (Vec<u8>, Duration) {
    let mut shared = shared.lock().unwrap_or_else(PoisonError::into_inner);
    let request: Value = serde_json::from_slice(&unscrambled(sealed)).unwrap_or_default();
    let answer = match shared.conditions.refuse {
        Some(code) => refused(&request, code),
        None => shared.state.answer(&request),
    };
    let text =
        if shared.conditions.malformed { "{\"system\":".to_owned() } else { answer.to_string() };
    let delay = Duration::try_from_secs_f64(shared.conditions.slow_seconds).unwrap_or_default();
    (scrambled(text.as_bytes()), delay)
}

fn scrambled(plain: &[u8]) -> Vec<u8> {
    let mut sealed = Vec::with_capacity(plain.len());
    for byte in plain {
        sealed.push(byte ^ sealed.last().unwrap_or(&0xAB));
    }
    sealed
}

fn unscrambled(sealed: &[u8]) -> Vec<u8> {
    (0..sealed.len())
        .map(|index| sealed[index] ^ if index == 0 { 0xAB } else { sealed[index - 1] })
        .collect()
}

fn refused(request: &Value, code: i32) -> Value {
    let mut answer = json!({});
    for (module, methods) in request.as_object().into_iter().flatten() {
        for method in methods.as_object().into_iter().flatten().map(|(method, _)| method) {
            answer[module][method] = json!({"err_code": code});
        }
    }
    answer
}

/// The socket, its meter and its schedules, in the language of Kasa plugs.
#[derive(Debug)]
pub(super) struct KasaState {
    on: bool,
    led_off: u64,
    alias: String,
    schedules: Vec<Value>,
    next: u32,
}

impl KasaState {
    pub(super) fn new() -> Self {
        let alias = "Simulated lamp".to_owned();
        Self { on: false, led_off: 0, alias, schedules: Vec::new(), next: 1 }
    }

    pub(super) fn is_on(&self) -> bool {
        self.on
    }

    /// Answers all modules and methods of a request.
    pub(super) fn answer(&mut self, request: &Value) -> Value {
        let mut answer = json!({});
        for (module, methods) in request.as_object().into_iter().flatten() {
            if module == "context" {
                continue;
            }
            if !["system", "emeter", "schedule", "time", "cnCloud"].contains(&module.as_str()) {
                answer[module] = json!({"err_code": -1, "err_msg": "module not support"});
                continue;
            }
            for (method, params) in methods.as_object().into_iter().flatten() {
                let result = self.carry_out(module, method, params);
                answer[module][method] =
                    result.unwrap_or_else(|code| json!({"err_code": code, "err_msg": "refused"}));
            }
        }
        answer
    }

    fn carry_out(&mut self, module: &str, method: &str, params: &Value) -> Result<Value, i32> {
        let mut result = match (module, method) {
            ("system", "get_sysinfo") => self.sysinfo(),
            ("system", "set_relay_state") => {
                self.on = bit(&params["state"])? == 1;
                json!({})
            }
            ("system", "set_led_off") => {
                self.led_off = bit(&params["off"])?;
                json!({})
            }
            ("system", "set_dev_alias") => {
                self.alias = params["alias"].as_str().ok_or(-3)?.to_owned();
                json!({})
            }
            ("system", "reboot") => json!({}),
            ("emeter", "get_realtime") => json!({
                "current_ma": if self.on { 268 } else { 0 }, "voltage_mv": 230_112,
                "power_mw": if self.on { 61_753 } else { 0 }, "total_wh": 12_345,
            }),
            ("emeter", "get_daystat") => {
                let day = |day: u64, energy: u64| {
                    json!({"year": params["year"], "month": params["month"], "day": day,
                        "energy_wh": energy})
                };
                json!({"day_list": [day(1, 120), day(2, 80), day(3, 40)]})
            }
            ("emeter", "get_monthstat") => {
                let month = |month: u64, energy: u64| json!({"year": params["year"], "month": month, "energy_wh": energy});
                json!({"month_list": [month(1, 3_000), month(2, 240)]})
            }
            ("schedule", "get_rules") => {
                json!({"rule_list": self.schedules, "version": 2, "enable": 1})
            }
            ("schedule", "add_rule") => self.add_rule(params)?,
            ("schedule", "delete_rule") => {
                let before = self.schedules.len();
                self.schedules.retain(|rule| rule["id"] != params["id"]);
                if self.schedules.len() == before {
                    return Err(-14);
                }
                json!({})
            }
            ("time", "get_time") => json!({
                "year": 2026, "month": 11, "mday": 22, "hour": 10, "min": 0, "sec": 0,
            }),
            ("time", "get_timezone") => json!({"index": 39}),
            ("cnCloud", "get_info") => json!({"binded": 0, "cld_connection": 0}),
            ("schedule", "get_next_action") => json!({"type": -1}),
            _ => return Err(-2),
        };
        result["err_code"] = json!(0);
        Ok(result)
    }

    fn sysinfo(&self) -> Value {
        json!({
            "alias": self.alias, "model": "HS110(EU)", "type": "IOT.SMARTPLUGSWITCH",
            "deviceId": "8006000000000000000000000000000000000001", "hwId": "00", "oemId": "00",
            "hw_ver": "4.0", "sw_ver": "1.1.0 Build 201016", "mac": "00:00:5E:00:53:03",
            "dev_name": "Smart Wi-Fi Plug With Energy Monitoring", "relay_state": u8::from(self.on),
            "led_off": self.led_off, "on_time": 0, "rssi": -53, "feature": "TIM:ENE",
            "active_mode": "none", "icon_hash": "", "latitude_i": 0, "longitude_i": 0, "updating": 0,
        })
    }

    fn add_rule(&mut self, params: &Value) -> Result<Value, i32> {
        let days = params["wday"].as_array().filter(|days| days.len() == 7).ok_or(-3)?;
        let all_bits = days.iter().all(|day| bit(day).is_ok());
        let minute = params["smin"].as_u64().filter(|minute| *minute < 1_440);
        if !all_bits || minute.is_none() || bit(&params["sact"]).is_err() {
            return Err(-3);
        }
        let id = format!("{:032X}", self.next);
        self.next += 1;
        let mut rule = params.clone();
        rule["id"] = json!(id);
        self.schedules.push(rule);
        Ok(json!({"id": id}))
    }
}

fn bit(value: &Value) -> Result<u64, i32> {
    value.as_u64().filter(|bit| *bit < 2).ok_or(-3)
}
