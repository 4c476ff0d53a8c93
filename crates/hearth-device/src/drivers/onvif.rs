//! An ONVIF camera: its picture, its movements, what it notices.

mod notices;

use std::{net::IpAddr, sync::Arc, time::Duration};

use hearth_http::{AddressPolicy as HttpPolicy, Client as HttpClient, Trust};
use hearth_model::SourceUrl;
use hearth_onvif::{
    Account as OnvifAccount, Device, DeviceSpec, Service, Token,
    device::{GetDeviceInformation, SystemReboot},
    imaging::{GetImagingSettings, GetOptions, ImagingChange, ImagingOptions, SetImagingSettings},
    media::{GetProfiles, GetProfiles2},
    ptz::{
        GetNodes, GetPresets, GotoHomePosition, GotoPreset, Node, Preset, RelativeMove, Stop,
        Vector,
    },
};
use serde_json::Value;

use crate::{
    Control, ControlKind, ControlValue, DeviceError, Driver, Look, Protection, Setup,
    TransportKind, Unit, Weakness, address, capability::number, driver::Asking,
    drivers::background::Background,
};

/// Where the device service is unless the address says otherwise.
const PATH: &str = "onvif/device_service";
/// Devices need up to 2 s for an RSA handshake; those without TLS may never answer one.
const TLS_PROBE: Duration = Duration::from_secs(3);
const HTTPS_PORT: u16 = 443;
const HTTP_PORT: u16 = 80;
/// More presets than anybody picks from.
const PRESETS_MAX: usize = 64;
/// The infrared cut filter: our word, and what the device calls it.
const NIGHT_MODES: [(&str, &str); 3] = [("auto", "AUTO"), ("on", "OFF"), ("off", "ON")];

struct Onvif {
    setup: Setup,
    ip: IpAddr,
    device: Option<Arc<Device>>,
    /// Begins with the first answer.
    heard: Option<Background>,
    scene: Scene,
}

/// What the controls need to know about the device.
#[derive(Default)]
struct Scene {
    source: Option<Token>,
    options: ImagingOptions,
    profile: Option<Token>,
    node: Option<Node>,
    presets: Vec<Preset>,
}

/// A driver for the camera at `ip`.
pub(crate) fn connect(setup: &Setup, ip: IpAddr) -> Result<Box<dyn Driver>, DeviceError> {
    Ok(Box::new(Onvif {
        setup: setup.clone(),
        ip,
        device: None,
        heard: None,
        scene: Scene::default(),
    }))
}

impl Onvif {
    /// The way to the device, encrypted if it takes that (promise T-07). One that was once encrypted
    /// is never asked in the clear again (promise T-04).
    async fn url(&self) -> String {
        let address = &self.setup.address;
        let path = if address.path().is_empty() { PATH } else { address.path() };
        let url = |https: bool| {
            let (scheme, usual) = if https { ("https", HTTPS_PORT) } else { ("http", HTTP_PORT) };
            let port = address.port().unwrap_or(usual);
            format!("{scheme}://{}:{port}/{path}", address::in_url(self.ip))
        };
        let was_encrypted = self.setup.memory.get().certificate.is_some();
        let https = match (address.is_https(), was_encrypted) {
            (Some(true), _) | (_, true) => true,
            (Some(false), false) => false,
            (None, false) => takes_tls(&url(true)).await,
        };
        url(https)
    }

    fn spec(&self, url: SourceUrl) -> DeviceSpec {
        let memory = self.setup.memory.get();
        let mut spec = DeviceSpec::new(url);
        spec.account = self
            .setup
            .account
            .clone()
            .map(|account| OnvifAccount { username: account.username, password: account.password });
        spec.certificate = memory.certificate;
        spec.at_least = memory.proof.map(Into::into);
        spec.addresses = HttpPolicy::Private;
        spec
    }

    async fn device(&mut self) -> Result<&Arc<Device>, DeviceError> {
        if self.device.is_none() {
            let url: SourceUrl =
                self.url().await.parse().map_err(|_| DeviceError::AddressRefused)?;
            self.device = Some(Arc::new(Device::connect(self.spec(url)).await?));
        }
        self.device.as_ref().ok_or(DeviceError::Malformed)
    }

