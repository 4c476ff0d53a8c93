//! Compares key frames with the scene they usually show.
//!
//! The guarantee behind the gate: whatever the sizes say, each key frame is decoded and looked at,
//! so a mover that stays for one key-frame interval is found.

use hearth_vision::{Background, Grid, GridSize, Luma};

/// Cells in the longer direction: 8 px at 640x360, so a mover of 1 % of the picture covers dozens.
const CELLS_MAX: usize = 80;

/// Least share of changed cells that wakes: 0.15 % is 5 of 3,600 cells, a person far away.
const SHARE_MIN: f32 = 0.0015;

/// The learned look of a camera's key frames.
#[derive(Clone, Debug)]
pub(crate) struct KeyFrames {
    background: Background,
    last_micros: Option<i64>,
}

impl Default for KeyFrames {
    fn default() -> Self {
        Self { background: Background::new(GridSize { columns: 1, rows: 1 }), last_micros: None }
    }
}

impl KeyFrames {
    /// Looks at a key frame; whether it differs enough to wake. `factor` raises the threshold;
    /// `ignored` tells which places do not count.
    pub(crate) fn differs(
        &mut self,
        luma: Luma<'_>,
        micros: i64,
        factor: f32,
        ignored: impl Fn(f32, f32) -> bool,
    ) -> bool {
        let size = GridSize::for_picture(luma.width(), luma.height(), CELLS_MAX);
        let grid = Grid::average(luma, size);
        let elapsed = self.last_micros.map_or(0, |last| micros.saturating_sub(last).max(0));
        self.last_micros = Some(micros);
        let change = self.background.observe(&grid, elapsed as f32 / 1e6);
        let columns = grid.size().columns;
        let counts = |(cell, strength): &(usize, &f32)| {
            let x = ((cell % columns) as f32 + 0.5) / columns as f32;
            let y = ((cell / columns) as f32 + 0.5) / grid.size().rows as f32;
            **strength > factor && !ignored(x, y)
        };
        let changed = change.strength.iter().enumerate().filter(counts).count();
        // A scene that changed as a whole is worth a look too: somebody may have lit a lamp.
        change.scene_changed
            || changed as f32 > SHARE_MIN * factor * change.strength.len().max(1) as f32
    }
}
