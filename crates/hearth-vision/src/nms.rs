//! Keeps one box a thing.

use crate::Detection;

/// Drops boxes that overlap a better one of the same class by more than `iou_max`; best first.
pub fn suppress_overlaps(mut found: Vec<Detection>, iou_max: f32) -> Vec<Detection> {
    found.sort_by(|a, b| b.score.total_cmp(&a.score));
    let mut kept: Vec<Detection> = Vec::new();
    for next in found {
        let doubled = |better: &Detection| {
            better.class == next.class && better.area.iou(&next.area) > iou_max
        };
        if !kept.iter().any(doubled) {
            kept.push(next);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use hearth_model::Rect;

    use super::*;

    fn at(class: usize, score: f32, x: f32) -> Detection {
        Detection { class, score, area: Rect { x, y: 0.2, w: 0.2, h: 0.4 } }
    }

    #[test]
    fn the_best_of_overlapping_boxes_stays_and_other_classes_do_too() {
        let kept = suppress_overlaps(
            vec![at(0, 0.6, 0.31), at(0, 0.9, 0.30), at(2, 0.5, 0.30), at(0, 0.7, 0.7)],
            0.5,
        );
        let scores: Vec<f32> = kept.iter().map(|found| found.score).collect();
        assert_eq!(scores, [0.9, 0.7, 0.5]);
    }
}
