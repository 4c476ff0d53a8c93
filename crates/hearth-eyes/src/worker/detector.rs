//! Runs the object model.

use hearth_vision::{Detection, Letterbox, PixelRegion, YoloxHead};
use rten::{Model, ThreadPool};
use rten_tensor::{AsView, Layout, NdTensor};

use super::{colour::Spread, picture::Picture, scale::scale_plane};

/// Input of the model that comes with Hearthwatch: YOLOX-nano, 416 x 416, COCO.
const HEAD: YoloxHead = YoloxHead::new(416, 80);

/// Grey of the padding YOLOX was trained with.
const PADDING: f32 = 114.0;

/// Why a model is of no use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ModelRefused;

/// A loaded object model.
pub(crate) struct Detector {
    model: Model,
}

impl Detector {
    /// Starts the one thread that inference runs on; to be called before threads are forbidden.
    pub(crate) fn prepare() -> &'static ThreadPool {
        let pool = rten::thread_pool();
        pool.run(|| ());
        pool
    }

    /// Loads a model and tries it once on a grey picture.
    pub(crate) fn load(bytes: Vec<u8>) -> Result<Self, ModelRefused> {
        // On the pool's thread: elsewhere rayon would want threads of its own.
        let model = Self::prepare().run(|| Model::load(bytes)).map_err(|_| ModelRefused)?;
        let detector = Self { model };
        let letterbox = Letterbox::new(PixelRegion::whole(416, 416), (416, 416), HEAD.side());
        let grey = vec![PADDING; 3 * HEAD.side() * HEAD.side()];
        detector.run(grey, &letterbox, 1.0).map(|_| detector).ok_or(ModelRefused)
    }

    /// Things in a region of a picture with at least `score_min`, best first. Empty if the model
    /// fails.
    pub(crate) fn detect(
        &self,
        picture: &Picture,
        region: PixelRegion,
        score_min: f32,
    ) -> Vec<Detection> {
        let letterbox = Letterbox::new(region, (picture.width, picture.height), HEAD.side());
        let input = input_of(picture, region, &letterbox);
        self.run(input, &letterbox, score_min).unwrap_or_default()
    }

    fn run(
        &self,
        input: Vec<f32>,
        letterbox: &Letterbox,
        score_min: f32,
    ) -> Option<Vec<Detection>> {
        let side = HEAD.side();
        let input = NdTensor::try_from_data([1, 3, side, side], input).ok()?;
        let output = Self::prepare().run(|| self.model.run_one(input.into(), None)).ok()?;
        let output: NdTensor<f32, 3> = output.try_into().ok()?;
        if output.shape() != [1, HEAD.rows(), HEAD.row_len()] {
            return None;
        }
        HEAD.decode(output.data()?, letterbox, score_min).ok()
    }
}

/// The region as three planes of blue, green and red, each from 0 to 255, padded to a square.
fn input_of(picture: &Picture, region: PixelRegion, letterbox: &Letterbox) -> Vec<f32> {
    let side = HEAD.side();
    let (width, height) = letterbox.inner();
    let (width, height) = (width.min(side), height.min(side));
    let half = |value: usize| value / 2;
    let (colour_width, _) = picture.colour_size();
    let colour_region = PixelRegion {
        left: half(region.left),
        top: half(region.top),
        width: region.width.div_ceil(2),
        height: region.height.div_ceil(2),
    };
    let [luma, cb, cr] = &picture.planes;
    let luma = scale_plane(luma, picture.width, region, (width, height));
    let cb = scale_plane(cb, colour_width, colour_region, (width, height));
    let cr = scale_plane(cr, colour_width, colour_region, (width, height));
    let mut input = vec![PADDING; 3 * side * side];
    let (blue, rest) = input.split_at_mut(side * side);
    let (green, red) = rest.split_at_mut(side * side);
    let spread = Spread::of(picture);
    for y in 0..height {
        for x in 0..width {
            let (from, to) = (y * width + x, y * side + x);
            [red[to], green[to], blue[to]] = spread.rgb([luma[from], cb[from], cr[from]]);
        }
    }
    input
}

#[cfg(test)]
mod tests {
    use hearth_media::MediaTime;

    use super::*;

    #[test]
    fn bytes_that_are_no_model_are_refused() {
        assert!(Detector::load(b"not a model".to_vec()).is_err());
        assert!(Detector::load(Vec::new()).is_err());
    }

    #[test]
    fn a_red_picture_becomes_a_red_input_with_grey_padding() {
        // Red in BT.601 with full range: Y 76, Cb 85, Cr 255.
        let planes = [vec![76; 64 * 32], vec![85; 32 * 16], vec![255; 32 * 16]];
        let picture =
            Picture::new(MediaTime::default(), (64, 32), true, planes).expect("planes cover it");
        let region = PixelRegion::whole(64, 32);
        let letterbox = Letterbox::new(region, (64, 32), HEAD.side());
        let input = input_of(&picture, region, &letterbox);
        let (plane, at) = (416 * 416, 100 * 416 + 100);
        let (blue, green, red) = (input[at], input[plane + at], input[2 * plane + at]);
        assert!(blue < 4.0 && green < 4.0 && red > 250.0, "{blue} {green} {red}");
        assert_eq!(input[415 * 416 + 5], PADDING);
    }
}
