//! Fits a region of a picture into a detector's square input, and boxes back out of it.

use hearth_model::Rect;

use crate::PixelRegion;

/// How a region sits in the detector's input: scaled evenly, at the top left, the rest padded (the
/// layout YOLOX was trained with).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Letterbox {
    region: PixelRegion,
    picture: (usize, usize),
    scale: f32,
}

impl Letterbox {
    /// Fits `region` of a picture of `picture` pixels (width, height) into a square of `side`.
    pub fn new(region: PixelRegion, picture: (usize, usize), side: usize) -> Self {
        let longest = region.width.max(region.height).max(1);
        Self { region, picture, scale: side as f32 / longest as f32 }
    }

    /// Input pixels a picture pixel.
    pub fn scale(&self) -> f32 {
        self.scale
    }

    /// The region in input pixels: width and height, at least 1.
    pub fn inner(&self) -> (usize, usize) {
        let scaled = |side: usize| ((side as f32 * self.scale).round() as usize).max(1);
        (scaled(self.region.width), scaled(self.region.height))
    }

    /// A box given by its centre and size in input pixels, as fractions of the whole picture and
    /// clipped to it; `None` for broken numbers and for boxes outside.
    pub fn to_picture(
        &self,
        centre_x: f32,
        centre_y: f32,
        width: f32,
        height: f32,
    ) -> Option<Rect> {
        let sane = [centre_x, centre_y, width, height].iter().all(|value| value.is_finite());
        if !sane || width <= 0.0 || height <= 0.0 {
            return None;
        }
        let (columns, rows) = (self.picture.0.max(1) as f32, self.picture.1.max(1) as f32);
        let left = (centre_x - width / 2.0) / self.scale + self.region.left as f32;
        let top = (centre_y - height / 2.0) / self.scale + self.region.top as f32;
        let area = Rect {
            x: left / columns,
            y: top / rows,
            w: width / self.scale / columns,
            h: height / self.scale / rows,
        };
        let inside = area.clamped();
        (inside.area() > 0.0 && inside.area().is_finite()).then_some(inside)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_box_comes_back_where_it_was() {
        let region = PixelRegion { left: 100, top: 50, width: 400, height: 200 };
        let letterbox = Letterbox::new(region, (640, 360), 416);
        assert_eq!(letterbox.inner(), (416, 208));
        // The right lower quarter of the region.
        let area = letterbox.to_picture(312.0, 156.0, 208.0, 104.0).expect("inside");
        let truth = Rect { x: 300.0 / 640.0, y: 150.0 / 360.0, w: 200.0 / 640.0, h: 100.0 / 360.0 };
        assert!(area.iou(&truth) > 0.999, "{area:?}");
    }

    #[test]
    fn broken_boxes_and_boxes_outside_are_left_out() {
        let region = PixelRegion { left: 0, top: 0, width: 640, height: 360 };
        let letterbox = Letterbox::new(region, (640, 360), 416);
        assert_eq!(letterbox.to_picture(f32::NAN, 1.0, 1.0, 1.0), None);
        assert_eq!(letterbox.to_picture(1.0, 1.0, -1.0, 1.0), None);
        assert_eq!(letterbox.to_picture(9_000.0, 1.0, 5.0, 5.0), None);
        assert_eq!(letterbox.to_picture(1.0, 1.0, f32::INFINITY, 5.0), None);
    }
}
