//! Drawn scenes: a place, its light, and who crosses it when.
//!
//! Pure and deterministic: the same spec and frame number give the same picture, byte by byte, and
//! [`Scene::truth`] tells what moves in it. A scene is a loop: frame `frames()` is frame 0 again.
//! Not here: encoding (`reel`).

mod brush;
mod canvas;
mod car;
mod color;
mod foliage;
mod grain;
pub(crate) mod noise;
mod overlay;
mod person;
mod place;
mod portrait;
mod shape;

use std::sync::Arc;

use hearth_model::{Label, Point, Rect};

use crate::Picture;
use brush::Part;
use canvas::Canvas;
use car::Car;
use foliage::Foliage;
use grain::Grain;
use person::{Person, View};
pub(crate) use portrait::PORTRAIT_CENTRE;
pub use portrait::Portrait;
use shape::{Bounds, Shape};

/// Places that can be drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SceneKind {
    /// A street with a pavement and house fronts: people and cars from the side.
    Street,
    /// A path to a front door, seen from above it.
    FrontDoor,
    /// A lawn with a fence, a shed and a tree in the wind.
    Garden,
    /// The inside of a garage.
    Garage,
}

/// The light a scene lies in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Light {
    /// Colours and hardly any noise.
    Day,
    /// Infrared: grey, brighter in the middle, and noisy.
    Night,
}

/// Who or what crosses a scene.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// Somebody on foot.
    Person,
    /// A passenger car.
    Car,
}

/// Who comes along while a scene is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Passers {
    /// All that the scene began with, from the start of its loop.
    Usual,
    /// Nobody: only what is always there moves, such as a tree in the wind.
    Nobody,
}

/// One subject that moves on a straight line from one place to another.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Crossing {
    /// Who or what.
    pub subject: Subject,
    /// When it starts, in seconds from the start of the loop.
    pub from_seconds: f32,
    /// When it arrives, and is gone.
    pub to_seconds: f32,
    /// Where its foot point starts; may lie outside the picture.
    pub start: Point,
    /// Where its foot point ends; may lie outside the picture.
    pub end: Point,
    /// How tall it is at the start, as a fraction of the picture height.
    pub start_height: f32,
    /// How tall it is at the end.
    pub end_height: f32,
    /// Chooses colours and build.
    pub look: u32,
    /// Whose face a person has, as a place in [`SceneSpec::portraits`]; otherwise it is drawn.
    pub portrait: Option<usize>,
}

/// What a scene is made of.
#[derive(Clone, Debug, PartialEq)]
pub struct SceneSpec {
    /// The place.
    pub kind: SceneKind,
    /// The light.
    pub light: Light,
    /// Picture width in pixels, rounded up to an even number.
    pub width: usize,
    /// Picture height in pixels, rounded up to an even number.
    pub height: usize,
    /// Frames a second, at least 1.
    pub fps: u32,
    /// Length of the loop, at least 1.
    pub seconds: u32,
    /// Chooses textures, noise and, unless there are `crossings`, who comes when.
    pub seed: u64,
    /// Who crosses when; `None` leaves it to the place, an empty list means that nobody comes.
    pub crossings: Option<Vec<Crossing>>,
    /// Whether a running clock stands in the upper left corner. It shows the time in the loop.
    pub clock: bool,
    /// Photographs of faces for those who cross.
    pub portraits: Vec<Arc<Portrait>>,
}

/// What really moves in a frame.
#[derive(Clone, Debug, PartialEq)]
pub struct Mover {
    /// The place of its crossing in the script: the same in all frames of one crossing.
    pub crossing: usize,
    /// `person` or `car`.
    pub label: Label,
    /// Where it is, cut off at the picture's edge.
    pub rect: Rect,
    /// First frame of the loop in which it is in the scene.
    pub from_frame: u64,
    /// First frame of the loop in which it is gone.
    pub to_frame: u64,
}

/// Length of a loop unless told otherwise, in seconds.
const LOOP_SECONDS: u32 = 40;

impl SceneSpec {
    /// The place by day with its usual visitors, in a loop of 40 s.
    pub fn new(kind: SceneKind, width: usize, height: usize, fps: u32) -> Self {
        Self {
            kind,
            light: Light::Day,
            width,
            height,
            fps,
            seconds: LOOP_SECONDS,
            seed: 1,
            crossings: None,
            clock: false,
            portraits: Vec::new(),
        }
    }
}

/// A scene ready to be drawn.
#[derive(Debug)]
pub struct Scene {
    spec: SceneSpec,
    script: Vec<Crossing>,
    backdrop: Picture,
    foliage: Option<Foliage>,
    grain: Option<Grain>,
}

