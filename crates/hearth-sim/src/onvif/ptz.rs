//! The PTZ service: a head that turns by the clock.

use std::{collections::BTreeMap, time::Duration};

use tokio::time::Instant;

use super::{
    answer::Answer,
    media::NODE,
    scan::{self, escape},
    state::State,
};

/// How many presets it keeps.
const PRESETS_MAX: usize = 8;
/// What full speed makes of the way in a second.
const SPEED: f32 = 0.5;

type Position = (f32, f32, f32);

/// Where it points and how it moves.
#[derive(Debug, Default)]
pub(super) struct Head {
    position: Position,
    moving: Option<(Instant, Duration, Position)>,
    presets: BTreeMap<String, (String, Position)>,
    next_preset: u32,
}

impl Head {
    /// Where it points at a moment.
    pub(super) fn position(&self, now: Instant) -> Position {
        let (x, y, zoom) = self.position;
        let Some((since, limit, speed)) = self.moving else { return self.position };
        let seconds = now.saturating_duration_since(since).min(limit).as_secs_f32() * SPEED;
        (
            (x + speed.0 * seconds).clamp(-1.0, 1.0),
            (y + speed.1 * seconds).clamp(-1.0, 1.0),
            (zoom + speed.2 * seconds).clamp(0.0, 1.0),
        )
    }

    fn is_moving(&self, now: Instant) -> bool {
        self.moving.is_some_and(|(since, limit, _)| now.saturating_duration_since(since) < limit)
    }

    fn stop(&mut self, now: Instant) {
        self.position = self.position(now);
        self.moving = None;
    }

    fn go(&mut self, position: Position) {
        self.moving = None;
        self.position = position;
    }
}

/// Answers what is the PTZ service's business.
pub(super) fn answer(operation: &str, body: &str, state: &State) -> Option<Answer> {
    if !state.spec.has_ptz {
        return None;
    }
    let now = Instant::now();
    let head = &mut state.inner().head;
    let inside = match operation {
        "GetNodes" => node(),
        "GetStatus" => status(head, now, &state.spec.name),
        "GetPresets" => presets(head),
        "Stop" => {
            head.stop(now);
            String::new()
        }
        "ContinuousMove" => {
            let Some(speed) = vector(body, "Velocity", (0.0, 0.0, 0.0), -1.0) else {
                return Some(Answer::INVALID);
            };
            head.stop(now);
            let limit = scan::text(body, "Timeout").and_then(|text| seconds(&text));
            head.moving = Some((now, limit.unwrap_or(Duration::from_secs(10)), speed));
            String::new()
        }
        "AbsoluteMove" => {
            let from = head.position(now);
            let Some(position) = vector(body, "Position", from, 0.0) else {
                return Some(Answer::INVALID);
            };
            head.go(position);
            String::new()
        }
        "RelativeMove" => {
            let (x, y, zoom) = head.position(now);
            let Some(step) = vector(body, "Translation", (0.0, 0.0, 0.0), -1.0) else {
                return Some(Answer::INVALID);
            };
            head.go((
                (x + step.0).clamp(-1.0, 1.0),
                (y + step.1).clamp(-1.0, 1.0),
                (zoom + step.2).clamp(0.0, 1.0),
            ));
            String::new()
        }
        "GotoHomePosition" => {
            head.go((0.0, 0.0, 0.0));
            String::new()
        }
        "GotoPreset" | "RemovePreset" | "SetPreset" => {
            return Some(preset(operation, body, head, now));
        }
        _ => return None,
    };
    Some(Answer::Done(format!("<tptz:{operation}Response>{inside}</tptz:{operation}Response>")))
}

fn preset(operation: &str, body: &str, head: &mut Head, now: Instant) -> Answer {
    let token = scan::text(body, "PresetToken");
    let inside = match (operation, token) {
        ("SetPreset", token) => {
            if token.is_none() && head.presets.len() >= PRESETS_MAX {
                return Answer::Fault { code: "TooManyPresets", reason: "No preset is left" };
            }
            head.next_preset += 1;
            let token = token.unwrap_or_else(|| format!("preset-{}", head.next_preset));
            let name = scan::text(body, "PresetName").unwrap_or_else(|| token.clone());
            let position = head.position(now);
            head.presets.insert(token.clone(), (name, position));
            format!("<tptz:PresetToken>{}</tptz:PresetToken>", escape(&token))
        }
        ("GotoPreset", Some(token)) => match head.presets.get(&token).map(|row| row.1) {
            Some(position) => {
                head.go(position);
                String::new()
            }
            None => return Answer::INVALID,
        },
        (_, Some(token)) if head.presets.remove(&token).is_some() => String::new(),
        _ => return Answer::INVALID,
    };
    Answer::Done(format!("<tptz:{operation}Response>{inside}</tptz:{operation}Response>"))
}

