//! Pan, tilt, zoom: nodes with their limits, moves, presets, status.
//!
//! Pure. A move is made by a constructor that checks each number against the limits of the node; a
//! value outside of them never becomes a request (promise K-02).

use hearth_model::SourceUrl;
use serde::Serialize;

use crate::{
    AnswerError, Token,
    media::token,
    range::{OutOfRange, Range, finite},
    soap::{Operation, Service},
    xml::{Element, Writer, line},
};

mod movement;
mod node;
mod preset;

pub use movement::{AbsoluteMove, ContinuousMove, Movement, RelativeMove, Stop};
pub use node::{GetNodes, Limits, Node, Plane};
pub use preset::{GetPresets, GotoHomePosition, GotoPreset, Preset, RemovePreset, SetPreset};

pub(crate) const NAMESPACE: &str = "http://www.onvif.org/ver20/ptz/wsdl";

/// Where something points, or how fast it moves, or by how much: in the units of the node's spaces.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Vector {
    /// Pan and tilt: right and up are positive.
    pub pan_tilt: Option<(f32, f32)>,
    /// Zoom: in is positive.
    pub zoom: Option<f32>,
}

impl Vector {
    /// Reads an element with `PanTilt` and `Zoom`.
    fn read(element: &Element) -> Result<Self, AnswerError> {
        let pan_tilt = match element.child("PanTilt") {
            Some(one) => Some((finite(one, "x")?, finite(one, "y")?)),
            None => None,
        };
        let zoom = element.child("Zoom").map(|one| finite(one, "x")).transpose()?;
        Ok(Self { pan_tilt, zoom })
    }

    fn write(&self, inside: &mut Writer) {
        if let Some((x, y)) = self.pan_tilt {
            let attributes = [("x", &*x.to_string()), ("y", &*y.to_string())];
            inside.element_with("tt:PanTilt", &attributes, |_| {});
        }
        if let Some(x) = self.zoom {
            inside.element_with("tt:Zoom", &[("x", &x.to_string())], |_| {});
        }
    }
}

/// Where a node points and whether it moves.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Status {
    /// Where it points, if it knows.
    pub position: Option<Vector>,
    /// Whether it pans or tilts now, if it knows.
    pub is_panning: Option<bool>,
    /// Whether it zooms now, if it knows.
    pub is_zooming: Option<bool>,
}

/// Asks where a profile's node points.
#[derive(Clone, Debug)]
pub struct GetStatus {
    /// Of which profile.
    pub profile: Token,
}

impl Operation for GetStatus {
    type Answer = Status;
    const SERVICE: Service = Service::Ptz;
    const NAME: &'static str = "GetStatus";
    const NAMESPACE: &'static str = NAMESPACE;

    fn write(&self, body: &mut Writer) {
        body.leaf("o:ProfileToken", &self.profile);
    }

    fn read(answer: &Element, _: &SourceUrl) -> Result<Status, AnswerError> {
        let status = answer.need(&["PTZStatus"])?;
        let moving = |name: &str| match status.text_at(&["MoveStatus", name]) {
            Some("MOVING") => Some(true),
            Some("IDLE") => Some(false),
            // `UNKNOWN`, and whatever a device invents.
            _ => None,
        };
        Ok(Status {
            position: status.child("Position").map(Vector::read).transpose()?,
            is_panning: moving("PanTilt"),
            is_zooming: moving("Zoom"),
        })
    }
}

#[cfg(test)]
mod tests;
