//! Moving areas of a picture, found on its brightness alone.

use hearth_model::{Polygon, Rect};

use crate::{Background, Grid, GridSize, Luma, Mask};

/// Cells in the longer direction: 4 px at 640x360, fine enough for 0.2 % of the picture (29 cells),
/// coarse enough that sensor noise averages out.
const CELLS_MAX: usize = 160;

/// More boxes than a scene has movers; the largest are kept.
const BOXES_MAX: usize = 32;

/// An area that moves.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MotionBox {
    /// Where.
    pub area: Rect,
    /// Changed part of the picture, as a fraction of its area.
    pub changed: f32,
    /// How much of the box changed, 0 to 1.
    pub density: f32,
}

/// What one look found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MotionReport {
    /// Areas at least as large as asked for, largest first.
    pub boxes: Vec<MotionBox>,
    /// The whole scene changed; nothing can be said about this picture.
    pub scene_changed: bool,
}

/// Compares pictures of one camera with its background.
#[derive(Clone, Debug)]
pub struct Motion {
    background: Background,
    mask: Mask,
    outlines: Vec<Polygon>,
    area_min: f32,
    last: Option<i64>,
}

impl Motion {
    /// Looks everywhere but inside `masks` for changes of at least `area_min` of the picture.
    pub fn new(masks: Vec<Polygon>, area_min: f32) -> Self {
        let size = GridSize { columns: 1, rows: 1 };
        Self {
            background: Background::new(size),
            mask: Mask::new(size, &masks),
            outlines: masks,
            area_min: if area_min.is_finite() { area_min.clamp(0.0, 1.0) } else { 0.0 },
            last: None,
        }
    }

    /// Looks with other settings, keeping what was learned.
    pub fn update(&mut self, masks: Vec<Polygon>, area_min: f32) {
        let background = self.background.clone();
        let last = self.last;
        *self = Self::new(masks, area_min);
        self.mask = Mask::new(background.size(), &self.outlines);
        self.background = background;
        self.last = last;
    }

    /// The mask in use.
    pub fn mask(&self) -> &Mask {
        &self.mask
    }

    /// Compares a picture shown at `micros` and learns from it.
    pub fn look(&mut self, luma: Luma<'_>, micros: i64) -> MotionReport {
        let size = GridSize::for_picture(luma.width(), luma.height(), CELLS_MAX);
        let grid = Grid::average(luma, size);
        if self.mask.size() != grid.size() {
            self.mask = Mask::new(grid.size(), &self.outlines);
        }
        let elapsed = self.last.map_or(0, |last| micros.saturating_sub(last).max(0));
        self.last = Some(micros);
        let mut change = self.background.observe(&grid, elapsed as f32 / 1e6);
        self.mask.apply(&mut change.strength);
        let boxes = components(&change.strength, grid.size(), self.area_min);
        MotionReport { boxes, scene_changed: change.scene_changed }
    }
}

/// Boxes around connected changed cells. Cells without any changed neighbour are noise; gaps of one
/// cell are bridged, because a moving thing often has parts as bright as what is behind it.
fn components(strength: &[f32], size: GridSize, area_min: f32) -> Vec<MotionBox> {
    let changed: Vec<bool> = (0..size.cells())
        .map(|cell| strength[cell] > 1.0 && neighbours(cell, size, 1).any(|n| strength[n] > 1.0))
        .collect();
    let mut seen = vec![false; size.cells()];
    let mut boxes = Vec::new();
    let mut stack = Vec::new();
    for start in 0..size.cells() {
        if !changed[start] || seen[start] {
            continue;
        }
        let mut extent = Extent::default();
        seen[start] = true;
        stack.push(start);
        while let Some(cell) = stack.pop() {
            extent.add(cell % size.columns, cell / size.columns);
            for near in neighbours(cell, size, 2) {
                if changed[near] && !seen[near] {
                    seen[near] = true;
                    stack.push(near);
                }
            }
        }
        let found = extent.into_box(size);
        if found.changed >= area_min {
            boxes.push(found);
        }
    }
    boxes.sort_by(|a, b| b.changed.total_cmp(&a.changed));
    boxes.truncate(BOXES_MAX);
    boxes
}

