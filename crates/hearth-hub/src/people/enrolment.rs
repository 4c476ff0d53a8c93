//! A face becomes a sample of a person: with their consent, seen well enough, and theirs as far as
//! anybody can tell.

use bytes::Bytes;
use hearth_auth::{HouseGrant, ask};
use hearth_eyes::{EyesError, FacesIn, SeenFace};
use hearth_face::{OperatingPoint, PERSON_TEMPLATES_MAX, Template};
use hearth_model::{CameraId, FaultKind, PersonId, SampleId, VisitId, WallTime};
use hearth_store::StoredSample;

use super::{
    KnownPerson, KnownSample, OfferedFace, SampleView,
    document::{SampleDocument, SampleSource, seal_picture},
    no_consent,
};
use crate::{
    Hub,
    error::{Result, UseCaseError, sentence},
    faces::Privacy,
    house::House,
    identity::store_error,
};

/// Two views this near are of the same picture, and teach nothing.
const SAME_VIEW: f32 = 0.12;

/// Which face of a picture, if there are several.
pub type FaceChoice = Option<usize>;

/// Where a face is taken from.
#[derive(Clone, Debug)]
pub enum SampleFrom {
    /// The bytes of a photograph.
    Photo(Bytes),
    /// A camera: now, or at a time of which there is footage.
    Camera(CameraId, Option<WallTime>),
    /// A face of a visit.
    Visit(VisitId, usize),
}

/// Why a face did not become a sample.
#[derive(Clone, Debug)]
pub enum EnrolmentRefused {
    /// As any other use case fails.
    UseCase(UseCaseError),
    /// The picture is not fit; these faces were found in it.
    Picture {
        /// For programs.
        code: &'static str,
        /// For people.
        message: &'static str,
        /// To choose from.
        faces: Vec<OfferedFace>,
    },
}

impl From<UseCaseError> for EnrolmentRefused {
    fn from(error: UseCaseError) -> Self {
        Self::UseCase(error)
    }
}

impl Hub {
    /// Adds a view of a person's face.
    ///
    /// # Errors
    /// `no_consent`; `no_face`, `several_faces`, `poor_face`, `same_sample`, `someone_else` with the
    /// faces that were found.
    ///
    /// promise: V-16, D-33. Nothing is described before the person agreed.
    pub async fn add_sample(
        &self,
        _grant: &HouseGrant<ask::ManagePeople>,
        person: PersonId,
        from: SampleFrom,
        choice: FaceChoice,
    ) -> std::result::Result<SampleView, EnrolmentRefused> {
        let house = self.house();
        house.consenting(person)?;
        let (source, visit) = match &from {
            SampleFrom::Photo(_) => (SampleSource::Photo, None),
            SampleFrom::Camera(..) => (SampleSource::Camera, None),
            SampleFrom::Visit(visit, face) => (SampleSource::Visit, Some((*visit, *face))),
        };
        let faces = self.faces_of(from).await?;
        let face = chosen(&faces, choice)?;
        // Looking took its time: the person may have withdrawn meanwhile, or be gone.
        let _changing = house.people.changing().await;
        let known = house.consenting(person)?;
        house.require_useful(&known, &face.template, &faces)?;
        let keeps = house.faces.settings().privacy != Privacy::Strict;
        let picture = face.picture.as_ref().filter(|_| keeps);
        let document = SampleDocument {
            source,
            quality: face.quality.score,
            picture: picture.is_some(),
            visit,
        };
        let sample = house.keep_sample(known, document, &face.template, picture, false).await?;
        Ok(SampleView {
            id: sample.id,
            added_at: sample.added_at,
            source,
            quality: sample.document.quality,
            picture: sample.document.picture,
        })
    }

    async fn faces_of(&self, from: SampleFrom) -> Result<Vec<SeenFace>> {
        let house = self.house();
        let picture = match from {
            SampleFrom::Visit(visit, face) => return house.visit_face(visit, face).await,
            SampleFrom::Photo(file) => FacesIn::Photo(file),
            SampleFrom::Camera(camera, None) => {
                let group = self.running(camera)?.live().newest_group().await;
                let group = group.ok_or_else(crate::pictures::not_live)?;
                FacesIn::Frames(group.parameters, group.frames)
            }
            SampleFrom::Camera(camera, Some(at)) => {
                let camera = self.running(camera)?.id();
                let found = house.recorder.footage().frames_until(camera, at).await;
                let (parameters, frames, _) = found.map_err(crate::playback::footage_error)?;
                FacesIn::Frames(parameters, frames)
            }
        };
        house.faces_in(picture).await
    }
}

