//! 'Not this person', and the faces of visits as samples: what people say of a decision afterwards.

use hearth_auth::{HouseGrant, ask};
use hearth_eyes::{FacesIn, SeenFace};
use hearth_face::Template;
use hearth_model::{CameraId, EventId, FaultKind, PersonId, SampleId, VisitId};

use super::{
    gathering::{Best, Decision},
    no_visit,
};
use crate::{
    Hub,
    error::{Result, UseCaseError},
    house::House,
    people::{SampleDocument, SampleSource},
};

/// What became of 'not this person'.
#[derive(Clone, Copy, Debug, serde::Serialize, utoipa::ToSchema)]
pub struct RejectedFace {
    /// What was remembered, to take it back; absent if the face's description is gone already.
    pub rejection: Option<SampleId>,
    /// Whose face it is not.
    pub person: PersonId,
}

impl Hub {
    /// 'Not this person': the visit is corrected, and the face is remembered as somebody else's.
    ///
    /// # Errors
    /// `not_found`, `not_known` for a face that is nobody's.
    pub async fn reject_face(
        &self,
        grant: &HouseGrant<ask::ManagePeople>,
        id: VisitId,
        index: usize,
    ) -> Result<RejectedFace> {
        let house = self.house();
        let mut desk = house.visits.desk().await;
        let stored = house.seen_visit(grant.principal(), id).await?;
        let mut document = house.document_of(&stored)?;
        let face = document.faces.get_mut(index).ok_or_else(|| UseCaseError::not_found("face"))?;
        let Some(person) = face.person.take() else {
            let text = "This face was not taken for anybody.";
            return Err(UseCaseError::new(FaultKind::Conflict, "not_known", text));
        };
        face.decision = Decision::Unknown;
        let picture = face.picture;
        let camera = stored.camera;
        let gathered = desk.gathering_of(id).and_then(|found| found.faces.get_mut(index));
        let template = gathered.and_then(|gathered| {
            gathered.rejected.push(person);
            gathered.best().map(|(_, best)| best.template.clone())
        });
        house.put_changed_visit(stored, &document).await?;
        // Looking at the kept picture may take seconds, and doors must not wait.
        drop(desk);
        let template = match template {
            Some(template) => Some(template),
            None => house.template_of(camera, picture).await,
        };
        let Some(template) = template else { return Ok(RejectedFace { rejection: None, person }) };
        let _changing = house.people.changing().await;
        let Some(known) = house.people.get(person) else {
            return Ok(RejectedFace { rejection: None, person });
        };
        let document = SampleDocument {
            source: SampleSource::Visit,
            quality: 0.0,
            picture: false,
            visit: Some((id, index)),
        };
        let kept = house.keep_sample(known, document, &template, None, true).await?;
        Ok(RejectedFace { rejection: Some(kept.id), person })
    }
}

impl House {
    /// The face is the person's after all, as it was said before somebody corrected it.
    pub(crate) async fn take_back_rejection(
        &self,
        visit: VisitId,
        index: usize,
        person: PersonId,
    ) -> Result<()> {
        let mut desk = self.visits.desk().await;
        let gathered = desk.gathering_of(visit).and_then(|found| found.faces.get_mut(index));
        if let Some(face) = gathered {
            face.rejected.retain(|rejected| *rejected != person);
        }
        // The visit may be gone by now.
        let Ok(stored) = self.store.visit(visit).await else { return Ok(()) };
        let mut document = self.document_of(&stored)?;
        let Some(face) = document.faces.get_mut(index) else { return Ok(()) };
        if face.person.is_none() {
            (face.decision, face.person) = (Decision::Known, Some(person));
            self.put_changed_visit(stored, &document).await?;
        }
        Ok(())
    }

    /// The face of a visit, to make a sample of it: as it is remembered, or from its kept picture.
    pub(crate) async fn visit_face(&self, id: VisitId, index: usize) -> Result<Vec<SeenFace>> {
        let gone = || {
            let text = "The picture of this face is not kept, and the face is forgotten by now.";
            UseCaseError::new(FaultKind::Conflict, "no_picture", text)
        };
        if let Some((quality, best)) = self
            .visits
            .desk()
            .await
            .gathering_of(id)
            .and_then(|gathering| gathering.faces.get(index)?.best().cloned())
        {
            let whole = hearth_model::Rect { x: 0.0, y: 0.0, w: 1.0, h: 1.0 };
            let Best { template, picture } = best;
            return Ok(vec![SeenFace { area: whole, quality, template, picture }]);
        }
        let stored = self.store.visit(id).await.map_err(|_| no_visit())?;
        let document = self.document_of(&stored)?;
        let picture = document.faces.get(index).and_then(|face| face.picture).ok_or_else(gone)?;
        let jpeg = self.read_visit_picture(stored.camera, picture).await.map_err(|_| gone())?;
        self.faces_in(FacesIn::Photo(jpeg)).await
    }

    async fn template_of(&self, camera: CameraId, picture: Option<EventId>) -> Option<Template> {
        let jpeg = self.read_visit_picture(camera, picture?).await.ok()?;
        let faces = self.faces_in(FacesIn::Photo(jpeg)).await.ok()?;
        faces.into_iter().next().map(|face| face.template)
    }
}