    async fn look(&mut self) -> Result<Look, DeviceError> {
        let memory = self.setup.memory.clone();
        let device = self.device().await?;
        let about = device.ask(&GetDeviceInformation).await?;
        let (scene, controls) = look_around(device).await?;
        let security = device.security();
        memory.update(|memory| {
            memory.certificate = memory.certificate.or(security.certificate);
            memory.proof = memory.proof.max(security.scheme.map(Into::into));
        });
        let device = Arc::clone(device);
        self.scene = scene;
        let told = self.setup.notices.clone();
        let tells = device.services().url(Service::Events).is_some();
        // One that is only tried is not subscribed to.
        if self.heard.is_none() && tells && told.has_listener() {
            self.heard = Some(Background::start(|stop| notices::hear(device, told, stop)));
        }
        let encrypted = security.encrypted;
        let protection = Protection {
            transport: if encrypted { TransportKind::TlsPinned } else { TransportKind::HttpDigest },
            is_insecure: !encrypted,
            weakness: (!encrypted).then_some(Weakness::PlainHttp),
            fingerprint: security.certificate,
        };
        Ok(Look {
            model: Some(format!("{} {}", about.manufacturer, about.model).trim().to_owned()),
            firmware: Some(about.firmware),
            name: None,
            controls,
            readings: Vec::new(),
            protection,
        })
    }

    async fn set(&mut self, key: &str, value: &ControlValue) -> Result<(), DeviceError> {
        // Within the range of the device's own numbers.
        let number = value.number().map(|number| number as f32);
        let mut change = ImagingChange::default();
        match key {
            "brightness" => change.brightness = number,
            "contrast" => change.contrast = number,
            "saturation" => change.saturation = number,
            "sharpness" => change.sharpness = number,
            "night_mode" => {
                let row = NIGHT_MODES.iter().find(|row| Some(row.0) == value.word());
                change.ir_cut_filter = row.map(|row| row.1.to_owned());
            }
            "preset" => {
                let named = self.scene.presets.iter().find(|one| Some(&*one.name) == value.word());
                let preset = named.ok_or(DeviceError::NoSuchControl)?.token.clone();
                let profile = self.scene.profile.clone().ok_or(DeviceError::NoSuchControl)?;
                let device = self.device().await?;
                device.ask(&GotoPreset { profile, preset }).await?;
                return Ok(());
            }
            _ => return Err(DeviceError::NoSuchControl),
        }
        let source = self.scene.source.clone().ok_or(DeviceError::NoSuchControl)?;
        let set = SetImagingSettings::new(source, change, &self.scene.options)
            .map_err(|refused| DeviceError::OutOfRange(refused.to_string()))?;
        self.device().await?.ask(&set).await?;
        Ok(())
    }

    async fn act(&mut self, key: &str, arguments: &Value) -> Result<(), DeviceError> {
        if key == "reboot" {
            self.device().await?.ask(&SystemReboot).await?;
            return Ok(());
        }
        let profile = self.scene.profile.clone().ok_or(DeviceError::NoSuchControl)?;
        match key {
            "move" => {
                let node = self.scene.node.clone().ok_or(DeviceError::NoSuchControl)?;
                // Narrowed to the node's own limits below.
                let part =
                    |name| number(arguments, name, -1.0..=1.0).map(|by| by.map(|by| by as f32));
                let (pan, tilt, zoom) = (part("pan")?, part("tilt")?, part("zoom")?);
                let pan_tilt = (pan.is_some() || tilt.is_some())
                    .then(|| (pan.unwrap_or(0.0), tilt.unwrap_or(0.0)));
                let step = RelativeMove::new(profile, &node, Vector { pan_tilt, zoom })
                    .map_err(|refused| DeviceError::OutOfRange(refused.to_string()))?;
                self.device().await?.ask(&step).await?;
            }
            "stop" => {
                self.device().await?.ask(&Stop { profile }).await?;
            }
            "home" => {
                self.device().await?.ask(&GotoHomePosition { profile }).await?;
            }
            _ => return Err(DeviceError::NoSuchControl),
        }
        Ok(())
    }
}