/// Reads a vector; `None` if a part is out of range, which starts at `zoom_min` for zoom.
fn vector(body: &str, name: &str, rest: Position, zoom_min: f32) -> Option<Position> {
    let inside = scan::inside(body, name)?;
    let part = |element: &str, attribute: &str, otherwise: f32, min: f32| match scan::attribute(
        inside, element, attribute,
    ) {
        Some(text) => text.parse::<f32>().ok().filter(|value| (min..=1.0).contains(value)),
        None => Some(otherwise),
    };
    Some((
        part("PanTilt", "x", rest.0, -1.0)?,
        part("PanTilt", "y", rest.1, -1.0)?,
        part("Zoom", "x", rest.2, zoom_min)?,
    ))
}

/// `PT1.5S`.
pub(super) fn seconds(text: &str) -> Option<Duration> {
    let number = text.strip_prefix("PT")?.strip_suffix('S')?.parse().ok()?;
    Duration::try_from_secs_f64(number).ok()
}

fn point((x, y, zoom): Position) -> String {
    format!("<tt:PanTilt x=\"{x}\" y=\"{y}\"/><tt:Zoom x=\"{zoom}\"/>")
}

fn status(head: &Head, now: Instant, name: &str) -> String {
    let moving = if head.is_moving(now) { "MOVING" } else { "IDLE" };
    format!(
        "<tptz:PTZStatus><tt:Position>{}</tt:Position><tt:MoveStatus><tt:PanTilt>{moving}</tt:PanTilt>\
         <tt:Zoom>{moving}</tt:Zoom></tt:MoveStatus><tt:Error>{}</tt:Error>\
         <tt:UtcTime>2026-01-01T00:00:00Z</tt:UtcTime></tptz:PTZStatus>",
        point(head.position(now)),
        escape(&format!("none ({name} is simulated)"))
    )
}

fn presets(head: &Head) -> String {
    let row = |(token, (name, position)): (&String, &(String, Position))| {
        format!(
            "<tptz:Preset token=\"{}\"><tt:Name>{}</tt:Name><tt:PTZPosition>{}</tt:PTZPosition></tptz:Preset>",
            escape(token),
            escape(name),
            point(*position)
        )
    };
    head.presets.iter().map(row).collect()
}

fn node() -> String {
    let range = |name: &str, min: f32| {
        format!("<tt:{name}><tt:Min>{min:.1}</tt:Min><tt:Max>1.0</tt:Max></tt:{name}>")
    };
    let uri = |name: &str| format!("<tt:URI>http://www.onvif.org/ver10/tptz/{name}</tt:URI>");
    let plane = |element: &str, name: &str| {
        format!(
            "<tt:{element}>{}{}{}</tt:{element}>",
            uri(name),
            range("XRange", -1.0),
            range("YRange", -1.0)
        )
    };
    let line = |element: &str, name: &str, min: f32| {
        format!("<tt:{element}>{}{}</tt:{element}>", uri(name), range("XRange", min))
    };
    format!(
        "<tptz:PTZNode token=\"{NODE}\"><tt:Name>Simulated head</tt:Name><tt:SupportedPTZSpaces>{}{}{}{}{}{}\
         </tt:SupportedPTZSpaces><tt:MaximumNumberOfPresets>{PRESETS_MAX}</tt:MaximumNumberOfPresets>\
         <tt:HomeSupported>true</tt:HomeSupported></tptz:PTZNode>",
        plane("AbsolutePanTiltPositionSpace", "PanTiltSpaces/PositionGenericSpace"),
        line("AbsoluteZoomPositionSpace", "ZoomSpaces/PositionGenericSpace", 0.0),
        plane("RelativePanTiltTranslationSpace", "PanTiltSpaces/TranslationGenericSpace"),
        line("RelativeZoomTranslationSpace", "ZoomSpaces/TranslationGenericSpace", -1.0),
        plane("ContinuousPanTiltVelocitySpace", "PanTiltSpaces/VelocityGenericSpace"),
        line("ContinuousZoomVelocitySpace", "ZoomSpaces/VelocityGenericSpace", -1.0),
    )
}