/// Cells at most `reach` away in both directions, without the cell itself.
fn neighbours(cell: usize, size: GridSize, reach: usize) -> impl Iterator<Item = usize> {
    let (column, row) = (cell % size.columns, cell / size.columns);
    let columns = column.saturating_sub(reach)..=(column + reach).min(size.columns - 1);
    let rows = row.saturating_sub(reach)..=(row + reach).min(size.rows - 1);
    rows.flat_map(move |r| columns.clone().map(move |c| r * size.columns + c))
        .filter(move |&near| near != cell)
}

/// The smallest box around some cells.
struct Extent {
    left: usize,
    right: usize,
    top: usize,
    bottom: usize,
    cells: usize,
}

impl Default for Extent {
    fn default() -> Self {
        Self { left: usize::MAX, right: 0, top: usize::MAX, bottom: 0, cells: 0 }
    }
}

impl Extent {
    fn add(&mut self, column: usize, row: usize) {
        self.left = self.left.min(column);
        self.right = self.right.max(column + 1);
        self.top = self.top.min(row);
        self.bottom = self.bottom.max(row + 1);
        self.cells += 1;
    }

    fn into_box(self, size: GridSize) -> MotionBox {
        let (width, height) = (self.right - self.left, self.bottom - self.top);
        let area = Rect {
            x: self.left as f32 / size.columns as f32,
            y: self.top as f32 / size.rows as f32,
            w: width as f32 / size.columns as f32,
            h: height as f32 / size.rows as f32,
        };
        MotionBox {
            area: area.clamped(),
            changed: self.cells as f32 / size.cells() as f32,
            density: self.cells as f32 / (width * height) as f32,
        }
    }
}

#[cfg(test)]
mod tests {
    use hearth_model::Point;

    use super::*;

    const WIDTH: usize = 320;
    const HEIGHT: usize = 180;

    fn picture(mover: Option<(usize, usize, usize)>) -> Vec<u8> {
        let mut pixels: Vec<u8> = (0..WIDTH * HEIGHT).map(|i| 80 + (i * 7 % 13) as u8).collect();
        if let Some((left, top, side)) = mover {
            for y in top..(top + side).min(HEIGHT) {
                for x in left..(left + side).min(WIDTH) {
                    pixels[y * WIDTH + x] = 200;
                }
            }
        }
        pixels
    }

    fn look(motion: &mut Motion, pixels: &[u8], step: i64) -> MotionReport {
        let luma = Luma::new(pixels, WIDTH, HEIGHT, WIDTH).expect("covers the picture");
        motion.look(luma, step * 200_000)
    }

    fn quiet(motion: &mut Motion) {
        for step in 0..20 {
            assert!(look(motion, &picture(None), step).boxes.is_empty());
        }
    }

    #[test]
    fn a_mover_is_boxed_where_it_is() {
        let mut motion = Motion::new(Vec::new(), 0.002);
        quiet(&mut motion);
        let report = look(&mut motion, &picture(Some((100, 60, 40))), 20);
        let [found] = report.boxes[..] else { panic!("one box: {report:?}") };
        let truth = Rect { x: 100.0 / 320.0, y: 60.0 / 180.0, w: 40.0 / 320.0, h: 40.0 / 180.0 };
        assert!(found.area.iou(&truth) > 0.8, "{found:?}");
        assert!(found.density > 0.9);
    }

    #[test]
    fn a_mover_below_the_smallest_area_is_not_reported() {
        let mut motion = Motion::new(Vec::new(), 0.01);
        quiet(&mut motion);
        assert!(look(&mut motion, &picture(Some((100, 60, 12))), 20).boxes.is_empty());
    }

    #[test]
    fn nothing_moves_inside_a_mask() {
        let at = |x, y| Point { x, y };
        let left = vec![at(0.0, 0.0), at(0.5, 0.0), at(0.5, 1.0), at(0.0, 1.0)];
        let mut motion = Motion::new(vec![Polygon::new(left).expect("valid")], 0.002);
        quiet(&mut motion);
        assert!(look(&mut motion, &picture(Some((60, 60, 40))), 20).boxes.is_empty());
        assert_eq!(look(&mut motion, &picture(Some((200, 60, 40))), 21).boxes.len(), 1);
    }

    #[test]
    fn another_picture_size_is_learned_afresh() {
        let mut motion = Motion::new(Vec::new(), 0.002);
        quiet(&mut motion);
        let small = vec![10; 64 * 48];
        let luma = Luma::new(&small, 64, 48, 64).expect("covers the picture");
        assert_eq!(motion.look(luma, 5_000_000), MotionReport::default());
    }
}
