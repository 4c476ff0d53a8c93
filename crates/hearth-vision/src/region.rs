//! Which part of a picture the detector is to look at.

use hearth_model::Rect;

use crate::MotionBox;

/// A part of a picture in pixels, inside it and never empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PixelRegion {
    /// Left edge.
    pub left: usize,
    /// Top edge.
    pub top: usize,
    /// Width, at least 1.
    pub width: usize,
    /// Height, at least 1.
    pub height: usize,
}

impl PixelRegion {
    /// The whole picture.
    pub fn whole(width: usize, height: usize) -> Self {
        Self { left: 0, top: 0, width: width.max(1), height: height.max(1) }
    }

    /// Whether it covers a picture of this size.
    pub fn is_whole(&self, width: usize, height: usize) -> bool {
        *self == Self::whole(width, height)
    }
}

/// Room left around what moves, as a fraction of its size: a person whose legs move has a head.
const MARGIN: f32 = 0.6;

/// Regions are at least this wide and high, as a fraction of the picture's shorter side: the
/// detector needs surroundings, and blowing a few pixels up to its input finds nothing.
const SIDE_MIN: f32 = 0.5;

/// Above this share of the picture the whole of it is looked at; cutting gains nothing.
const WHOLE_SHARE: f32 = 0.55;

/// A square-ish region around everything that moves and every box in `also` (known objects, so
/// that someone who stands still is still seen), or the whole picture if that is most of it.
pub fn motion_region(
    moving: &[MotionBox],
    also: &[Rect],
    width: usize,
    height: usize,
) -> Option<PixelRegion> {
    let areas = moving.iter().map(|found| found.area).chain(also.iter().copied());
    let around = areas.reduce(|all, next| all.union(&next))?;
    let (columns, rows) = (width.max(1) as f32, height.max(1) as f32);
    let side_min = SIDE_MIN * columns.min(rows);
    let grown = |size: f32| (size * (1.0 + 2.0 * MARGIN)).max(side_min);
    // A square region wastes no detector input on padding.
    let side = grown(around.w * columns).max(grown(around.h * rows));
    let (region_width, region_height) = (side.min(columns), side.min(rows));
    if region_width * region_height > WHOLE_SHARE * columns * rows {
        return Some(PixelRegion::whole(width, height));
    }
    let placed =
        |centre: f32, size: f32, limit: f32| (centre - size / 2.0).clamp(0.0, limit - size);
    let left = placed((around.x + around.w / 2.0) * columns, region_width, columns);
    let top = placed((around.y + around.h / 2.0) * rows, region_height, rows);
    let region = PixelRegion {
        left: left as usize,
        top: top as usize,
        width: (region_width as usize).max(1),
        height: (region_height as usize).max(1),
    };
    Some(region)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn moving(area: Rect) -> MotionBox {
        MotionBox { area, changed: area.area(), density: 1.0 }
    }

    #[test]
    fn nothing_moving_needs_no_look() {
        assert_eq!(motion_region(&[], &[], 640, 360), None);
    }

    #[test]
    fn much_motion_takes_the_whole_picture() {
        let area = Rect { x: 0.1, y: 0.1, w: 0.7, h: 0.8 };
        let region = motion_region(&[moving(area)], &[], 640, 360).expect("something moves");
        assert!(region.is_whole(640, 360));
    }

    proptest! {
        #[test]
        fn a_region_lies_inside_the_picture_and_holds_what_moves(
            x in 0.0f32..0.9, y in 0.0f32..0.9, w in 0.0f32..0.5, h in 0.0f32..0.5,
            width in 16usize..4_000, height in 16usize..3_000,
        ) {
            let area = Rect { x, y, w, h }.clamped();
            let region = motion_region(&[moving(area)], &[], width, height).expect("moves");
            prop_assert!(region.left + region.width <= width);
            prop_assert!(region.top + region.height <= height);
            prop_assert!(region.left as f32 <= area.x * width as f32 + 1.0);
            let right = (area.x + area.w) * width as f32;
            prop_assert!((region.left + region.width) as f32 >= right - 2.0);
        }
    }
}