impl Scene {
    /// Draws what stands still. Takes up to some hundred milliseconds.
    pub fn new(mut spec: SceneSpec) -> Self {
        let size = Picture::new(spec.width.max(2), spec.height.max(2));
        (spec.width, spec.height) = (size.width, size.height);
        (spec.fps, spec.seconds) = (spec.fps.max(1), spec.seconds.max(1));
        let mut canvas = Canvas::new(spec.width, spec.height);
        spec.kind.paint(&mut canvas, spec.seed);
        let usual = || spec.kind.usual_crossings(spec.seconds, spec.seed);
        let foliage = spec
            .kind
            .crown()
            .map(|crown| Foliage::new(crown, spec.light, spec.seed, spec.width, spec.height));
        Self {
            script: spec.crossings.clone().unwrap_or_else(usual),
            backdrop: canvas.picture(spec.light),
            foliage,
            grain: (spec.light == Light::Night).then(|| Grain::new(spec.seed)),
            spec,
        }
    }

    /// What it is made of.
    pub fn spec(&self) -> &SceneSpec {
        &self.spec
    }

    /// How many frames the loop has.
    pub fn frames(&self) -> u64 {
        u64::from(self.spec.seconds) * u64::from(self.spec.fps)
    }

    /// Who crosses when: the whole script of the loop.
    pub fn script(&self) -> &[Crossing] {
        &self.script
    }

    /// A picture of the right size.
    pub fn picture(&self) -> Picture {
        Picture::new(self.spec.width, self.spec.height)
    }

    /// Draws a frame into a picture that is best reused; one of another size is replaced.
    pub fn draw(&self, frame: u64, picture: &mut Picture) {
        let frame = frame % self.frames();
        if (picture.width, picture.height) != (self.spec.width, self.spec.height) {
            *picture = self.picture();
        }
        picture.copy_from(&self.backdrop);
        if let Some(foliage) = &self.foliage {
            foliage.paint(picture, frame as f32 / self.frames() as f32);
        }
        // Whoever is outside throws no shadow into the picture either: truth names all that moves.
        let size = (self.spec.width as f32, self.spec.height as f32);
        let mut figures: Vec<Figure> = self
            .figures(frame)
            .map(|(_, figure)| figure)
            .filter(|figure| figure.rect(size).is_some())
            .collect();
        // Whoever stands lower in the picture is nearer.
        figures.sort_by(|a, b| a.foot_y.total_cmp(&b.foot_y));
        for figure in &figures {
            let depth = if self.spec.light == Light::Day { 0.42 } else { 0.2 };
            brush::shadow(picture, &figure.shadow, figure.softness, depth);
            brush::paint(picture, self.spec.light, &figure.parts);
            if let Some((place, centre, tall)) = figure.portrait
                && let Some(portrait) = self.spec.portraits.get(place)
            {
                portrait.paint(picture, self.spec.light, centre, tall);
            }
        }
        if let Some(grain) = &self.grain {
            grain.add(picture, frame);
        }
        self.write_overlay(frame, picture);
    }

    /// What moves in a frame. Somebody who stands and waits is still there.
    pub fn truth(&self, frame: u64) -> Vec<Mover> {
        let frame = frame % self.frames();
        let size = (self.spec.width as f32, self.spec.height as f32);
        let movers = self.figures(frame).filter_map(|(place, figure)| {
            let rect = figure.rect(size)?;
            let crossing = self.script.get(place)?;
            Some(Mover {
                crossing: place,
                label: crossing.subject.label(),
                rect,
                from_frame: self.frame_at(crossing.from_seconds),
                to_frame: self.frame_at(crossing.to_seconds),
            })
        });
        movers.collect()
    }

    /// The first frame that is not before a moment of the loop.
    fn frame_at(&self, seconds: f32) -> u64 {
        (seconds.max(0.0) * self.spec.fps as f32).ceil() as u64
    }

