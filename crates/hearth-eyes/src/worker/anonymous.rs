//! Pictures that people look at to correct the detector, with nobody to be recognised in them.
//!
//! Everything happens before the picture leaves the worker: faces and heads are replaced by few
//! blocks of their mean colours in full size, and only then is it made smaller. Where it cannot be
//! said who is to be hidden, there is no picture (promises D-06, D-33).

use hearth_model::{Label, Rect};
use hearth_vision::{Detection, PixelRegion, coco_label};

use super::{
    detector::Detector, faces::Faces, hide::hide, jpeg, picture::Picture, pipe::Shared, still,
};
use crate::{
    AnonymousStill, Eyes, Jpeg, SeenThing,
    wire::{AnonymousRequest, FacesFault, StillFault},
};

/// Whoever may be a person is hidden, also where the detector is far from sure.
const PERSON_SCORE_MIN: f32 = 0.15;

/// What is told, so that somebody corrects it instead of drawing every box.
const THING_SCORE_MIN: f32 = 0.3;

/// People in one picture; where there are more, nobody can say that all are hidden.
const PEOPLE_MAX: usize = 64;

/// The head of somebody who stands: of seven to eight heads one, with hair, hat and a bent knee.
const HEAD_OF_HEIGHT: f32 = 0.25;

/// Somebody close up, or who sits or bends down, is hardly higher than wide, and a head is about half
/// as wide as shoulders.
const HEAD_OF_WIDTH: f32 = 0.6;

/// The picture of a request, and what is in it. `tick` is called now and then.
pub(crate) fn make(
    request: &AnonymousRequest,
    shared: &Shared,
    mut tick: impl FnMut(),
) -> Result<AnonymousStill, FacesFault> {
    let faces = shared.faces.as_ref().and_then(Option::as_ref).ok_or(FacesFault::NoModel)?;
    let detector = shared.detector.as_ref().ok_or(FacesFault::NoObjectModel)?;
    let mut picture = still::last_of(&request.group, &mut tick).map_err(FacesFault::Still)?;
    tick();
    let found = look(detector, &picture, &request.people, &mut tick);
    let people = people_of(&found, &request.people)?;
    hide_people(&mut picture, faces, &people, tick)?;
    let damaged = || FacesFault::Still(StillFault::Damaged);
    let small = jpeg::shrunk(&picture, usize::from(request.width_max));
    let size = u16::try_from(small.width).ok().zip(u16::try_from(small.height).ok());
    let (width, height) = size.ok_or_else(damaged)?;
    let bytes = jpeg::encode(&small).ok_or_else(damaged)?;
    let jpeg = Jpeg { bytes, width, height, at: small.pts };
    Ok(AnonymousStill { jpeg, things: things(&found) })
}

/// What the detector sees in the whole picture, and close up where people are known to be.
fn look(
    detector: &Detector,
    picture: &Picture,
    people: &[Rect],
    mut tick: impl FnMut(),
) -> Vec<Detection> {
    let whole = PixelRegion::whole(picture.width, picture.height);
    let mut found = detector.detect(picture, whole, PERSON_SCORE_MIN);
    for area in people {
        tick();
        let region = pixels_of(&area.grown(1.0), picture);
        found.extend(detector.detect(picture, region, PERSON_SCORE_MIN));
    }
    hearth_vision::suppress_overlaps(found, 0.6)
}

/// Everybody: those who were known before, and those who are seen.
fn people_of(found: &[Detection], known: &[Rect]) -> Result<Vec<Rect>, FacesFault> {
    let seen = found.iter().filter(|one| is_person(one)).map(|one| one.area);
    let people: Vec<Rect> = known.iter().copied().chain(seen).collect();
    if people.len() > PEOPLE_MAX { Err(FacesFault::TooMany) } else { Ok(people) }
}

/// Hides faces wherever they are, and the heads of these people.
fn hide_people(
    picture: &mut Picture,
    faces: &Faces,
    people: &[Rect],
    tick: impl FnMut(),
) -> Result<(), FacesFault> {
    let places = faces.places(picture, people, tick).ok_or(FacesFault::TooMany)?;
    let shape = picture.width as f32 / picture.height as f32;
    let heads = people.iter().map(|area| head_of(area, shape));
    places.into_iter().chain(heads).for_each(|area| hide(picture, &area));
    Ok(())
}

