//! Which sighting belongs to which track.

use hearth_model::Rect;

use super::{Sighting, Track};

/// Below this nothing is joined: boxes that do not touch must be close and of like size.
const CLOSENESS_MIN: f32 = 0.15;

/// A sighting of another label must fit this much better, so that a dog beside its owner stays one.
const OTHER_LABEL: f32 = 0.7;

/// For each sighting the index of its track; closest pairs first, each used once.
pub(super) fn assign(
    tracks: &[Track],
    predicted: &[Rect],
    sightings: &[Sighting],
) -> Vec<Option<usize>> {
    let mut pairs = Vec::new();
    for (sighting_index, sighting) in sightings.iter().enumerate() {
        for (track_index, (track, place)) in tracks.iter().zip(predicted).enumerate() {
            let factor = if track.label == sighting.label { 1.0 } else { OTHER_LABEL };
            let closeness = factor * closeness(place, &sighting.area);
            if closeness >= CLOSENESS_MIN {
                pairs.push((closeness, sighting_index, track_index));
            }
        }
    }
    pairs.sort_by(|a, b| b.0.total_cmp(&a.0));
    let mut of_sighting = vec![None; sightings.len()];
    let mut taken = vec![false; tracks.len()];
    for (_, sighting, track) in pairs {
        if of_sighting[sighting].is_none() && !taken[track] {
            of_sighting[sighting] = Some(track);
            taken[track] = true;
        }
    }
    of_sighting
}

/// 0 to 1: the overlap, or if small boxes just missed each other, how near their centres are
/// measured in box sizes.
fn closeness(a: &Rect, b: &Rect) -> f32 {
    let size = ((a.w + b.w) / 2.0).max((a.h + b.h) / 2.0).max(1e-6);
    let apart_x = (a.x + a.w / 2.0) - (b.x + b.w / 2.0);
    let apart_y = (a.y + a.h / 2.0) - (b.y + b.h / 2.0);
    let near = 1.0 - apart_x.hypot(apart_y) / (1.5 * size);
    let (small, large) = (a.area().min(b.area()), a.area().max(b.area()).max(1e-9));
    // A person and the wheel of a car are no pair, however near.
    let alike = (small / large).sqrt();
    a.iou(b).max(0.5 * near.max(0.0) * alike)
}
