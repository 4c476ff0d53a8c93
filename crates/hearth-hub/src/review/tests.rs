use hearth_model::Rect;

use super::*;

fn thing(area: Rect, score: Option<f32>) -> ReviewBox {
    ReviewBox { label: Label::new("dog").expect("valid"), area, score }
}

const INSIDE: Rect = Rect { x: 0.1, y: 0.2, w: 0.3, h: 0.4 };

#[test]
fn boxes_that_do_not_lie_in_the_picture_are_refused() {
    let is_taken = |area| checked(vec![thing(area, None)], &[]).is_ok();
    assert!(is_taken(INSIDE) && is_taken(Rect::FULL));
    for area in [
        Rect { x: 0.9, ..INSIDE },
        Rect { y: -0.1, ..INSIDE },
        Rect { w: 0.0, ..INSIDE },
        Rect { h: f32::NAN, ..INSIDE },
        Rect { w: f32::INFINITY, ..INSIDE },
    ] {
        assert!(!is_taken(area), "{area:?}");
    }
    let many = |count| checked(vec![thing(INSIDE, None); count], &[]);
    assert!(many(BOXES_MAX).is_ok());
    assert_eq!(many(BOXES_MAX + 1).map_err(|error| error.code), Err("invalid"));
}

/// Nobody can claim a score; what the detector said of a box that stays as it was is kept.
#[test]
fn only_the_detector_has_scores() {
    let before = [thing(INSIDE, Some(0.4))];
    let moved = Rect { x: 0.2, ..INSIDE };
    let sent = vec![thing(INSIDE, None), thing(moved, Some(0.9))];
    let scores: Vec<_> =
        checked(sent, &before).expect("boxes").into_iter().map(|one| one.score).collect();
    assert_eq!(scores, [Some(0.4), None]);
}
