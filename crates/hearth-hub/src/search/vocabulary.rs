//! What whoever asks may speak of: names of cameras, zones, devices and people they may know.

use hearth_auth::{Principal, ask};
use hearth_model::Label;
use hearth_search::Vocabulary;
use hearth_vision::coco_label;

use crate::house::House;

impl House {
    /// The words of one principal. A name that is not in it is a word like any other: nobody finds
    /// out whether there is a camera, a device or a person of that name.
    ///
    /// promise: T-05.
    pub(super) fn search_vocabulary(&self, to: &Principal) -> Vocabulary {
        let labels: Vec<Label> = (0..).map_while(coco_label).collect();
        let mut vocabulary = Vocabulary::new(&labels);
        for camera in self.cameras.all() {
            if !self.policy.recalls(to, camera.id()) {
                continue;
            }
            let settings = camera.settings();
            vocabulary.camera(camera.id(), settings.name.as_str());
            for zone in &settings.detection.zones {
                vocabulary.zone(zone.id, &zone.name);
            }
        }
        if self.policy.house::<ask::ReadDevices>(to).is_ok() {
            for device in self.devices.all() {
                if self.sees_device(to, &device) {
                    vocabulary.device(device.id(), &device.name());
                }
            }
        }
        if self.knows_names(to) {
            for person in self.people.all() {
                vocabulary.person(person.id, person.document.name.as_str());
            }
        }
        vocabulary
    }

    /// Whether a principal may know whom some camera recognised.
    pub(super) fn knows_names(&self, to: &Principal) -> bool {
        self.cameras.all().iter().any(|camera| {
            self.policy.recalls(to, camera.id()) && self.policy.names(to, camera.id())
        })
    }
}
