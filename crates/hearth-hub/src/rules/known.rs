//! What there is in this house that rules can speak of.

use std::sync::Arc;

use hearth_device::{ControlKind, Family};
use hearth_model::{CameraId, Label};
use hearth_rules::{DeviceKind, Known, KnownCamera, KnownDevice};
use hearth_vision::coco_label;

use crate::{camera::handle::Camera, devices::KeptDevice, house::House};

/// The control that turns a camera to a place.
pub(super) const PRESET: &str = "preset";

impl House {
    /// By id and name, as things are now.
    pub(crate) fn known(&self) -> Known {
        let people = self.people.all().into_iter();
        Known {
            cameras: self.cameras.all().iter().map(|camera| self.known_camera(camera)).collect(),
            devices: self.devices.all().iter().map(|device| known_device(device)).collect(),
            people: people.map(|one| (one.id, one.document.name.to_string())).collect(),
            groups: self.groups.known(),
            recipients: self.desk.recipient_names(),
            channels: self.desk.channel_names(),
            labels: if self.config.eyes.model.is_some() { coco_labels() } else { Vec::new() },
        }
    }

    fn known_camera(&self, camera: &Camera) -> KnownCamera {
        let settings = camera.settings();
        let zones = settings.detection.zones.iter();
        KnownCamera {
            id: camera.id(),
            name: settings.name.to_string(),
            zones: zones.map(|zone| (zone.id, zone.name.to_string())).collect(),
            presets: self.presets_of(camera.id()),
        }
    }

    /// The device that turns a camera.
    pub(super) fn turning(&self, camera: CameraId) -> Option<Arc<KeptDevice>> {
        self.devices.all().into_iter().find(|device| {
            device.settings().camera == Some(camera)
                && device.supervised().standing().control(PRESET).is_some()
        })
    }

    fn presets_of(&self, camera: CameraId) -> Vec<String> {
        let standing = self.turning(camera).map(|device| device.supervised().standing());
        let kind = standing.and_then(|now| now.control(PRESET).map(|preset| preset.kind.clone()));
        match kind {
            Some(ControlKind::Choice { options }) => options,
            _ => Vec::new(),
        }
    }
}

/// What detectors for the usual data set tell apart.
fn coco_labels() -> Vec<Label> {
    (0..).map_while(coco_label).collect()
}

fn known_device(device: &KeptDevice) -> KnownDevice {
    let standing = device.supervised().standing();
    let look = standing.look.iter();
    let controls = look.clone().flat_map(|look| &look.controls);
    let readings = look.flat_map(|look| &look.readings);
    let kind = match device.settings().family {
        _ if device.has_siren() => DeviceKind::Siren,
        Family::TapoPlug | Family::KasaPlug => DeviceKind::Plug,
        Family::GpioChime => DeviceKind::Other,
        family if family.is_signal() => DeviceKind::Light,
        Family::GpioButton | Family::GpioMotion | Family::BoardSensor => DeviceKind::Sensor,
        _ => DeviceKind::Other,
    };
    KnownDevice {
        id: device.id(),
        name: device.name(),
        kind,
        controls: controls.map(|control| control.key.to_string()).collect(),
        readings: readings.map(|reading| reading.key.to_string()).collect(),
    }
}
