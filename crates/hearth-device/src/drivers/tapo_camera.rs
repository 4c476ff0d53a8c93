//! The control side of a Tapo camera.

use std::{net::IpAddr, sync::Arc};

use hearth_tapo::{
    Call, Envelope, Failure, Login, Percent, Security, Switch, Weakness as Weak,
    camera::{
        Request, about, alarm, audio,
        detection::{self, Detector},
        image::{self, NightVision},
        led,
        motor::{self, Turn},
        preset::{self, Preset},
        privacy, tracking,
    },
    client::{CameraClient, CameraSpec, MediaClient, MediaSpec},
    media::MediaRequest,
    transport::{Account, secure::PasswordHash},
};
use serde_json::Value;

use crate::{
    Control, ControlValue, DeviceError, Driver, Look, Loudspeaker, MemoryCell, Protection, Reading,
    Setup, TransportKind, Unit, Weakness, capability::number, driver::Asking,
};

/// Where cameras listen.
const PORT: u16 = 443;
/// Where they listen for whoever speaks, unless they say otherwise.
const MEDIA_PORT: u16 = 8_800;

/// Words for when the camera sees by infrared.
const NIGHT_MODES: [&str; 3] = ["auto", "on", "off"];

struct TapoCamera {
    client: CameraClient,
    memory: MemoryCell,
    presets: Vec<Preset>,
    /// How its own stream is opened, which asks for the password once more.
    media: MediaSpec,
    /// It did not accept that password there. Who enters the account again is given a new driver
    /// (promise N-06).
    media_refused: bool,
}

/// A driver for the camera at `ip`.
pub(crate) fn connect(setup: &Setup, ip: IpAddr) -> Result<Box<dyn Driver>, DeviceError> {
    let account = setup.account.clone().ok_or(DeviceError::WrongPassword)?;
    let media = MediaSpec {
        device: setup.name.clone(),
        host: ip.to_string(),
        port: MEDIA_PORT,
        password: account.password.clone(),
        hash: None,
    };
    let mut spec =
        CameraSpec::new(ip.to_string(), Account::new(account.username, account.password));
    spec.device.clone_from(&setup.name);
    spec.port = setup.address.port().unwrap_or(PORT);
    let memory = setup.memory.clone();
    let client = CameraClient::new(spec, Arc::new(memory.clone()));
    let presets = Vec::new();
    Ok(Box::new(TapoCamera { client, memory, presets, media, media_refused: false }))
}

/// A part of a batch: absent if the camera does not know it, `Some(None)` if it does and did not
/// say.
fn part<T>(call: &Call<Request, T>, answer: &Value) -> Option<Option<T>> {
    match call.read(answer) {
        Ok(part) => Some(Some(part)),
        Err(error) if error.is_unsupported() => None,
        Err(error) => {
            tracing::debug!(part = call.request().method(), %error, "a part was not told");
            Some(None)
        }
    }
}

impl TapoCamera {
    async fn look(&mut self) -> Result<Look, DeviceError> {
        let facts = self.client.call(&about::facts()).await?;
        let mut controls = Vec::new();
        self.look_at_picture(&mut controls).await?;
        let signal = self.look_at_sound(&mut controls).await?;
        controls.push(Control::action("reboot").sensitive());
        let readings = signal.map(|dbm| Reading::new("signal", Unit::Dbm, dbm));
        Ok(Look {
            model: Some(facts.model),
            firmware: Some(facts.firmware),
            name: facts.alias,
            controls,
            readings: readings.into_iter().collect(),
            protection: self.protection(),
        })
    }

