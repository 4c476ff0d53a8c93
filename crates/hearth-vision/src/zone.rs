//! Areas to ignore, and areas that matter.

use hearth_model::{Polygon, Rect, Zone, ZoneId};

use crate::GridSize;

/// Cells of a grid that are to be ignored.
#[derive(Clone, Debug)]
pub struct Mask {
    size: GridSize,
    ignored: Vec<bool>,
}

impl Mask {
    /// A cell is ignored when its middle is inside one of the outlines.
    pub fn new(size: GridSize, outlines: &[Polygon]) -> Self {
        let places = (0..size.rows).flat_map(|row| (0..size.columns).map(move |col| (col, row)));
        let ignored = places
            .map(|(column, row)| {
                let middle = size.middle(column, row);
                outlines.iter().any(|outline| outline.contains(middle))
            })
            .collect();
        Self { size, ignored }
    }

    /// The grid it was made for.
    pub fn size(&self) -> GridSize {
        self.size
    }

    /// Sets the strength of ignored cells to zero and gives the share of the rest above 1.
    pub fn apply(&self, strength: &mut [f32]) -> f32 {
        let mut busy = 0usize;
        for (value, ignored) in strength.iter_mut().zip(&self.ignored) {
            if *ignored {
                *value = 0.0;
            }
            busy += usize::from(*value > 1.0);
        }
        busy as f32 / strength.len().max(1) as f32
    }

    /// Share of the box that is ignored, 0 to 1.
    pub fn share(&self, area: &Rect) -> f32 {
        let (mut inside, mut ignored) = (0usize, 0usize);
        for row in 0..self.size.rows {
            for column in 0..self.size.columns {
                let middle = self.size.middle(column, row);
                let within = (area.x..area.x + area.w).contains(&middle.x)
                    && (area.y..area.y + area.h).contains(&middle.y);
                if within {
                    inside += 1;
                    let cell = self.ignored.get(row * self.size.columns + column);
                    ignored += usize::from(cell.copied().unwrap_or(false));
                }
            }
        }
        if inside == 0 { 0.0 } else { ignored as f32 / inside as f32 }
    }
}

/// Which zones a box is in.
#[derive(Clone, Debug, Default)]
pub struct ZoneRule {
    zones: Vec<Zone>,
}

impl ZoneRule {
    /// Rules of these zones; without any the whole picture matters.
    pub fn new(zones: Vec<Zone>) -> Self {
        Self { zones }
    }

    /// Zones that hold the foot point or the centre of the box: the foot says where a person stands,
    /// the centre serves for things whose feet are hidden or outside the picture.
    pub fn zones_of(&self, area: &Rect) -> Vec<ZoneId> {
        let centre = hearth_model::Point { x: area.x + area.w / 2.0, y: area.y + area.h / 2.0 };
        let holds =
            |zone: &&Zone| zone.outline.contains(area.foot()) || zone.outline.contains(centre);
        self.zones.iter().filter(holds).map(|zone| zone.id).collect()
    }

    /// Whether something at `zones` matters.
    pub fn matters(&self, zones: &[ZoneId]) -> bool {
        self.zones.is_empty() || !zones.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use hearth_model::Point;

    use super::*;

    fn left_half() -> Polygon {
        let at = |x, y| Point { x, y };
        Polygon::new(vec![at(0.0, 0.0), at(0.5, 0.0), at(0.5, 1.0), at(0.0, 1.0)]).expect("valid")
    }

    #[test]
    fn a_mask_silences_its_cells_only() {
        let mask = Mask::new(GridSize { columns: 4, rows: 2 }, &[left_half()]);
        let mut strength = vec![5.0; 8];
        assert_eq!(mask.apply(&mut strength), 0.5);
        assert_eq!(strength, [0.0, 0.0, 5.0, 5.0, 0.0, 0.0, 5.0, 5.0]);
        assert_eq!(mask.share(&Rect { x: 0.0, y: 0.0, w: 0.5, h: 1.0 }), 1.0);
    }

    #[test]
    fn feet_or_centre_decide_about_a_zone() {
        let zone = Zone { id: ZoneId::new(), name: "drive".to_owned(), outline: left_half() };
        let rule = ZoneRule::new(vec![zone.clone()]);
        let inside = Rect { x: 0.1, y: 0.1, w: 0.2, h: 0.3 };
        let outside = Rect { x: 0.4, y: 0.1, w: 0.4, h: 0.3 };
        assert_eq!(rule.zones_of(&inside), [zone.id]);
        assert!(!rule.matters(&rule.zones_of(&outside)));
        assert!(ZoneRule::default().matters(&[]));
    }
}
