//! How alike two activities are, by what is known of them.
//!
//! By facts alone: where, what, when and how it was seen. Nothing here looks at a face or a body.

use hearth_model::{CameraId, Label, Rect, ZoneId};

/// What an activity is compared by.
#[derive(Clone, Debug, PartialEq)]
pub struct Descriptor {
    /// Where.
    pub camera: CameraId,
    /// What.
    pub label: Label,
    /// In which zones.
    pub zones: Vec<ZoneId>,
    /// Minutes after midnight by the house's clocks, 0 to 1439.
    pub minute: u16,
    /// Days since Monday, 0 to 6.
    pub weekday: u8,
    /// Where in the picture.
    pub area: Rect,
    /// How long it lasted, in seconds; `None` while it goes on.
    pub seconds: Option<f32>,
}

/// How alike, and why.
#[derive(Clone, Debug, PartialEq)]
pub struct Likeness {
    /// From 0 to 1; 1 is the same in all that is compared.
    pub similarity: f32,
    /// What is alike, for a person.
    pub because: Vec<&'static str>,
}

/// How much each part counts; together 1. What and where say most of what a person means by "like
/// this", the hour says whether it is a habit, and the rest tells close ones apart.
const WEIGHTS: [f32; 7] = [0.25, 0.2, 0.1, 0.2, 0.08, 0.12, 0.05];

/// From here on a part is named as a reason.
const IS_ALIKE: f32 = 0.75;

const REASONS: [&str; 7] = [
    "the same sort",
    "same camera",
    "same zone",
    "same time of day",
    "same day of the week",
    "same place in the picture",
    "about as long",
];

/// Compares two activities; the order makes no difference.
pub fn likeness(one: &Descriptor, other: &Descriptor) -> Likeness {
    let parts = [
        f32::from(u8::from(one.label == other.label)),
        f32::from(u8::from(one.camera == other.camera)),
        zones(one, other),
        time_of_day(one.minute, other.minute),
        weekday(one.weekday, other.weekday),
        // Where something stands in the pictures of two cameras says nothing.
        if one.camera == other.camera { area(one.area, other.area) } else { 0.0 },
        duration(one.seconds, other.seconds),
    ];
    let similarity = parts.iter().zip(WEIGHTS).map(|(part, weight)| part * weight).sum::<f32>();
    let has_zones = !one.zones.is_empty() && !other.zones.is_empty();
    let named = |at: &usize| parts[*at] >= IS_ALIKE && (*at != 2 || has_zones);
    let because = (0..parts.len()).filter(named).map(|at| REASONS[at]).collect();
    Likeness { similarity: similarity.clamp(0.0, 1.0), because }
}

fn zones(one: &Descriptor, other: &Descriptor) -> f32 {
    let shared = one.zones.iter().filter(|zone| other.zones.contains(zone)).count();
    let all = one.zones.len() + other.zones.len() - shared;
    if all == 0 {
        f32::from(u8::from(one.camera == other.camera))
    } else {
        shared as f32 / all as f32
    }
}

/// On a circle: a minute before midnight is close to a minute after. Six hours apart is not alike.
fn time_of_day(one: u16, other: u16) -> f32 {
    let apart = one.abs_diff(other) % 1_440;
    let apart = apart.min(1_440 - apart);
    (1.0 - f32::from(apart) / 360.0).max(0.0)
}

fn weekday(one: u8, other: u8) -> f32 {
    let (weekend, other_weekend) = (one >= 5, other >= 5);
    if one == other {
        1.0
    } else if weekend == other_weekend {
        0.5
    } else {
        0.0
    }
}

/// Shared part of both boxes, by their union.
fn area(one: Rect, other: Rect) -> f32 {
    let overlap = |a: f32, a_size: f32, b: f32, b_size: f32| {
        ((a + a_size).min(b + b_size) - a.max(b)).max(0.0)
    };
    let shared = overlap(one.x, one.w, other.x, other.w) * overlap(one.y, one.h, other.y, other.h);
    let union = one.w * one.h + other.w * other.h - shared;
    if union > f32::EPSILON { (shared / union).clamp(0.0, 1.0) } else { 0.0 }
}

fn duration(one: Option<f32>, other: Option<f32>) -> f32 {
    let (Some(one), Some(other)) = (one, other) else { return 0.0 };
    let (short, long) = (one.min(other).max(1.0), one.max(other).max(1.0));
    (short / long).clamp(0.0, 1.0)
}
