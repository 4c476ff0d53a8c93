//! Letters burnt into the picture: the mark that says it is simulated, and the clock.
//!
//! Pure. A font of our own, five by seven dots, drawn for this purpose.

use crate::Picture;

/// Width of a letter with the gap after it, in dots.
const ADVANCE: usize = 6;
/// Height of a letter, in dots.
const TALL: usize = 7;

/// Rows from top to bottom, the leftmost dot in bit 4.
#[rustfmt::skip]
const FONT: [(char, [u8; TALL]); 39] = [
    ('A', [14, 17, 17, 31, 17, 17, 17]), ('B', [30, 17, 17, 30, 17, 17, 30]),
    ('C', [14, 17, 16, 16, 16, 17, 14]), ('D', [30, 17, 17, 17, 17, 17, 30]),
    ('E', [31, 16, 16, 30, 16, 16, 31]), ('F', [31, 16, 16, 30, 16, 16, 16]),
    ('G', [14, 17, 16, 23, 17, 17, 15]), ('H', [17, 17, 17, 31, 17, 17, 17]),
    ('I', [14, 4, 4, 4, 4, 4, 14]), ('J', [7, 2, 2, 2, 2, 18, 12]),
    ('K', [17, 18, 20, 24, 20, 18, 17]), ('L', [16, 16, 16, 16, 16, 16, 31]),
    ('M', [17, 27, 21, 21, 17, 17, 17]), ('N', [17, 25, 21, 19, 17, 17, 17]),
    ('O', [14, 17, 17, 17, 17, 17, 14]), ('P', [30, 17, 17, 30, 16, 16, 16]),
    ('Q', [14, 17, 17, 17, 21, 18, 13]), ('R', [30, 17, 17, 30, 20, 18, 17]),
    ('S', [15, 16, 16, 14, 1, 1, 30]), ('T', [31, 4, 4, 4, 4, 4, 4]),
    ('U', [17, 17, 17, 17, 17, 17, 14]), ('V', [17, 17, 17, 17, 17, 10, 4]),
    ('W', [17, 17, 17, 21, 21, 27, 17]), ('X', [17, 17, 10, 4, 10, 17, 17]),
    ('Y', [17, 17, 10, 4, 4, 4, 4]), ('Z', [31, 1, 2, 4, 8, 16, 31]),
    ('0', [14, 17, 19, 21, 25, 17, 14]), ('1', [4, 12, 4, 4, 4, 4, 14]),
    ('2', [14, 17, 1, 6, 8, 16, 31]), ('3', [30, 1, 1, 14, 1, 1, 30]),
    ('4', [2, 6, 10, 18, 31, 2, 2]), ('5', [31, 16, 30, 1, 1, 17, 14]),
    ('6', [6, 8, 16, 30, 17, 17, 14]), ('7', [31, 1, 2, 4, 8, 8, 8]),
    ('8', [14, 17, 17, 14, 17, 17, 14]), ('9', [14, 17, 17, 15, 1, 2, 12]),
    (':', [0, 4, 4, 0, 4, 4, 0]), ('-', [0, 0, 0, 31, 0, 0, 0]), ('.', [0, 0, 0, 0, 0, 12, 12]),
];

/// Writes white letters on a dark bar; unknown characters leave a gap. `x` and `y` are the left
/// upper corner in pixels.
pub(crate) fn write(picture: &mut Picture, text: &str, x: usize, y: usize) {
    let dot = (picture.height / 240).max(1);
    let (x, y) = (x & !1, y & !1);
    darken(picture, x, y, (text.chars().count() * ADVANCE + 3) * dot, (TALL + 4) * dot);
    for (place, letter) in text.chars().enumerate() {
        let Some((_, rows)) = FONT.iter().find(|row| row.0 == letter) else { continue };
        for (row, bits) in rows.iter().enumerate() {
            for column in (0..5).filter(|column| (bits >> (4 - column)) & 1 == 1) {
                let left = x + (place * ADVANCE + 2 + column) * dot;
                light_up(picture, left, y + (row + 2) * dot, dot);
            }
        }
    }
}

/// How high a line of text is, in pixels.
pub(crate) fn line_height(picture_height: usize) -> usize {
    (TALL + 4) * (picture_height / 240).max(1)
}

fn darken(picture: &mut Picture, x: usize, y: usize, w: usize, h: usize) {
    let (right, bottom) = ((x + w).min(picture.width), (y + h).min(picture.height));
    for row in y..bottom {
        let start = row * picture.width;
        for sample in picture.y.get_mut(start + x..start + right).unwrap_or_default() {
            *sample = 16 + (*sample).saturating_sub(16) / 3;
        }
    }
    let half = picture.width / 2;
    for row in y / 2..bottom / 2 {
        for column in x / 2..right / 2 {
            for plane in [&mut picture.u, &mut picture.v] {
                let sample = &mut plane[row * half + column];
                *sample = ((u16::from(*sample) + 128) / 2) as u8;
            }
        }
    }
}

fn light_up(picture: &mut Picture, x: usize, y: usize, dot: usize) {
    for row in y..(y + dot).min(picture.height) {
        let start = row * picture.width;
        let end = (x + dot).min(picture.width);
        picture.y.get_mut(start + x..start + end).unwrap_or_default().fill(228);
    }
}
