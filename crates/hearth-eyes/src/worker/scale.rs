//! Shrinks and enlarges planes of samples.

use hearth_vision::PixelRegion;

/// `region` of a plane (rows of `stride` samples) at another size: averages of the covered samples
/// when shrinking, the nearest sample when enlarging. Samples outside the plane count as 0.
pub(crate) fn scale_plane(
    plane: &[u8],
    stride: usize,
    region: PixelRegion,
    (width, height): (usize, usize),
) -> Vec<u8> {
    let columns = edges(region.left, region.width, width);
    let lines = edges(region.top, region.height, height);
    let mut sums = vec![0u32; width];
    let mut scaled = Vec::with_capacity(width * height);
    for &(top, bottom) in &lines {
        sums.fill(0);
        for y in top..bottom {
            let row = plane.get(y * stride..(y + 1) * stride).unwrap_or(&[]);
            for (sum, &(left, right)) in sums.iter_mut().zip(&columns) {
                let covered = row.get(left..right).unwrap_or(&[]);
                *sum += covered.iter().map(|&sample| u32::from(sample)).sum::<u32>();
            }
        }
        let averages = sums.iter().zip(&columns).map(|(&sum, &(left, right))| {
            let count = ((right - left) * (bottom - top)) as u32;
            u8::try_from((sum + count / 2) / count.max(1)).unwrap_or(u8::MAX)
        });
        scaled.extend(averages);
    }
    scaled
}

/// For each of `count` places the samples it covers, never empty.
fn edges(start: usize, length: usize, count: usize) -> Vec<(usize, usize)> {
    (0..count)
        .map(|place| {
            let from = place * length / count.max(1);
            let to = ((place + 1) * length / count.max(1)).max(from + 1);
            (start + from, start + to)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shrinking_averages_and_enlarging_repeats() {
        let plane = [10, 20, 30, 40, 10, 20, 30, 40];
        let whole = PixelRegion::whole(4, 2);
        assert_eq!(scale_plane(&plane, 4, whole, (2, 1)), [15, 35]);
        let corner = PixelRegion { left: 2, top: 1, width: 2, height: 1 };
        assert_eq!(scale_plane(&plane, 4, corner, (4, 1)), [30, 30, 40, 40]);
    }

    #[test]
    fn a_region_outside_the_plane_is_black_not_a_panic() {
        let region = PixelRegion { left: 90, top: 90, width: 5, height: 5 };
        assert_eq!(scale_plane(&[1, 2, 3, 4], 2, region, (2, 2)), [0; 4]);
    }
}
