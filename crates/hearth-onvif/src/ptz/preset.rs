//! Positions that a device remembers.

use hearth_model::SourceUrl;
use serde::Serialize;

use super::{
    AnswerError, Element, Movement, NAMESPACE, Operation, Service, Token, Vector, Writer, line,
    token,
};

/// Devices keep some 300.
const PRESETS_MAX: usize = 1024;

/// A position that the device remembers.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Preset {
    /// By which it is gone to.
    pub token: Token,
    /// What people call it.
    pub name: String,
    /// Where it is, if the device tells.
    pub position: Option<Vector>,
}

/// Asks for the presets of a profile.
#[derive(Clone, Debug)]
pub struct GetPresets {
    /// Of which profile.
    pub profile: Token,
}

impl Operation for GetPresets {
    type Answer = Vec<Preset>;
    const SERVICE: Service = Service::Ptz;
    const NAME: &'static str = "GetPresets";
    const NAMESPACE: &'static str = NAMESPACE;

    fn write(&self, body: &mut Writer) {
        body.leaf("o:ProfileToken", &self.profile);
    }

    fn read(answer: &Element, _: &SourceUrl) -> Result<Vec<Preset>, AnswerError> {
        let rows = answer.all("Preset").take(PRESETS_MAX).map(|row| {
            Ok(Preset {
                token: token(row)?,
                name: line(row.text_at(&["Name"]).unwrap_or_default()),
                position: row.child("PTZPosition").map(Vector::read).transpose()?,
            })
        });
        rows.collect()
    }
}

/// Goes to a preset.
#[derive(Clone, Debug)]
pub struct GotoPreset {
    /// Of which profile.
    pub profile: Token,
    /// Which one.
    pub preset: Token,
}

impl Operation for GotoPreset {
    type Answer = Movement;
    const SERVICE: Service = Service::Ptz;
    const NAME: &'static str = "GotoPreset";
    const NAMESPACE: &'static str = NAMESPACE;

    fn write(&self, body: &mut Writer) {
        body.leaf("o:ProfileToken", &self.profile);
        body.leaf("o:PresetToken", &self.preset);
    }

    fn read(_: &Element, _: &SourceUrl) -> Result<Movement, AnswerError> {
        Ok(Movement)
    }
}

/// Goes to the home position.
#[derive(Clone, Debug)]
pub struct GotoHomePosition {
    /// Of which profile.
    pub profile: Token,
}

impl Operation for GotoHomePosition {
    type Answer = Movement;
    const SERVICE: Service = Service::Ptz;
    const NAME: &'static str = "GotoHomePosition";
    const NAMESPACE: &'static str = NAMESPACE;

    fn write(&self, body: &mut Writer) {
        body.leaf("o:ProfileToken", &self.profile);
    }

    fn read(_: &Element, _: &SourceUrl) -> Result<Movement, AnswerError> {
        Ok(Movement)
    }
}

/// Remembers where the node points now, as a new preset or in the place of one.
#[derive(Clone, Debug)]
pub struct SetPreset {
    /// Of which profile.
    pub profile: Token,
    /// What to call it. A token is as short and printable as a name has to be.
    pub name: Token,
    /// Which one it replaces.
    pub preset: Option<Token>,
}

impl Operation for SetPreset {
    /// The preset's token.
    type Answer = Token;
    const SERVICE: Service = Service::Ptz;
    const NAME: &'static str = "SetPreset";
    const NAMESPACE: &'static str = NAMESPACE;

    fn write(&self, body: &mut Writer) {
        body.leaf("o:ProfileToken", &self.profile);
        body.leaf("o:PresetName", &self.name);
        body.leaf_if("o:PresetToken", self.preset.as_ref());
    }

    fn read(answer: &Element, _: &SourceUrl) -> Result<Token, AnswerError> {
        answer.need_parsed(&["PresetToken"])
    }
}

/// Forgets a preset.
#[derive(Clone, Debug)]
pub struct RemovePreset {
    /// Of which profile.
    pub profile: Token,
    /// Which one.
    pub preset: Token,
}

impl Operation for RemovePreset {
    type Answer = ();
    const SERVICE: Service = Service::Ptz;
    const NAME: &'static str = "RemovePreset";
    const NAMESPACE: &'static str = NAMESPACE;

    fn write(&self, body: &mut Writer) {
        body.leaf("o:ProfileToken", &self.profile);
        body.leaf("o:PresetToken", &self.preset);
    }

    fn read(_: &Element, _: &SourceUrl) -> Result<(), AnswerError> {
        Ok(())
    }
}