    /// Lens, light, picture and what the camera looks for.
    async fn look_at_picture(&mut self, controls: &mut Vec<Control>) -> Result<(), DeviceError> {
        let (privacy, led, night) = (privacy::status(), led::status(), image::night_vision());
        let motion = detection::status(Detector::Motion);
        let person = detection::status(Detector::Person);
        let requests =
            [privacy.request(), led.request(), night.request(), motion.request(), person.request()];
        let answer = self.client.batch(&requests).await?;
        if let Some(privacy) = part(&privacy, &answer) {
            controls.push(toggle("privacy", privacy.map(|now| now.enabled)));
        }
        if let Some(led) = part(&led, &answer) {
            controls.push(toggle("led", led.map(|now| now.enabled)));
        }
        if let Some(night) = part(&night, &answer) {
            let word = night.map(|now| night_word(now).to_owned());
            let options = NIGHT_MODES.map(str::to_owned).to_vec();
            controls.push(Control::choice("night_mode", options, word));
        }
        for (key, call) in [("motion_detection", &motion), ("person_detection", &person)] {
            if let Some(detector) = part(call, &answer) {
                controls.push(toggle(key, detector.map(|now| now.enabled)));
            }
        }
        Ok(())
    }

    /// Sound, tracking, motor and the strength of the signal.
    async fn look_at_sound(
        &mut self,
        controls: &mut Vec<Control>,
    ) -> Result<Option<f64>, DeviceError> {
        let (tracking, audio) = (tracking::status(), audio::status());
        let (presets, connection, alarm) = (preset::list(), about::connection(), alarm::status());
        let requests = [
            tracking.request(),
            audio.request(),
            presets.request(),
            connection.request(),
            alarm.request(),
        ];
        let answer = self.client.batch(&requests).await?;
        if let Some(tracking) = part(&tracking, &answer) {
            controls.push(toggle("tracking", tracking.map(|now| now.enabled)));
        }
        if let Some(Some(audio)) = part(&audio, &answer)
            && let Some(speaker) = audio.speaker
        {
            let volume = f64::from(speaker.volume.get());
            controls.push(Control::percent("speaker_volume", Some(volume)));
        }
        // What goes off by itself can be made to. Whether it does now, no camera says.
        if part(&alarm, &answer).is_some() {
            controls.push(Control::toggle("siren", None).sensitive());
        }
        // A camera without a motor knows no positions.
        if let Some(presets) = part(&presets, &answer) {
            self.presets = presets.unwrap_or_default();
            controls.push(Control::action("move"));
            controls.push(Control::action("calibrate").sensitive());
            if !self.presets.is_empty() {
                let names = self.presets.iter().map(|preset| preset.name.clone()).collect();
                controls.push(Control::choice("preset", names, None));
            }
        }
        let connection = part(&connection, &answer).flatten();
        Ok(connection.and_then(|now| now.signal_dbm).map(f64::from))
    }

    fn protection(&self) -> Protection {
        let fingerprint = self.memory.get().certificate;
        let Some(Security { login, weaknesses, .. }) = self.client.security() else {
            let transport = TransportKind::TlsPinned;
            return Protection { transport, is_insecure: false, weakness: None, fingerprint };
        };
        let transport =
            if login == Login::Tpap { TransportKind::Tpap } else { TransportKind::TlsPinned };
        Protection {
            transport,
            // The password's hash can be taken from an old login and used again.
            is_insecure: login == Login::Md5Token,
            weakness: weakest(&weaknesses),
            fingerprint,
        }
    }

    async fn set(&mut self, key: &str, value: &ControlValue) -> Result<(), DeviceError> {
        let switch = || value.switch().map(Switch::from).ok_or(DeviceError::NoSuchControl);
        let call = match key {
            "privacy" => privacy::set(switch()?),
            "led" => led::set(switch()?),
            "tracking" => tracking::set(switch()?),
            "siren" => alarm::sound(switch()?),
            "motion_detection" => detection::configure(Detector::Motion, switch()?, None)?,
            "person_detection" => detection::configure(Detector::Person, switch()?, None)?,
            "night_mode" => image::set_night_vision(night_of(value)?),
            "speaker_volume" => audio::set_speaker(percent(value)?),
            "preset" => {
                let named = self.presets.iter().find(|preset| Some(&*preset.name) == value.word());
                preset::recall(&named.ok_or(DeviceError::NoSuchControl)?.id)
            }
            _ => return Err(DeviceError::NoSuchControl),
        };
        Ok(self.client.call(&call).await?)
    }

