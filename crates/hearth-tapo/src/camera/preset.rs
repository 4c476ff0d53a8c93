//! Named positions of the camera.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{CameraCall, Request, request::set};
use crate::{Call, Malformed, OutOfRange, call};

/// More than any camera keeps (8 to 16).
const PRESETS_MAX: usize = 64;

/// The camera's number of a preset.
#[derive(Clone, Debug, PartialEq, Eq, Hash, serde::Serialize)]
pub struct PresetId(String);

impl PresetId {
    /// One to four digits.
    pub fn new(id: &str) -> Result<Self, OutOfRange> {
        let fits = (1..=4).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_digit());
        let refused = OutOfRange::new("the number of a preset", "one to four digits");
        if fits { Ok(Self(id.to_owned())) } else { Err(refused) }
    }

    /// The digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A named position.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Preset {
    /// Its number.
    pub id: PresetId,
    /// Its name.
    pub name: String,
    /// Where it looks, -1 to 1, if the camera tells.
    pub pan: Option<f64>,
    /// Where it looks, -1 to 1, if the camera tells.
    pub tilt: Option<f64>,
    /// Whether the camera made it itself and keeps it.
    pub read_only: bool,
}

#[derive(Deserialize)]
struct Table {
    #[serde(default)]
    id: Vec<String>,
    #[serde(default)]
    name: Vec<String>,
    #[serde(default)]
    position_pan: Vec<Value>,
    #[serde(default)]
    position_tilt: Vec<Value>,
    #[serde(default)]
    read_only: Vec<Value>,
}

fn number(value: Option<&Value>) -> Option<f64> {
    let number = value?.as_f64().or_else(|| value?.as_str()?.parse().ok())?;
    number.is_finite().then_some(number)
}

/// All of them.
pub fn list() -> CameraCall<Vec<Preset>> {
    let params = json!({"preset": {"name": ["preset"]}});
    Call::new(Request::Entry { method: "getPresetConfig", params }, |result| {
        let table: Table = call::read_at(result, &["preset", "preset"])?;
        if table.id.len() > PRESETS_MAX || table.id.len() != table.name.len() {
            return Err(Malformed::new("the columns of the presets differ in length"));
        }
        let rows = table.id.iter().zip(table.name).enumerate();
        rows.map(|(row, (id, name))| {
            let id = PresetId::new(id).map_err(|_| Malformed::new("a preset without a number"))?;
            let read_only = table.read_only.get(row).and_then(|flag| call::read(flag).ok());
            Ok(Preset {
                id,
                name,
                pan: number(table.position_pan.get(row)),
                tilt: number(table.position_tilt.get(row)),
                read_only: read_only.is_some_and(crate::Switch::is_on),
            })
        })
        .collect()
    })
}

/// Goes to one.
pub fn recall(id: &PresetId) -> CameraCall<()> {
    set("motorMoveToPreset", json!({"preset": {"goto_preset": {"id": id.as_str()}}}))
}

/// Keeps the present position under a name of 1 to 32 characters.
pub fn save(name: &str) -> Result<CameraCall<()>, OutOfRange> {
    let fits = (1..=32).contains(&name.chars().count()) && !name.chars().any(char::is_control);
    if !fits {
        return Err(OutOfRange::new("the name of a preset", "1 to 32 printable characters"));
    }
    // The vendor's spelling.
    Ok(set("addMotorPostion", json!({"preset": {"set_preset": {"name": name, "save_ptz": "1"}}})))
}

/// Forgets one.
pub fn delete(id: &PresetId) -> CameraCall<()> {
    set("deletePreset", json!({"preset": {"remove_preset": {"id": [id.as_str()]}}}))
}
