//! A walking figure with joints.
//!
//! Pure. The body is described in its own units: the foot point is the origin, y points up, the
//! height is 1. Proportions follow the canon of seven and a half heads.

use super::{
    brush::{Finish, Part},
    color::Rgb,
    noise::hash,
    shape::{Shape, Xy},
};

/// From where one sees somebody.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum View {
    /// From the side, walking to the left (-1) or right (1).
    Side(f32),
    /// From the front.
    Front,
    /// From behind.
    Back,
}

/// Somebody at one moment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Person {
    /// Foot point in pixels.
    pub(crate) foot: Xy,
    /// Height in pixels.
    pub(crate) height: f32,
    /// From where one sees them.
    pub(crate) view: View,
    /// Progress of their steps in radians, a full circle for two steps; `None` while standing.
    pub(crate) stride: Option<f32>,
    /// Chooses colours.
    pub(crate) look: u32,
}

/// Below this height in pixels a face is a few pixels, and details only cost time.
const FACE_HEIGHT_MIN: f32 = 130.0;

const SKIN: [u32; 5] = [0xE8B794, 0xC98F68, 0x8D5B3C, 0xF0C8A8, 0x6B432C];
const HAIR: [u32; 5] = [0x2A1D14, 0x5B3A20, 0x14110F, 0x9A7440, 0x6E6A66];
const TOP: [u32; 7] = [0x2F5D8C, 0x9C2F2F, 0x3D6B45, 0xC9A13B, 0x5B4A78, 0xD8D5CC, 0x37424A];
const LEGS: [u32; 5] = [0x26324A, 0x3B3A38, 0x5A4B3A, 0x1F1F24, 0x6D7680];
const SHOES: [u32; 4] = [0x1B1815, 0x4A3524, 0xE4E1DA, 0x30343A];

struct Wardrobe {
    skin: Rgb,
    hair: Rgb,
    top: Rgb,
    legs: Rgb,
    shoes: Rgb,
}

impl Wardrobe {
    fn new(look: u32) -> Self {
        let pick = |salt: i32, colors: &[u32]| {
            let place = hash(u64::from(look), salt, 0) as usize % colors.len();
            Rgb::hex(colors.get(place).copied().unwrap_or_default())
        };
        Self {
            skin: pick(1, &SKIN),
            hair: pick(2, &HAIR),
            top: pick(3, &TOP),
            legs: pick(4, &LEGS),
            shoes: pick(5, &SHOES),
        }
    }
}

/// Collects parts in body units.
struct Body {
    parts: Vec<Part>,
}

impl Body {
    fn add(&mut self, shape: Shape, color: Rgb, finish: Finish) {
        self.parts.push(Part { shape, color, finish });
    }

    fn limb(&mut self, a: Xy, b: Xy, ra: f32, rb: f32, color: Rgb) {
        self.add(Shape::Limb { a, b, ra, rb }, color, Finish::Cloth);
    }

    fn oval(&mut self, center: Xy, radii: Xy, color: Rgb) {
        self.add(Shape::Ellipse { center, radii }, color, Finish::Round);
    }
}

impl Person {
    /// What is painted, from back to front, in pixels.
    pub(crate) fn parts(&self) -> Vec<Part> {
        let wardrobe = Wardrobe::new(self.look);
        let mut body = Body { parts: Vec::with_capacity(32) };
        let mirror = match self.view {
            View::Side(direction) => {
                self.side(&mut body, &wardrobe);
                direction.signum()
            }
            View::Front | View::Back => {
                self.front(&mut body, &wardrobe);
                1.0
            }
        };
        let scale = (self.height * mirror, -self.height);
        for part in &mut body.parts {
            part.shape = part.shape.placed(scale, self.foot);
        }
        body.parts
    }

    /// Its shadow on the ground, in pixels, with the sun behind the left shoulder.
    pub(crate) fn shadow(&self) -> Vec<Shape> {
        let at = |up: f32, side: f32| {
            let h = self.height;
            (self.foot.0 + (side + up * 0.62) * h, self.foot.1 - (up * 0.13 - 0.004) * h)
        };
        let thick = |width: f32| width * self.height * 0.55;
        let spread = self.stride.map_or(0.03, |stride| 0.09 * stride.sin().abs() + 0.02);
        let limb = |a, b, ra, rb| Shape::Limb { a, b, ra: thick(ra), rb: thick(rb) };
        vec![
            limb(at(0.0, -spread), at(0.5, 0.0), 0.05, 0.07),
            limb(at(0.0, spread), at(0.5, 0.0), 0.05, 0.07),
            limb(at(0.5, 0.0), at(0.8, 0.0), 0.1, 0.12),
            limb(at(0.9, 0.0), at(0.95, 0.0), 0.07, 0.06),
        ]
    }