impl House {
    /// A person who agrees at this moment.
    fn consenting(&self, id: PersonId) -> Result<KnownPerson> {
        let known = self.known_person(id)?;
        if known.consents_at(self.clock.wall_now()) { Ok(known) } else { Err(no_consent()) }
    }

    /// The faces in a picture, described by the eyes.
    pub(crate) async fn faces_in(&self, picture: FacesIn) -> Result<Vec<SeenFace>> {
        let down =
            || UseCaseError::unavailable("eyes_down", "Faces can't be looked for at the moment.");
        let eyes = self.eyes.as_ref().ok_or_else(down)?;
        eyes.faces(picture).await.map_err(|error| match error {
            EyesError::Photo(refused) => UseCaseError::bad_input("bad_picture", sentence(&refused)),
            EyesError::Undecodable(_) | EyesError::Damaged | EyesError::NoKeyFrame => {
                UseCaseError::new(FaultKind::Device, "undecodable", format!("{error}."))
            }
            EyesError::TooLarge => UseCaseError::bad_input("bad_picture", "It is too large."),
            EyesError::NoFaceModel => UseCaseError::unavailable(
                "no_face_model",
                "This build has no face model: faces can't be recognised.",
            ),
            // The last two are said of other pictures only.
            EyesError::Busy
            | EyesError::Down
            | EyesError::Timeout
            | EyesError::NoObjectModel
            | EyesError::TooManyPeople => down(),
        })
    }

    /// Refuses a face that adds nothing, and one that is somebody else's.
    fn require_useful(
        &self,
        person: &KnownPerson,
        face: &Template,
        faces: &[SeenFace],
    ) -> std::result::Result<(), EnrolmentRefused> {
        if person.views().count() >= PERSON_TEMPLATES_MAX {
            let text = "There are as many samples as there may be. Remove one first.";
            return Err(UseCaseError::new(FaultKind::Limited, "too_many", text).into());
        }
        if person.views().any(|view| view.template.distance(face) < SAME_VIEW) {
            let text = "This is nearly the same picture as one that is there already.";
            return Err(refused("same_sample", text, faces));
        }
        let limit = OperatingPoint::DEFAULT.threshold;
        let own = nearest(person, face);
        let others = self.people.all().into_iter().filter(|other| other.id != person.id);
        if others.map(|other| nearest(&other, face)).any(|other| other < limit && other < own) {
            let text = "This face looks like somebody else who is known.";
            return Err(refused("someone_else", text, faces));
        }
        Ok(())
    }

    /// Keeps a view of a person's face, or one that is not theirs; the caller holds
    /// [`Roster::changing`](super::Roster::changing).
    pub(crate) async fn keep_sample(
        &self,
        mut person: KnownPerson,
        document: SampleDocument,
        template: &Template,
        picture: Option<&Bytes>,
        is_rejection: bool,
    ) -> Result<KnownSample> {
        let now = self.clock.wall_now();
        let sealed = document.seal(&self.vault, person.id, template)?;
        let picture = picture.map(|jpeg| seal_picture(&self.vault, person.id, jpeg)).transpose()?;
        let id = SampleId::new();
        let stored = StoredSample { id, person: person.id, is_rejection, sealed, created_at: now };
        self.store.add_face_sample(&stored, picture).await.map_err(store_error)?;
        let sample =
            KnownSample { id, is_rejection, added_at: now, document, template: template.clone() };
        person.samples.push(sample.clone());
        self.people.put(person, now);
        self.keep_snapshot().await;
        Ok(sample)
    }
}

fn nearest(person: &KnownPerson, face: &Template) -> f32 {
    person.views().map(|view| view.template.distance(face)).fold(f32::INFINITY, f32::min)
}

/// The one face that was meant.
pub(crate) fn chosen(
    faces: &[SeenFace],
    choice: FaceChoice,
) -> std::result::Result<&SeenFace, EnrolmentRefused> {
    let face = match (faces, choice) {
        ([], _) => return Err(refused("no_face", "No face was found in the picture.", faces)),
        ([face], None) => face,
        (_, None) => {
            return Err(refused("several_faces", "There are several faces: choose one.", faces));
        }
        (faces, Some(index)) => faces
            .get(index)
            .ok_or_else(|| refused("no_face", "There is no such face in the picture.", faces))?,
    };
    if face.quality.is_good() {
        Ok(face)
    } else {
        Err(refused("poor_face", "The face is not seen well enough.", faces))
    }
}

fn refused(code: &'static str, message: &'static str, faces: &[SeenFace]) -> EnrolmentRefused {
    let offered = faces.iter().enumerate().map(|(index, face)| OfferedFace {
        index,
        area: face.area,
        quality: face.quality.score,
        flaws: face.quality.flaws.clone(),
    });
    EnrolmentRefused::Picture { code, message, faces: offered.collect() }
}
