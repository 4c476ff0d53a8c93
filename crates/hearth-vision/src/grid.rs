//! A picture's brightness, averaged over a coarse grid of cells.

/// Brightness of a picture, borrowed from wherever it was decoded to.
#[derive(Clone, Copy, Debug)]
pub struct Luma<'a> {
    samples: &'a [u8],
    width: usize,
    height: usize,
    stride: usize,
}

impl<'a> Luma<'a> {
    /// Checks that the samples cover the picture; `None` if not, or if it is empty.
    pub fn new(samples: &'a [u8], width: usize, height: usize, stride: usize) -> Option<Self> {
        let needed = stride.checked_mul(height.checked_sub(1)?)?.checked_add(width)?;
        (width > 0 && stride >= width && samples.len() >= needed).then_some(Self {
            samples,
            width,
            height,
            stride,
        })
    }

    /// Width in pixels.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Height in pixels.
    pub fn height(&self) -> usize {
        self.height
    }

    /// One row of pixels; empty below the picture.
    pub fn row(&self, y: usize) -> &'a [u8] {
        if y >= self.height {
            return &[];
        }
        let start = y * self.stride;
        self.samples.get(start..start + self.width).unwrap_or(&[])
    }
}

/// How many cells a grid has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct GridSize {
    /// Cells from left to right, at least 1.
    pub columns: usize,
    /// Cells from top to bottom, at least 1.
    pub rows: usize,
}

impl GridSize {
    /// About square cells, at most `columns_max` of them in the longer direction and none smaller
    /// than a pixel.
    pub fn for_picture(width: usize, height: usize, columns_max: usize) -> Self {
        let longest = width.max(height).max(1);
        let cells = columns_max.clamp(1, longest);
        let scaled = |side: usize| (side * cells).div_ceil(longest).clamp(1, side.max(1));
        Self { columns: scaled(width), rows: scaled(height) }
    }

    /// All cells.
    pub fn cells(&self) -> usize {
        self.columns * self.rows
    }

    /// Middle of a cell as fractions of the picture.
    pub(crate) fn middle(&self, column: usize, row: usize) -> hearth_model::Point {
        hearth_model::Point {
            x: (column as f32 + 0.5) / self.columns as f32,
            y: (row as f32 + 0.5) / self.rows as f32,
        }
    }
}

/// Cell averages of one picture, row by row.
#[derive(Clone, Debug, PartialEq)]
pub struct Grid {
    size: GridSize,
    cells: Vec<f32>,
}

impl Grid {
    /// Averages a picture. Every pixel counts in exactly one cell, so fine noise cancels out.
    pub fn average(luma: Luma<'_>, size: GridSize) -> Self {
        let (columns, rows) = (size.columns.min(luma.width), size.rows.min(luma.height));
        let edges: Vec<usize> = (0..=columns).map(|c| c * luma.width / columns).collect();
        let mut sums = vec![0u32; columns];
        let mut cells = Vec::with_capacity(columns * rows);
        for row in 0..rows {
            let (top, bottom) = (row * luma.height / rows, (row + 1) * luma.height / rows);
            sums.fill(0);
            for y in top..bottom {
                let pixels = luma.row(y);
                for (sum, edge) in sums.iter_mut().zip(edges.windows(2)) {
                    let cell = pixels.get(edge[0]..edge[1]).unwrap_or(&[]);
                    *sum += cell.iter().map(|&pixel| u32::from(pixel)).sum::<u32>();
                }
            }
            let averages = sums.iter().zip(edges.windows(2)).map(|(&sum, edge)| {
                let pixels = (edge[1] - edge[0]) * (bottom - top);
                sum as f32 / pixels.max(1) as f32
            });
            cells.extend(averages);
        }
        Self { size: GridSize { columns, rows }, cells }
    }

    /// A grid of given cells; `None` if their number does not fit.
    pub fn from_cells(size: GridSize, cells: Vec<f32>) -> Option<Self> {
        (cells.len() == size.cells() && cells.iter().all(|cell| cell.is_finite()))
            .then_some(Self { size, cells })
    }

    /// How many cells.
    pub fn size(&self) -> GridSize {
        self.size
    }

    /// The averages, row by row.
    pub fn cells(&self) -> &[f32] {
        &self.cells
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_plane_shorter_than_its_picture_is_refused() {
        assert!(Luma::new(&[0; 11], 4, 3, 4).is_none());
        assert!(Luma::new(&[0; 12], 4, 3, 3).is_none());
        assert!(Luma::new(&[0; 12], 4, 0, 4).is_none());
        assert!(Luma::new(&[0; 11], 3, 3, 4).is_some());
    }

    #[test]
    fn cells_are_the_averages_of_their_pixels() {
        let pixels = [0, 2, 10, 20, 4, 6, 30, 40];
        let luma = Luma::new(&pixels, 4, 2, 4).expect("covers the picture");
        let grid = Grid::average(luma, GridSize { columns: 2, rows: 1 });
        assert_eq!(grid.cells(), [3.0, 25.0]);
    }

    proptest! {
        #[test]
        fn every_cell_lies_between_the_darkest_and_the_brightest_pixel(
            width in 1usize..70, height in 1usize..50, columns in 1usize..40, seed: u8,
        ) {
            let pixels: Vec<u8> =
                (0..width * height).map(|i| (i as u8).wrapping_mul(31) ^ seed).collect();
            let luma = Luma::new(&pixels, width, height, width).expect("covers the picture");
            let grid = Grid::average(luma, GridSize::for_picture(width, height, columns));
            let darkest = f32::from(*pixels.iter().min().expect("not empty"));
            let brightest = f32::from(*pixels.iter().max().expect("not empty"));
            prop_assert_eq!(grid.cells().len(), grid.size().cells());
            prop_assert!(grid.cells().iter().all(|c| (darkest..=brightest).contains(c)));
        }
    }
}
