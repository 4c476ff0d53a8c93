//! Makes people in a picture unrecognisable.

use hearth_model::Rect;

use super::picture::Picture;

/// Room around what is hidden, on each side, as a fraction of its size: a head is larger than a
/// face.
const BORDER: f32 = 0.35;

/// Blocks across what is hidden: of a face in 4 x 4 blocks nothing can be told.
const BLOCKS: usize = 4;

/// Replaces an area by few blocks of its mean colours; what was there is gone, not covered.
pub(crate) fn hide(picture: &mut Picture, area: &Rect) {
    let grown = area.grown(BORDER);
    let size = (picture.width, picture.height);
    let colour_size = picture.colour_size();
    let [luma, cb, cr] = &mut picture.planes;
    hide_plane(luma, size, &grown);
    hide_plane(cb, colour_size, &grown);
    hide_plane(cr, colour_size, &grown);
}

fn hide_plane(plane: &mut [u8], (width, height): (usize, usize), area: &Rect) {
    let range = |start: f32, length: f32, size: usize| {
        let from = ((start * size as f32) as usize).min(size);
        from..(((start + length) * size as f32).ceil() as usize).clamp(from, size)
    };
    let (columns, lines) = (range(area.x, area.w, width), range(area.y, area.h, height));
    let step = |length: usize| length.div_ceil(BLOCKS).max(1);
    let (block_width, block_height) = (step(columns.len()), step(lines.len()));
    for top in lines.clone().step_by(block_height) {
        for left in columns.clone().step_by(block_width) {
            let rows = top..(top + block_height).min(lines.end);
            let across = left..(left + block_width).min(columns.end);
            let samples = rows.clone().flat_map(|y| across.clone().map(move |x| y * width + x));
            let count = (rows.len() * across.len()).max(1) as u64;
            let sum: u64 = samples.clone().map(|at| u64::from(plane[at])).sum();
            let mean = u8::try_from(sum / count).unwrap_or(u8::MAX);
            samples.for_each(|at| plane[at] = mean);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use hearth_media::MediaTime;

    use super::*;

    #[test]
    fn of_what_is_hidden_few_values_are_left_and_the_rest_stays() {
        let luma: Vec<u8> = (0..100 * 80).map(|at| (at * 7 % 251) as u8).collect();
        let colour = vec![128; 50 * 40];
        let before =
            Picture::new(MediaTime::default(), (100, 80), true, [luma, colour.clone(), colour]);
        let before = before.expect("planes cover it");
        let mut after = before.clone();
        hide(&mut after, &Rect { x: 0.4, y: 0.4, w: 0.2, h: 0.2 });
        let luma = &after.planes[0];
        let inside = (32..48).flat_map(|y| (40..60).map(move |x| luma[y * 100 + x]));
        assert!(inside.collect::<BTreeSet<_>>().len() <= BLOCKS * BLOCKS);
        assert_eq!(before.planes[0][..20 * 100], after.planes[0][..20 * 100]);
    }

    #[test]
    fn areas_at_and_beyond_the_edge_do_no_harm() {
        let planes = [vec![9; 33 * 17], vec![9; 17 * 9], vec![9; 17 * 9]];
        let mut picture = Picture::new(MediaTime::default(), (33, 17), true, planes).expect("fits");
        for area in [
            Rect { x: 0.9, y: 0.9, w: 0.5, h: 0.5 },
            Rect { x: 0.0, y: 0.0, w: 1.0, h: 1.0 },
            Rect { x: 0.5, y: 0.5, w: 0.0, h: 0.0 },
        ] {
            hide(&mut picture, &area);
        }
        assert_eq!(picture.planes[0], vec![9; 33 * 17]);
    }
}