    fn figures(&self, frame: u64) -> impl Iterator<Item = (usize, Figure)> + '_ {
        let present = move |crossing: &Crossing| {
            (self.frame_at(crossing.from_seconds)..self.frame_at(crossing.to_seconds))
                .contains(&frame)
        };
        let seconds = frame as f32 / self.spec.fps as f32;
        let size = (self.spec.width as f32, self.spec.height as f32);
        let script = self.script.iter().enumerate();
        script
            .filter(move |(_, crossing)| present(crossing))
            .map(move |(place, crossing)| (place, crossing.figure(seconds, size)))
    }

    fn write_overlay(&self, frame: u64, picture: &mut Picture) {
        let line = overlay::line_height(picture.height);
        let mark = format!("SIMULATED  {}", self.spec.kind.title());
        let bottom = picture.height.saturating_sub(line + line / 2);
        overlay::write(picture, &mark, line / 2, bottom);
        if self.spec.clock {
            let seconds = frame / u64::from(self.spec.fps);
            let clock = format!("{:02}:{:02}", seconds / 60, seconds % 60);
            overlay::write(picture, &clock, line / 2, line / 2);
        }
    }
}

/// Somebody or something at one moment, ready to be painted.
struct Figure {
    parts: Vec<Part>,
    shadow: Vec<Shape>,
    softness: f32,
    foot_y: f32,
    /// Whose face, where, and how tall.
    portrait: Option<(usize, (f32, f32), f32)>,
}

impl Figure {
    /// The box around it in a picture of the given size, cut off at the edge; `None` outside.
    fn rect(&self, size: (f32, f32)) -> Option<Rect> {
        let Bounds(left, top, right, bottom) = brush::bounds(&self.parts)?;
        let rect = Rect {
            x: left / size.0,
            y: top / size.1,
            w: (right - left) / size.0,
            h: (bottom - top) / size.1,
        };
        Some(rect.clamped()).filter(|rect| rect.area() > 0.0)
    }
}

/// Full strides a second of somebody who walks towards the camera.
const STRIDES_PER_SECOND: f32 = 0.92;
/// Length of a full stride (two steps) in body heights.
const STRIDE_HEIGHTS: f32 = 0.86;

impl Subject {
    fn label(self) -> Label {
        let name = match self {
            Self::Person => "person",
            Self::Car => "car",
        };
        Label::new(name).expect("both names are lower-case words")
    }
}

impl Crossing {
    /// The figure at a moment of the loop, for a picture of the given size.
    fn figure(&self, seconds: f32, size: (f32, f32)) -> Figure {
        let lasts = (self.to_seconds - self.from_seconds).max(1e-3);
        let progress = ((seconds - self.from_seconds) / lasts).clamp(0.0, 1.0);
        let between = |from: f32, to: f32| noise::mix(from, to, progress);
        let height = between(self.start_height, self.end_height) * size.1;
        let foot = (
            between(self.start.x, self.end.x) * size.0,
            between(self.start.y, self.end.y) * size.1,
        );
        let softness = (height * 0.03).max(1.5);
        match self.subject {
            Subject::Person => {
                let person = self.person(foot, height, progress, size);
                let shadow = person.shadow();
                let centre = (person.foot.0, foot.1 - PORTRAIT_CENTRE * height);
                let tall = portrait::PORTRAIT_HEIGHT * height;
                let portrait = self.portrait.map(|of| (of, centre, tall));
                Figure { parts: person.parts(), shadow, softness, foot_y: foot.1, portrait }
            }
            Subject::Car => {
                let direction = if self.end.x < self.start.x { -1.0 } else { 1.0 };
                let driven = (foot.0 - self.start.x * size.0) * direction;
                let roll = -driven / (car::WHEEL_RADIUS * height.max(1.0));
                let car = Car { foot, height, direction, roll, look: self.look };
                let shadow = car.shadow();
                let parts = car.parts();
                let softness = softness * 2.0;
                Figure { parts, shadow, softness, foot_y: foot.1, portrait: None }
            }
        }
    }

    fn person(&self, foot: (f32, f32), height: f32, progress: f32, size: (f32, f32)) -> Person {
        let aside = (self.end.x - self.start.x) * size.0;
        let closer = (self.end_height - self.start_height) * size.1;
        let seconds = progress * (self.to_seconds - self.from_seconds);
        let (view, strides) = if aside.abs() > closer.abs() {
            let mean = ((self.start_height + self.end_height) / 2.0 * size.1).max(1.0);
            (View::Side(aside.signum()), progress * aside.abs() / (STRIDE_HEIGHTS * mean))
        } else {
            let view = if closer < 0.0 { View::Back } else { View::Front };
            (view, seconds * STRIDES_PER_SECOND)
        };
        let stands = aside == 0.0 && closer == 0.0;
        let stride = (!stands).then_some(strides * std::f32::consts::TAU);
        // Nobody stands quite still.
        let shift = if stands { 0.008 * height * (seconds * 2.1).sin() } else { 0.0 };
        Person { foot: (foot.0 + shift, foot.1), height, view, stride, look: self.look }
    }
}

#[cfg(test)]
mod tests;
