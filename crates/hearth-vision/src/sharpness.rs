//! How sharp a part of a picture is.

use hearth_model::Rect;

use crate::Luma;

/// Rows and columns between samples: a thumbnail is chosen, not measured.
const STEP: usize = 2;

/// Mean brightness step between neighbours inside the area, 0 to 255; higher is sharper. Blur from
/// motion or focus lowers it. Comparable only between pictures of one camera.
pub fn sharpness(luma: Luma<'_>, area: &Rect) -> f32 {
    let area = area.clamped();
    let column = |fraction: f32| ((fraction * luma.width() as f32) as usize).min(luma.width());
    let line = |fraction: f32| ((fraction * luma.height() as f32) as usize).min(luma.height());
    let (left, right) = (column(area.x), column(area.x + area.w));
    let (top, bottom) = (line(area.y), line(area.y + area.h));
    let (mut sum, mut count) = (0u64, 0u64);
    for y in (top..bottom).step_by(STEP) {
        let pixels = luma.row(y).get(left..right).unwrap_or(&[]);
        let below = luma.row(y + 1).get(left..right).unwrap_or(pixels);
        for (pair, under) in pixels.windows(2).zip(below).step_by(STEP) {
            sum += u64::from(pair[0].abs_diff(pair[1])) + u64::from(pair[0].abs_diff(*under));
            count += 2;
        }
    }
    if count == 0 { 0.0 } else { sum as f32 / count as f32 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_blurred_pattern_is_less_sharp() {
        let crisp: Vec<u8> = (0..64 * 64).map(|i| if (i / 3) % 2 == 0 { 0 } else { 200 }).collect();
        let soft: Vec<u8> = (0..64 * 64).map(|i| ((i % 64) * 3) as u8).collect();
        let measure = |pixels: &[u8]| {
            sharpness(Luma::new(pixels, 64, 64, 64).expect("covers the picture"), &Rect::FULL)
        };
        assert!(measure(&crisp) > 2.0 * measure(&soft));
        let luma = Luma::new(&crisp, 64, 64, 64).expect("covers the picture");
        assert_eq!(sharpness(luma, &Rect { x: 2.0, y: 2.0, w: 1.0, h: 1.0 }), 0.0);
    }
}
