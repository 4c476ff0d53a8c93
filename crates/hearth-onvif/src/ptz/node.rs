//! What a PTZ node can do.

use hearth_model::SourceUrl;
use serde::Serialize;

use super::{
    AnswerError, Element, NAMESPACE, Operation, OutOfRange, Range, Service, Token, Vector, Writer,
    line, token,
};
use crate::xml::element::boolean;

/// Recorders have a node for each channel.
const NODES_MAX: usize = 256;

/// Limits of pan and tilt.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Plane {
    /// Pan.
    pub x: Range,
    /// Tilt.
    pub y: Range,
}

/// Limits of one way to move; what is `None` cannot be moved that way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Limits {
    /// Pan and tilt.
    pub pan_tilt: Option<Plane>,
    /// Zoom.
    pub zoom: Option<Range>,
}

impl Limits {
    /// The vector if all of it is possible.
    ///
    /// # Errors
    /// If a part of it is out of range or cannot be moved at all.
    pub(super) fn check(&self, vector: Vector) -> Result<Vector, OutOfRange> {
        const NONE: Range = Range { min: 0.0, max: 0.0 };
        if let Some((x, y)) = vector.pan_tilt {
            let plane = self.pan_tilt.unwrap_or(Plane { x: NONE, y: NONE });
            plane.x.check("pan", x)?;
            plane.y.check("tilt", y)?;
        }
        if let Some(zoom) = vector.zoom {
            self.zoom.unwrap_or(NONE).check("zoom", zoom)?;
        }
        // What cannot move at all passed with zeros only, and is left out: some devices answer with a
        // fault if it is named.
        Ok(Vector {
            pan_tilt: vector.pan_tilt.filter(|_| self.pan_tilt.is_some()),
            zoom: vector.zoom.filter(|_| self.zoom.is_some()),
        })
    }
}

/// A PTZ node.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Node {
    /// By which profiles name it.
    pub token: Token,
    /// What people call it.
    pub name: String,
    /// Positions that can be gone to.
    pub absolute: Limits,
    /// Steps that can be made.
    pub relative: Limits,
    /// Speeds of moves that go on until stopped.
    pub continuous: Limits,
    /// How many presets it keeps.
    pub presets_max: u32,
    /// Whether it has a home position.
    pub has_home: bool,
}

/// Asks for the nodes.
#[derive(Clone, Copy, Debug)]
pub struct GetNodes;

impl Operation for GetNodes {
    type Answer = Vec<Node>;
    const SERVICE: Service = Service::Ptz;
    const NAME: &'static str = "GetNodes";
    const NAMESPACE: &'static str = NAMESPACE;

    fn write(&self, _: &mut Writer) {}

    fn read(answer: &Element, _: &SourceUrl) -> Result<Vec<Node>, AnswerError> {
        answer.all("PTZNode").take(NODES_MAX).map(node).collect()
    }
}

fn node(element: &Element) -> Result<Node, AnswerError> {
    let spaces = element.child("SupportedPTZSpaces");
    let limits = |pan_tilt: &str, zoom: &str| -> Result<Limits, AnswerError> {
        Ok(Limits {
            pan_tilt: spaces.and_then(|all| all.child(pan_tilt)).map(plane).transpose()?,
            zoom: match spaces.and_then(|all| all.child(zoom)) {
                Some(space) => Some(Range::read(space.need(&["XRange"])?)?),
                None => None,
            },
        })
    };
    Ok(Node {
        token: token(element)?,
        name: line(element.text_at(&["Name"]).unwrap_or_default()),
        absolute: limits("AbsolutePanTiltPositionSpace", "AbsoluteZoomPositionSpace")?,
        relative: limits("RelativePanTiltTranslationSpace", "RelativeZoomTranslationSpace")?,
        continuous: limits("ContinuousPanTiltVelocitySpace", "ContinuousZoomVelocitySpace")?,
        presets_max: element.parsed(&["MaximumNumberOfPresets"])?.unwrap_or(0),
        has_home: element.text_at(&["HomeSupported"]).and_then(boolean).unwrap_or(false),
    })
}

/// The first space of a kind is the generic one, which every device has (ONVIF PTZ, 5.7).
fn plane(space: &Element) -> Result<Plane, AnswerError> {
    Ok(Plane {
        x: Range::read(space.need(&["XRange"])?)?,
        y: Range::read(space.need(&["YRange"])?)?,
    })
}
