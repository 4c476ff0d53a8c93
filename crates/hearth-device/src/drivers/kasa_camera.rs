//! A Kasa camera.

use std::net::IpAddr;

use hearth_http::Fingerprint;
use hearth_kasa::{
    Camera, CameraAddress, Credentials, Direction, GoToPreset, LINKIE_PORT, Move, NightVision,
    Preset, PresetIndex, ReadInfo, ReadNightVision, ReadPresets, ReadSwitch, SetNightVision,
    SetSwitch, Speed, Stop, Switch, Weakness as Weak,
};
use serde_json::Value;

use crate::{
    Account, Control, ControlValue, DeviceError, Driver, Look, MemoryCell, Protection, Reading,
    Setup, TransportKind, Unit, Weakness, driver::Asking,
};

/// Words for when the camera sees by infrared, and what it calls them.
const NIGHT_MODES: [(&str, NightVision); 3] =
    [("auto", NightVision::Auto), ("on", NightVision::Night), ("off", NightVision::Day)];
/// A camera keeps five.
const PRESETS_MAX: usize = 16;

struct KasaCamera {
    address: CameraAddress,
    account: Option<Account>,
    memory: MemoryCell,
    camera: Option<Camera>,
    presets: Vec<Preset>,
}

/// A driver for the camera at `ip`.
pub(crate) fn connect(setup: &Setup, ip: IpAddr) -> Result<Box<dyn Driver>, DeviceError> {
    let address = CameraAddress::new(&ip.to_string(), setup.address.port().unwrap_or(LINKIE_PORT))?;
    Ok(Box::new(KasaCamera {
        address,
        account: setup.account.clone(),
        memory: setup.memory.clone(),
        camera: None,
        presets: Vec::new(),
    }))
}

impl KasaCamera {
    /// The camera with its pin. The first certificate is pinned before any password is sent.
    async fn camera(&mut self) -> Result<&Camera, DeviceError> {
        if self.camera.is_none() {
            let pin: Option<Fingerprint> = self.memory.get().certificate;
            let address = self.address.clone();
            let camera = match &self.account {
                Some(Account { username, password }) => {
                    let credentials = Credentials::new(username, password.clone());
                    Camera::connect(address, credentials, pin).await?
                }
                None => Camera::connect_public(address, pin).await?,
            };
            self.camera = Some(camera);
        }
        self.camera.as_ref().ok_or(DeviceError::Malformed)
    }

    async fn look(&mut self) -> Result<Look, DeviceError> {
        let memory = self.memory.clone();
        let camera = self.camera().await?;
        let info = camera.send(&ReadInfo).await?;
        // Only a camera that understood something is worth pinning.
        memory.update(|memory| memory.certificate = Some(camera.certificate()));
        let night = unless_unsupported(camera.send(&ReadNightVision).await)?;
        let motion = unless_unsupported(camera.send(&ReadSwitch(Switch::DetectMotion)).await)?;
        let presets = unless_unsupported(camera.send(&ReadPresets).await)?;
        let mut controls = vec![
            Control::toggle("privacy", info.is_on.map(|on| !on)),
            Control::toggle("led", info.is_led_on),
        ];
        if let Some(night) = night {
            let word = NIGHT_MODES.iter().find(|row| row.1 == night).map(|row| row.0.to_owned());
            let options = NIGHT_MODES.map(|row| row.0.to_owned()).to_vec();
            controls.push(Control::choice("night_mode", options, word));
        }
        controls.extend(motion.map(|on| Control::toggle("motion_detection", Some(on))));
        let protection = protection(camera);
        if let Some(presets) = presets {
            self.presets = presets.0;
            self.presets.truncate(PRESETS_MAX);
            controls.push(Control::action("move"));
            controls.push(Control::action("stop"));
            let names: Vec<String> =
                self.presets.iter().filter_map(|row| row.name.clone()).collect();
            if !names.is_empty() {
                controls.push(Control::choice("preset", names, None));
            }
        }
        let signal = info.rssi_dbm.map(|dbm| Reading::new("signal", Unit::Dbm, dbm as f64));
        Ok(Look {
            model: Some(info.model),
            firmware: info.firmware,
            name: Some(info.alias),
            controls,
            readings: signal.into_iter().collect(),
            protection,
        })
    }

    async fn set(&mut self, key: &str, value: &ControlValue) -> Result<(), DeviceError> {
        let switch = || value.switch().ok_or(DeviceError::NoSuchControl);
        let preset = self.presets.iter().find(|row| row.name.as_deref() == value.word());
        let preset = preset.and_then(|row| row.index);
        let camera = self.camera().await?;
        match key {
            "privacy" => camera.send(&SetSwitch { switch: Switch::Power, on: !switch()? }).await?,
            "led" => camera.send(&SetSwitch { switch: Switch::StatusLed, on: switch()? }).await?,
            "motion_detection" => {
                camera.send(&SetSwitch { switch: Switch::DetectMotion, on: switch()? }).await?
            }
            "night_mode" => {
                let row = NIGHT_MODES.iter().find(|row| Some(row.0) == value.word());
                let mode = row.ok_or(DeviceError::NoSuchControl)?.1;
                camera.send(&SetNightVision(mode)).await?
            }
            "preset" => {
                let index = PresetIndex::new(preset.ok_or(DeviceError::NoSuchControl)?)?;
                camera.send(&GoToPreset(index)).await?
            }
            _ => return Err(DeviceError::NoSuchControl),
        }
        Ok(())
    }

    async fn act(&mut self, key: &str, arguments: &Value) -> Result<(), DeviceError> {
        let camera = self.camera().await?;
        match key {
            "move" => {
                let word = arguments.get("direction").and_then(Value::as_str).unwrap_or_default();
                let direction = Direction::from_word(word).ok_or_else(|| {
                    DeviceError::OutOfRange("direction is left, right, up or down".to_owned())
                })?;
                let speed = arguments.get("speed").and_then(Value::as_u64).unwrap_or(5);
                camera.send(&Move { direction, speed: Speed::new(speed)? }).await?
            }
            "stop" => camera.send(&Stop).await?,
            _ => return Err(DeviceError::NoSuchControl),
        }
        Ok(())
    }
}

/// `None` for what this model does not know.
fn unless_unsupported<T>(answer: Result<T, hearth_kasa::Error>) -> Result<Option<T>, DeviceError> {
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(hearth_kasa::Error::Unsupported { .. } | hearth_kasa::Error::Refused { .. }) => {
            Ok(None)
        }
        Err(error) => Err(error.into()),
    }
}

fn protection(camera: &Camera) -> Protection {
    let is_public = camera.linkie().weaknesses().contains(&Weak::PublicPassword);
    let weakness = if is_public { Weakness::DefaultPassword } else { Weakness::ReusablePassword };
    Protection {
        transport: TransportKind::Linkie,
        is_insecure: is_public,
        weakness: Some(weakness),
        fingerprint: Some(camera.certificate()),
    }
}

impl Driver for KasaCamera {
    fn look(&mut self) -> Asking<'_, Look> {
        Box::pin(self.look())
    }

    fn set<'a>(&'a mut self, key: &'a str, value: &'a ControlValue) -> Asking<'a, ()> {
        Box::pin(self.set(key, value))
    }

    fn act<'a>(&'a mut self, key: &'a str, arguments: &'a Value) -> Asking<'a, ()> {
        Box::pin(self.act(key, arguments))
    }

    fn close(&mut self) -> Asking<'_, ()> {
        // Each request has a connection of its own, and there are no sessions.
        Box::pin(std::future::ready(Ok(())))
    }
}