    /// Walking to the right.
    fn side(&self, body: &mut Body, wardrobe: &Wardrobe) {
        let near = leg(self.stride);
        let far = leg(self.stride.map(|stride| stride + std::f32::consts::PI));
        // The lower foot stands on the ground: hips go up and down with each step.
        let hip = 0.045 - near.ankle.1.min(far.ankle.1);
        let swing = self.stride.map_or(0.05, |stride| 0.5 * stride.sin());

        arm(body, (0.0, 0.3 + hip), swing, wardrobe, 0.72);
        far.paint(body, hip, wardrobe, 0.74);
        let top = wardrobe.top;
        body.limb((0.02, 0.28 + hip), (0.0, 0.03 + hip), 0.073, 0.068, top);
        near.paint(body, hip, wardrobe, 1.0);
        // The hem of the jacket lies over the trousers.
        body.limb((0.012, 0.2 + hip), (0.0, 0.005 + hip), 0.071, 0.07, top);
        self.side_head(body, hip, wardrobe);
        arm(body, (0.015, 0.29 + hip), -swing, wardrobe, 0.95);
    }

    fn side_head(&self, body: &mut Body, hip: f32, wardrobe: &Wardrobe) {
        let Wardrobe { skin, hair, .. } = wardrobe;
        let y = 0.415 + hip;
        body.limb((0.022, y - 0.09), (0.028, y - 0.04), 0.03, 0.03, skin.lit(0.82));
        body.oval((0.022, y + 0.012), (0.056, 0.06), *hair);
        body.oval((0.034, y - 0.008), (0.046, 0.055), *skin);
        body.oval((0.079, y - 0.012), (0.012, 0.011), *skin);
        body.oval((0.012, y + 0.022), (0.05, 0.044), *hair);
        if self.height >= FACE_HEIGHT_MIN {
            body.oval((0.018, y - 0.012), (0.009, 0.014), skin.lit(0.84));
            body.add(dot((0.064, y + 0.002), 0.0055), Rgb::hex(0x2A211C), Finish::Flat);
            let lips =
                Shape::Limb { a: (0.06, y - 0.036), b: (0.073, y - 0.035), ra: 0.0035, rb: 0.0035 };
            body.add(lips, skin.lit(0.62), Finish::Flat);
        }
    }

    /// Seen from the front or from behind.
    fn front(&self, body: &mut Body, wardrobe: &Wardrobe) {
        let sway = self.stride.map_or(0.0, f32::sin);
        let lean = 0.012 * sway;
        for (side, phase) in [(-1.0, sway), (1.0, -sway)] {
            front_leg(body, side, phase.max(0.0), lean, wardrobe);
        }
        for (side, phase) in [(-1.0, -sway), (1.0, sway)] {
            front_arm(body, side, phase, lean, wardrobe);
        }
        let torso = Shape::Convex {
            corners: vec![
                (lean - 0.07, 0.53),
                (lean + 0.07, 0.53),
                (lean + 0.08, 0.79),
                (lean - 0.08, 0.79),
            ],
            rounding: 0.034,
        };
        body.add(torso, wardrobe.top, Finish::Cloth);
        if self.height >= FACE_HEIGHT_MIN && self.view == View::Front {
            let zip = Shape::Limb { a: (lean, 0.8), b: (lean, 0.52), ra: 0.004, rb: 0.004 };
            body.add(zip, wardrobe.top.lit(0.55), Finish::Flat);
        }
        self.front_head(body, lean, wardrobe);
    }

    fn front_head(&self, body: &mut Body, lean: f32, wardrobe: &Wardrobe) {
        let Wardrobe { skin, hair, .. } = *wardrobe;
        body.limb((lean, 0.82), (lean, 0.87), 0.034, 0.03, skin.lit(0.78));
        body.oval((lean, 0.938), (0.053, 0.061), hair);
        if self.view == View::Back {
            body.oval((lean, 0.9), (0.047, 0.036), hair.lit(0.9));
            return;
        }
        for side in [-1.0, 1.0] {
            body.oval((lean + side * 0.047, 0.915), (0.01, 0.017), skin.lit(0.85));
        }
        body.oval((lean, 0.915), (0.045, 0.057), skin);
        body.oval((lean - 0.008, 0.965), (0.044, 0.022), hair);
        if self.height < FACE_HEIGHT_MIN {
            return;
        }
        let dark = Rgb::hex(0x2A211C);
        for side in [-1.0_f32, 1.0] {
            let x = lean + side * 0.018;
            let brow = Shape::Limb {
                a: (x - 0.009, 0.9385),
                b: (x + 0.009, 0.9385),
                ra: 0.0026,
                rb: 0.0026,
            };
            body.add(brow, hair.lit(0.9), Finish::Flat);
            let white = Shape::Ellipse { center: (x, 0.925), radii: (0.0085, 0.0048) };
            body.add(white, Rgb::hex(0xEFEAE4), Finish::Flat);
            body.add(dot((x, 0.925), 0.0042), dark, Finish::Flat);
        }
        let nose = Shape::Limb { a: (lean, 0.922), b: (lean + 0.002, 0.902), ra: 0.004, rb: 0.007 };
        body.add(nose, skin.lit(0.88), Finish::Flat);
        let mouth = Shape::Limb {
            a: (lean - 0.013, 0.882),
            b: (lean + 0.013, 0.882),
            ra: 0.0036,
            rb: 0.0036,
        };
        body.add(mouth, Rgb(skin.0 * 0.72, skin.1 * 0.5, skin.2 * 0.5), Finish::Flat);
    }
}

