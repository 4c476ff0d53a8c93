//! Pooling without padding.

use super::{Map, Padding, extent};

/// The largest value of each window, a channel at a time.
pub(crate) fn max_pool(map: &Map, kernel: usize, stride: usize) -> Map {
    pool(map, kernel, stride, |kept, value| kept.max(value))
}

/// The mean of each window, a channel at a time.
pub(crate) fn average_pool(map: &Map, kernel: usize, stride: usize) -> Map {
    let mut sums = pool(map, kernel, stride, |sum, value| sum + value);
    let count = (kernel * kernel) as f32;
    sums.values.iter_mut().for_each(|sum| *sum /= count);
    sums
}

fn pool(map: &Map, kernel: usize, stride: usize, join: impl Fn(f32, f32) -> f32) -> Map {
    let (height, _) = extent(map.height, kernel, stride, Padding::Valid);
    let (width, _) = extent(map.width, kernel, stride, Padding::Valid);
    let mut out = Map::zeros(height, width, map.channels);
    if map.channels == 0 {
        return out;
    }
    for (place, kept) in out.values.chunks_exact_mut(map.channels).enumerate() {
        let (top, left) = (place / width * stride, place % width * stride);
        kept.copy_from_slice(map.at(top, left));
        for tap in 1..kernel * kernel {
            let values = map.at(top + tap / kernel, left + tap % kernel);
            for (kept, value) in kept.iter_mut().zip(values) {
                *kept = join(*kept, *value);
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_overlap_and_stay_inside() {
        let values = (0..25).map(|i| i as f32).collect();
        let map = Map { height: 5, width: 5, channels: 1, values };
        assert_eq!(max_pool(&map, 3, 2).values, [12.0, 14.0, 22.0, 24.0]);
        assert_eq!(average_pool(&map, 2, 2).values, [3.0, 5.0, 13.0, 15.0]);
        assert_eq!(average_pool(&Map::zeros(1, 1, 4), 2, 2).values.len(), 0);
    }
}
