//! Shapes with smooth edges: everything in a scene is put together from three of them.
//!
//! Pure. A shape knows how far a point is from its edge, in the unit of its points; the painters
//! make smooth edges and round shading from that.

/// A point or a vector.
pub(crate) type Xy = (f32, f32);

/// Something that can be filled.
#[derive(Clone, Debug)]
pub(crate) enum Shape {
    /// A line with round ends, thicker at one of them: arms, legs, branches.
    Limb {
        /// One end.
        a: Xy,
        /// The other end.
        b: Xy,
        /// Radius at `a`.
        ra: f32,
        /// Radius at `b`.
        rb: f32,
    },
    /// An upright ellipse.
    Ellipse {
        /// Its middle.
        center: Xy,
        /// Its radii.
        radii: Xy,
    },
    /// A convex outline with round corners.
    Convex {
        /// Corners in the order of the clock (as seen, y points down).
        corners: Vec<Xy>,
        /// How much it grows beyond the corners.
        rounding: f32,
    },
}

/// The smallest upright box around something: left, top, right, bottom.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Bounds(pub(crate) f32, pub(crate) f32, pub(crate) f32, pub(crate) f32);

impl Bounds {
    /// Around both.
    pub(crate) fn union(self, other: Self) -> Self {
        Self(self.0.min(other.0), self.1.min(other.1), self.2.max(other.2), self.3.max(other.3))
    }
}

impl Shape {
    /// A rectangle by its left upper corner and its size.
    pub(crate) fn rect(x: f32, y: f32, w: f32, h: f32) -> Self {
        Self::polygon(&[(x, y), (x + w, y), (x + w, y + h), (x, y + h)])
    }

    /// A convex outline with sharp corners, in the order of the clock.
    pub(crate) fn polygon(corners: &[Xy]) -> Self {
        Self::Convex { corners: corners.to_vec(), rounding: 0.0 }
    }

    /// The same shape after `x * scale.0 + offset.0` and so on.
    pub(crate) fn placed(&self, scale: Xy, offset: Xy) -> Self {
        let at = |p: Xy| (p.0 * scale.0 + offset.0, p.1 * scale.1 + offset.1);
        let size = scale.1.abs();
        match self {
            Self::Limb { a, b, ra, rb } => {
                Self::Limb { a: at(*a), b: at(*b), ra: ra * size, rb: rb * size }
            }
            Self::Ellipse { center, radii } => Self::Ellipse {
                center: at(*center),
                radii: (radii.0 * scale.0.abs(), radii.1 * size),
            },
            Self::Convex { corners, rounding } => {
                let mut corners: Vec<Xy> = corners.iter().map(|corner| at(*corner)).collect();
                if (scale.0 < 0.0) != (scale.1 < 0.0) {
                    // A mirror turns the order of the clock around.
                    corners.reverse();
                }
                Self::Convex { corners, rounding: rounding * size }
            }
        }
    }

    /// The smallest box around it.
    pub(crate) fn bounds(&self) -> Bounds {
        match self {
            Self::Limb { a, b, ra, rb } => Bounds(a.0 - ra, a.1 - ra, a.0 + ra, a.1 + ra)
                .union(Bounds(b.0 - rb, b.1 - rb, b.0 + rb, b.1 + rb)),
            Self::Ellipse { center, radii } => Bounds(
                center.0 - radii.0,
                center.1 - radii.1,
                center.0 + radii.0,
                center.1 + radii.1,
            ),
            Self::Convex { corners, rounding } => corners
                .iter()
                .map(|c| Bounds(c.0 - rounding, c.1 - rounding, c.0 + rounding, c.1 + rounding))
                .reduce(Bounds::union)
                .unwrap_or(Bounds(0.0, 0.0, 0.0, 0.0)),
        }
    }

    /// How far a point is outside (positive) or inside (negative), about.
    pub(crate) fn distance(&self, x: f32, y: f32) -> f32 {
        match self {
            Self::Limb { a, b, ra, rb } => {
                let (dx, dy) = (b.0 - a.0, b.1 - a.1);
                let length2 = (dx * dx + dy * dy).max(1e-6);
                let t = (((x - a.0) * dx + (y - a.1) * dy) / length2).clamp(0.0, 1.0);
                let (px, py) = (x - a.0 - dx * t, y - a.1 - dy * t);
                (px * px + py * py).sqrt() - (ra + (rb - ra) * t)
            }
            Self::Ellipse { center, radii } => {
                let (px, py) = ((x - center.0) / radii.0, (y - center.1) / radii.1);
                ((px * px + py * py).sqrt() - 1.0) * radii.0.min(radii.1)
            }
            Self::Convex { corners, rounding } => convex_distance(corners, (x, y)) - rounding,
        }
    }

    /// Where a point lies between the left (-1) and right (1) edge, for round shading.
    pub(crate) fn across(&self, x: f32, y: f32) -> f32 {
        match self {
            Self::Limb { a, b, ra, rb } => {
                let (dx, dy) = (b.0 - a.0, b.1 - a.1);
                let length = (dx * dx + dy * dy).sqrt().max(1e-3);
                let side = ((x - a.0) * dy - (y - a.1) * dx) / length;
                let downwards = if dy < 0.0 { -1.0 } else { 1.0 };
                (side * downwards / ra.max(*rb)).clamp(-1.0, 1.0)
            }
            Self::Ellipse { center, radii } => ((x - center.0) / radii.0).clamp(-1.0, 1.0),
            Self::Convex { .. } => {
                let bounds = self.bounds();
                let half = ((bounds.2 - bounds.0) / 2.0).max(1e-3);
                ((x - bounds.0) / half - 1.0).clamp(-1.0, 1.0)
            }
        }
    }
}

/// How far a point is from a convex outline: exactly outside, so that rounded corners are round.
fn convex_distance(corners: &[Xy], point: Xy) -> f32 {
    let (mut inside, mut outside2) = (f32::NEG_INFINITY, f32::INFINITY);
    let mut from = corners.last().copied().unwrap_or((0.0, 0.0));
    for &to in corners {
        let (dx, dy) = (to.0 - from.0, to.1 - from.1);
        let (px, py) = (point.0 - from.0, point.1 - from.1);
        let length2 = (dx * dx + dy * dy).max(1e-6);
        inside = inside.max((px * dy - py * dx) / length2.sqrt());
        let along = ((px * dx + py * dy) / length2).clamp(0.0, 1.0);
        let (rx, ry) = (px - along * dx, py - along * dy);
        outside2 = outside2.min(rx * rx + ry * ry);
        from = to;
    }
    if inside > 0.0 { outside2.sqrt() } else { inside }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_is_inside_and_a_far_point_outside_of_each_shape() {
        let shapes = [
            Shape::Limb { a: (0.0, 0.0), b: (10.0, 0.0), ra: 2.0, rb: 3.0 },
            Shape::Ellipse { center: (5.0, 0.0), radii: (4.0, 2.0) },
            Shape::rect(1.0, -2.0, 8.0, 4.0),
        ];
        for shape in shapes {
            for mirrored in
                [shape.placed((1.0, 1.0), (0.0, 0.0)), shape.placed((-1.0, 1.0), (10.0, 0.0))]
            {
                assert!(mirrored.distance(5.0, 0.0) < -1.0, "{mirrored:?}");
                assert!(mirrored.distance(5.0, 30.0) > 20.0, "{mirrored:?}");
                let Bounds(left, top, right, bottom) = mirrored.bounds();
                assert!(left < 5.0 && right > 5.0 && top < 0.0 && bottom > 0.0);
            }
        }
    }
}