/// Whether a device shakes hands there. Sends nothing else.
async fn takes_tls(url: &str) -> bool {
    let stranger = HttpClient::builder().trust(Trust::FirstUse).deadline(TLS_PROBE);
    let stranger = stranger.address_policy(HttpPolicy::Private).build();
    stranger.certificate(url).await.is_ok()
}

/// Which controls the device has.
async fn look_around(device: &Device) -> Result<(Scene, Vec<Control>), DeviceError> {
    let profiles = match device.services().url(Service::Media2) {
        Some(_) => device.ask(&GetProfiles2).await?,
        None => device.ask(&GetProfiles).await?,
    };
    let mut scene = Scene::default();
    let mut controls = Vec::new();
    scene.source = profiles.iter().find_map(|profile| profile.video_source.clone());
    if let (Some(source), Some(_)) = (&scene.source, device.services().url(Service::Imaging)) {
        let source = source.clone();
        let settings = device.ask(&GetImagingSettings { source: source.clone() }).await?;
        scene.options = device.ask(&GetOptions { source }).await?;
        let numbers = [
            ("brightness", settings.brightness, scene.options.brightness),
            ("contrast", settings.contrast, scene.options.contrast),
            ("saturation", settings.saturation, scene.options.saturation),
            ("sharpness", settings.sharpness, scene.options.sharpness),
        ];
        for (key, value, range) in numbers {
            let Some(range) = range else { continue };
            let (min, max) = (f64::from(range.min), f64::from(range.max));
            let kind = ControlKind::Level { min, max, step: 1.0, unit: Unit::Percent };
            let value = value.map(|value| ControlValue::Number(f64::from(value)));
            controls.push(Control::of(key, kind, value));
        }
        let modes = &scene.options.ir_cut_filter;
        let known = |row: &&(&str, &str)| modes.iter().any(|mode| mode == row.1);
        let options: Vec<String> =
            NIGHT_MODES.iter().filter(known).map(|row| row.0.to_owned()).collect();
        if !options.is_empty() {
            let now = settings.ir_cut_filter.as_deref();
            let word = NIGHT_MODES.iter().find(|row| Some(row.1) == now);
            let word = word.map(|row| row.0.to_owned());
            controls.push(Control::choice("night_mode", options, word));
        }
    }
    let mover = profiles.iter().find_map(|one| Some((one.token.clone(), one.ptz_node.clone()?)));
    if let (Some((profile, token)), Some(_)) = (mover, device.services().url(Service::Ptz)) {
        let nodes = device.ask(&GetNodes).await?;
        scene.node = nodes.into_iter().find(|node| node.token == token);
        controls.extend(["move", "stop"].map(Control::action));
        if scene.node.as_ref().is_some_and(|node| node.has_home) {
            controls.push(Control::action("home"));
        }
        scene.presets = device.ask(&GetPresets { profile: profile.clone() }).await?;
        scene.presets.truncate(PRESETS_MAX);
        if !scene.presets.is_empty() {
            let names = scene.presets.iter().map(|preset| preset.name.clone()).collect();
            controls.push(Control::choice("preset", names, None));
        }
        scene.profile = Some(profile);
    }
    controls.push(Control::action("reboot").sensitive());
    Ok((scene, controls))
}

impl Driver for Onvif {
    fn look(&mut self) -> Asking<'_, Look> {
        Box::pin(async {
            let looked = self.look().await;
            if looked.is_err() {
                // It may have been restarted: its clock and services are asked for anew.
                (self.device, self.heard) = (None, None);
            }
            looked
        })
    }

    fn set<'a>(&'a mut self, key: &'a str, value: &'a ControlValue) -> Asking<'a, ()> {
        Box::pin(self.set(key, value))
    }

    fn act<'a>(&'a mut self, key: &'a str, arguments: &'a Value) -> Asking<'a, ()> {
        Box::pin(self.act(key, arguments))
    }

    fn close(&mut self) -> Asking<'_, ()> {
        Box::pin(async {
            self.device = None;
            if let Some(heard) = self.heard.take() {
                heard.end().await;
            }
            Ok(())
        })
    }
}
