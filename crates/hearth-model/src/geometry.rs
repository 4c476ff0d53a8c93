//! Places in a picture, as fractions of its width and height, so they survive a change of size.

/// Why a place is not inside the picture.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GeometryError {
    /// A coordinate outside 0 to 1, or not a number.
    #[error("a coordinate is not between 0 and 1")]
    OutsidePicture,
    /// A polygon needs at least three corners and at most [`Polygon::CORNERS_MAX`].
    #[error("a polygon has 3 to {} corners", Polygon::CORNERS_MAX)]
    CornerCount,
}

/// A point; (0, 0) is the top left corner, (1, 1) the bottom right one.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
pub struct Point {
    /// Fraction of the width.
    pub x: f32,
    /// Fraction of the height.
    pub y: f32,
}

/// A box with its top left corner and its size.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
pub struct Rect {
    /// Left edge.
    pub x: f32,
    /// Top edge.
    pub y: f32,
    /// Width.
    pub w: f32,
    /// Height.
    pub h: f32,
}

impl Rect {
    /// The whole picture.
    pub const FULL: Self = Self { x: 0.0, y: 0.0, w: 1.0, h: 1.0 };

    /// Area as a fraction of the picture.
    pub fn area(&self) -> f32 {
        self.w.max(0.0) * self.h.max(0.0)
    }

    /// The part both cover; its area is 0 if they do not touch.
    pub fn intersection(&self, other: &Self) -> Self {
        let x = self.x.max(other.x);
        let y = self.y.max(other.y);
        let right = (self.x + self.w).min(other.x + other.w);
        let bottom = (self.y + self.h).min(other.y + other.h);
        Self { x, y, w: (right - x).max(0.0), h: (bottom - y).max(0.0) }
    }

    /// The smallest box around both.
    pub fn union(&self, other: &Self) -> Self {
        let x = self.x.min(other.x);
        let y = self.y.min(other.y);
        let right = (self.x + self.w).max(other.x + other.w);
        let bottom = (self.y + self.h).max(other.y + other.h);
        Self { x, y, w: right - x, h: bottom - y }
    }

    /// Intersection over union, 0 to 1.
    pub fn iou(&self, other: &Self) -> f32 {
        let shared = self.intersection(other).area();
        let all = self.area() + other.area() - shared;
        if all > 0.0 { shared / all } else { 0.0 }
    }

    /// With room on each side, as a fraction of its size, as far as that lies inside the picture.
    pub fn grown(&self, room: f32) -> Self {
        let grown = Self {
            x: self.x - self.w * room,
            y: self.y - self.h * room,
            w: self.w * (1.0 + 2.0 * room),
            h: self.h * (1.0 + 2.0 * room),
        };
        grown.clamped()
    }

    /// The middle of the lower edge: where a standing thing touches the ground.
    pub fn foot(&self) -> Point {
        Point { x: self.x + self.w / 2.0, y: self.y + self.h }
    }

    /// The part inside the picture.
    pub fn clamped(&self) -> Self {
        self.intersection(&Self::FULL)
    }
}

/// A closed outline inside the picture.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(try_from = "Vec<Point>", into = "Vec<Point>")]
pub struct Polygon(Vec<Point>);

impl Polygon {
    /// More corners than anyone draws; keeps the point test cheap.
    pub const CORNERS_MAX: usize = 64;

    /// Checks the corners.
    pub fn new(corners: Vec<Point>) -> Result<Self, GeometryError> {
        if !(3..=Self::CORNERS_MAX).contains(&corners.len()) {
            return Err(GeometryError::CornerCount);
        }
        let inside = |value: f32| (0.0..=1.0).contains(&value);
        if corners.iter().all(|point| inside(point.x) && inside(point.y)) {
            Ok(Self(corners))
        } else {
            Err(GeometryError::OutsidePicture)
        }
    }

    /// The corners in order.
    pub fn corners(&self) -> &[Point] {
        &self.0
    }

    /// Whether the point is inside (even-odd rule).
    pub fn contains(&self, point: Point) -> bool {
        let mut inside = false;
        let mut previous = self.0[self.0.len() - 1];
        for &corner in &self.0 {
            let crosses = (corner.y > point.y) != (previous.y > point.y);
            if crosses {
                let t = (point.y - corner.y) / (previous.y - corner.y);
                if point.x < corner.x + t * (previous.x - corner.x) {
                    inside = !inside;
                }
            }
            previous = corner;
        }
        inside
    }
}

impl TryFrom<Vec<Point>> for Polygon {
    type Error = GeometryError;

    fn try_from(corners: Vec<Point>) -> Result<Self, GeometryError> {
        Self::new(corners)
    }
}

impl From<Polygon> for Vec<Point> {
    fn from(polygon: Polygon) -> Self {
        polygon.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_point_is_inside_its_triangle_only() {
        let at = |x, y| Point { x, y };
        let triangle = Polygon::new(vec![at(0.0, 0.0), at(1.0, 0.0), at(0.0, 1.0)]).expect("valid");
        assert!(triangle.contains(at(0.2, 0.2)));
        assert!(!triangle.contains(at(0.8, 0.8)));
    }

    #[test]
    fn a_corner_outside_the_picture_is_refused() {
        let far = serde_json::from_str::<Polygon>(r#"[{"x":0,"y":0},{"x":2,"y":0},{"x":0,"y":1}]"#);
        assert!(far.is_err());
        let nan = Point { x: f32::NAN, y: 0.0 };
        assert!(Polygon::new(vec![nan, nan, nan]).is_err());
    }

    #[test]
    fn equal_boxes_overlap_fully_and_far_ones_not_at_all() {
        let a = Rect { x: 0.1, y: 0.1, w: 0.2, h: 0.2 };
        let b = Rect { x: 0.5, y: 0.5, w: 0.2, h: 0.2 };
        assert!((a.iou(&a) - 1.0).abs() < 1e-6);
        assert_eq!(a.iou(&b), 0.0);
    }
}