/// The part of somebody in which the head is. `shape` is the picture's width by its height.
fn head_of(person: &Rect, shape: f32) -> Rect {
    let height = (person.h * HEAD_OF_HEIGHT).max(person.w * shape * HEAD_OF_WIDTH);
    Rect { h: height.min(person.h), ..*person }
}

fn is_person(found: &Detection) -> bool {
    label_of(found).is_some_and(|label| label.as_str() == "person")
}

fn label_of(found: &Detection) -> Option<Label> {
    coco_label(found.class)
}

fn things(found: &[Detection]) -> Vec<SeenThing> {
    let told = found.iter().filter(|one| one.score >= THING_SCORE_MIN).take(Eyes::THINGS_MAX);
    let thing = |one: &Detection| {
        let (score, area) = (one.score.clamp(0.0, 1.0), one.area.clamped());
        Some(SeenThing { label: label_of(one)?, score, area })
    };
    told.filter_map(thing).collect()
}

fn pixels_of(area: &Rect, picture: &Picture) -> PixelRegion {
    let (width, height) = (picture.width as f32, picture.height as f32);
    let (left, top) = ((area.x * width) as usize, (area.y * height) as usize);
    let (left, top) = (left.min(picture.width - 1), top.min(picture.height - 1));
    PixelRegion {
        left,
        top,
        width: ((area.w * width).ceil() as usize).clamp(1, picture.width - left),
        height: ((area.h * height).ceil() as usize).clamp(1, picture.height - top),
    }
}

#[cfg(test)]
mod tests {
    use hearth_media::MediaTime;

    use super::*;

    const WIDE: f32 = 16.0 / 9.0;

    #[test]
    fn of_who_stands_the_upper_quarter_is_the_head_and_of_who_is_close_up_more() {
        let standing = Rect { x: 0.4, y: 0.2, w: 0.1, h: 0.6 };
        let head = head_of(&standing, WIDE);
        assert_eq!((head.x, head.y, head.w), (0.4, 0.2, 0.1));
        assert!((head.h - 0.15).abs() < 1e-6, "{head:?}");
        let close = head_of(&Rect { x: 0.3, y: 0.3, w: 0.4, h: 0.7 }, WIDE);
        assert!((close.h - 0.4 * WIDE * HEAD_OF_WIDTH).abs() < 1e-6, "{close:?}");
        let lying = head_of(&Rect { x: 0.1, y: 0.8, w: 0.6, h: 0.15 }, WIDE);
        assert_eq!(lying.h, 0.15, "all of somebody who lies");
    }

    #[test]
    fn people_who_are_known_and_who_are_seen_are_all_counted() {
        let area = Rect { x: 0.1, y: 0.1, w: 0.1, h: 0.3 };
        let seen = |class| Detection { class, score: 0.2, area };
        let people = people_of(&[seen(0), seen(2), seen(0)], &[area]).expect("few");
        assert_eq!(people.len(), 3, "a car is nobody");
        let crowd: Vec<_> = (0..=PEOPLE_MAX).map(|_| seen(0)).collect();
        assert_eq!(people_of(&crowd, &[]), Err(FacesFault::TooMany));
    }

    #[test]
    fn only_what_is_likely_is_told() {
        let area = Rect { x: 0.1, y: 0.1, w: 0.1, h: 0.3 };
        let found = [(0, 0.9), (2, THING_SCORE_MIN), (16, 0.2), (200, 0.9)]
            .map(|(class, score)| Detection { class, score, area });
        let labels: Vec<_> = things(&found).into_iter().map(|thing| thing.label).collect();
        assert_eq!(labels.iter().map(Label::as_str).collect::<Vec<_>>(), ["person", "car"]);
    }

    #[test]
    fn a_region_lies_inside_the_picture_whatever_the_area() {
        let planes = [vec![9; 33 * 17], vec![9; 17 * 9], vec![9; 17 * 9]];
        let picture = Picture::new(MediaTime::default(), (33, 17), true, planes).expect("fits");
        for area in [Rect::FULL, Rect { x: 1.0, y: 1.0, w: 0.0, h: 0.0 }] {
            let region = pixels_of(&area, &picture);
            assert!(region.left + region.width <= 33 && region.top + region.height <= 17);
            assert!(region.width > 0 && region.height > 0);
        }
    }
}