/// A leg seen from the side; positions relative to the hip.
struct Leg {
    knee: Xy,
    ankle: Xy,
    toe: Xy,
}

const THIGH: f32 = 0.235;
const SHIN: f32 = 0.235;

fn leg(stride: Option<f32>) -> Leg {
    let (thigh, bend) = match stride {
        // The leg that swings forward bends its knee, the one that carries does not.
        Some(stride) => (0.44 * stride.sin() + 0.04, 0.1 + 0.85 * stride.cos().max(0.0)),
        None => (0.02, 0.03),
    };
    let knee = (THIGH * thigh.sin(), -THIGH * thigh.cos());
    let shin = thigh - bend;
    let ankle = (knee.0 + SHIN * shin.sin(), knee.1 - SHIN * shin.cos());
    let pitch = 0.55 * shin.min(0.0) - 0.05;
    let toe = (ankle.0 + 0.085 * pitch.cos(), ankle.1 + 0.085 * pitch.sin() - 0.012);
    Leg { knee, ankle, toe }
}

impl Leg {
    fn paint(&self, body: &mut Body, hip: f32, wardrobe: &Wardrobe, light: f32) {
        // The hip joint, not the foot, is the origin of a leg.
        let at = |p: Xy| (p.0, p.1 + hip);
        let heel = (self.ankle.0 - 0.012, self.ankle.1 - 0.02);
        body.limb(at(heel), at(self.toe), 0.024, 0.018, wardrobe.shoes.lit(light));
        let legs = wardrobe.legs.lit(light);
        body.limb(at(self.knee), at(self.ankle), 0.045, 0.03, legs);
        body.limb(at((0.0, 0.0)), at(self.knee), 0.066, 0.047, legs);
    }
}

fn arm(body: &mut Body, shoulder: Xy, swing: f32, wardrobe: &Wardrobe, light: f32) {
    let elbow = (shoulder.0 + 0.155 * swing.sin(), shoulder.1 - 0.155 * swing.cos());
    let lower = swing + 0.22 + 0.25 * swing.max(0.0);
    let hand = (elbow.0 + 0.145 * lower.sin(), elbow.1 - 0.145 * lower.cos());
    let top = wardrobe.top.lit(light);
    body.oval((hand.0, hand.1 - 0.015), (0.021, 0.027), wardrobe.skin.lit(light));
    body.limb(elbow, hand, 0.031, 0.024, top);
    body.limb(shoulder, elbow, 0.041, 0.033, top);
}

fn front_leg(body: &mut Body, side: f32, lift: f32, lean: f32, wardrobe: &Wardrobe) {
    let hip = (side * 0.047 + lean, 0.51);
    let knee = (side * 0.053, 0.275 + 0.03 * lift);
    let ankle = (side * 0.05, 0.055 + 0.075 * lift);
    let light = 1.0 - 0.22 * lift;
    body.oval((ankle.0 + side * 0.006, ankle.1 - 0.028), (0.03, 0.027), wardrobe.shoes.lit(light));
    let legs = wardrobe.legs.lit(light);
    body.limb(knee, ankle, 0.044, 0.032, legs);
    body.limb(hip, knee, 0.062, 0.046, wardrobe.legs);
}

fn front_arm(body: &mut Body, side: f32, swing: f32, lean: f32, wardrobe: &Wardrobe) {
    let shoulder = (side * 0.107 + lean, 0.785);
    let elbow = (side * 0.137 + lean, 0.645 + 0.01 * swing);
    let hand = (side * 0.135 + lean, 0.505 + 0.04 * swing);
    let top = wardrobe.top.lit(0.93);
    body.oval((hand.0, hand.1 - 0.018), (0.021, 0.028), wardrobe.skin);
    body.limb(elbow, hand, 0.032, 0.026, top);
    body.limb(shoulder, elbow, 0.038, 0.034, top);
}

fn dot(center: Xy, radius: f32) -> Shape {
    Shape::Ellipse { center, radii: (radius, radius) }
}