    async fn act(&mut self, key: &str, arguments: &Value) -> Result<(), DeviceError> {
        let call = match key {
            "reboot" => about::reboot(),
            "calibrate" => motor::calibrate(),
            "move" => {
                let degrees = |name: &'static str, most: f64| {
                    // The range is within that of the type.
                    number(arguments, name, -most..=most).map(|by| by.unwrap_or(0.0) as i16)
                };
                motor::turn(Turn::degrees(degrees("pan", 360.0)?, degrees("tilt", 180.0)?)?)
            }
            _ => return Err(DeviceError::NoSuchControl),
        };
        Ok(self.client.call(&call).await?)
    }

    /// The port is asked for over the pinned connection, right before a proof of the password goes to
    /// the same address in the clear: whoever took the camera's place there fails first.
    async fn open_loudspeaker(&mut self) -> Result<Loudspeaker, DeviceError> {
        if self.media_refused {
            return Err(DeviceError::WrongPassword);
        }
        let mut spec = self.media.clone();
        match self.client.call(&about::media_port()).await {
            Ok(port) => spec.port = port,
            Err(error) if matches!(error.failure, Failure::Unsupported { .. }) => {}
            Err(error) => return Err(error.into()),
        }
        let login = self.client.security().map(|security| security.login);
        // Nobody in between talks us into the weaker one.
        spec.hash = (login == Some(Login::SecureSha256)).then_some(PasswordHash::Sha256);
        let opened = MediaClient::open(spec, MediaRequest::Talk).await.map_err(DeviceError::from);
        self.media_refused = matches!(opened, Err(DeviceError::WrongPassword));
        opened.map(Loudspeaker)
    }
}

impl Driver for TapoCamera {
    fn look(&mut self) -> Asking<'_, Look> {
        Box::pin(self.look())
    }

    fn set<'a>(&'a mut self, key: &'a str, value: &'a ControlValue) -> Asking<'a, ()> {
        Box::pin(self.set(key, value))
    }

    fn act<'a>(&'a mut self, key: &'a str, arguments: &'a Value) -> Asking<'a, ()> {
        Box::pin(self.act(key, arguments))
    }

    fn open_loudspeaker(&mut self) -> Asking<'_, Loudspeaker> {
        Box::pin(self.open_loudspeaker())
    }

    fn close(&mut self) -> Asking<'_, ()> {
        Box::pin(async {
            self.client.close().await;
            Ok(())
        })
    }
}

fn toggle(key: &'static str, now: Option<Switch>) -> Control {
    Control::toggle(key, now.map(Switch::is_on))
}

fn night_word(mode: NightVision) -> &'static str {
    match mode {
        NightVision::Auto => "auto",
        NightVision::Night => "on",
        NightVision::Day => "off",
    }
}

fn night_of(value: &ControlValue) -> Result<NightVision, DeviceError> {
    match value.word() {
        Some("auto") => Ok(NightVision::Auto),
        Some("on") => Ok(NightVision::Night),
        Some("off") => Ok(NightVision::Day),
        _ => Err(DeviceError::NoSuchControl),
    }
}

fn percent(value: &ControlValue) -> Result<Percent, DeviceError> {
    let number = value.number().filter(|number| (0.0..=100.0).contains(number));
    // Within the range of the type.
    Ok(Percent::new(number.ok_or(DeviceError::NoSuchControl)?.round() as u8)?)
}

/// The worst of what is weak about a Tapo or Kasa device.
pub(super) fn weakest(weaknesses: &[Weak]) -> Option<Weakness> {
    let order = [
        (Weak::NoLogin, Weakness::Xor),
        (Weak::FactoryPassword, Weakness::DefaultPassword),
        (Weak::Md5Login, Weakness::LegacyMd5),
        (Weak::ShortRsaKey, Weakness::WeakEncryption),
        (Weak::UnsignedAnswers, Weakness::WeakEncryption),
        (Weak::NoForwardSecrecy, Weakness::WeakEncryption),
        (Weak::NoTls, Weakness::PlainHttp),
    ];
    order.iter().find(|(weak, _)| weaknesses.contains(weak)).map(|(_, shown)| *shown)
}
