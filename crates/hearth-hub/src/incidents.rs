//! Incidents as people see and settle them, and the security summaries (promises D-29, D-30).

use std::collections::BTreeSet;

use hearth_audit::{
    Actor, DaySummary, Evidence, Incident, IncidentKind, IncidentState, Incidents, Query, Recorded,
    TimelineLine,
};
use hearth_auth::{HouseGrant, Principal, ask};
use hearth_model::{CameraId, EventBody, FaultKind, IncidentId, Severity, WallTime};

use crate::{
    Hub,
    audit::{actor, incident_error},
    error::{Result, UseCaseError},
    watchtower::{local, summarize},
};

/// Lines of the audit log in an export.
const EXPORT_LINES_MAX: usize = 1_000;

/// How far around an incident its export reaches.
const EXPORT_AROUND_MICROS: i64 = 3_600_000_000;

/// An incident.
#[derive(Clone, Debug, PartialEq, serde::Serialize, utoipa::ToSchema)]
pub struct IncidentView {
    /// Its id.
    pub id: IncidentId,
    /// What kind of thing.
    pub kind: IncidentKind,
    /// What it is about, e.g. `address 192.0.2.7`.
    pub subject: String,
    /// In one line.
    pub title: String,
    /// How bad by now.
    pub severity: Severity,
    /// Where it stands.
    pub state: IncidentState,
    /// When it was found first.
    pub opened_at: WallTime,
    /// When it was found last.
    pub last_at: WallTime,
    /// How often it was found.
    pub count: u64,
    /// When it is told again unless somebody acknowledges it.
    pub escalates_at: Option<WallTime>,
    /// What happened, oldest first.
    pub timeline: Vec<TimelineLine>,
    /// Whether it is about the house or about the hub.
    pub about: IncidentAbout,
    /// Cameras that noticed something of it.
    pub cameras: Vec<CameraId>,
    /// What cameras and sensors noticed, oldest first: the first and the newest of many.
    pub evidence: Vec<Evidence>,
    /// Whether several findings belong to it.
    pub is_grouped: bool,
}

/// Which incidents are asked for.
#[derive(Clone, Copy, Debug, Default)]
pub struct IncidentQuery {
    /// Only where they stand so.
    pub state: Option<IncidentState>,
    /// Only as bad as this, or worse.
    pub severity: Option<Severity>,
    /// Only of this kind.
    pub kind: Option<IncidentKind>,
    /// Only those of which this camera noticed something.
    pub camera: Option<CameraId>,
    /// Only about the house, or only about the hub.
    pub about: Option<IncidentAbout>,
}

/// What an incident is about.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum IncidentAbout {
    /// What happens in and around the house.
    Safety,
    /// The hub, its accounts and its devices.
    Security,
}

impl IncidentAbout {
    fn of(incident: &Incident) -> Self {
        if incident.kind.is_safety() { Self::Safety } else { Self::Security }
    }
}

/// What came of acknowledging several incidents.
#[derive(Clone, Debug, PartialEq, serde::Serialize, utoipa::ToSchema)]
pub struct AcknowledgedView {
    /// Those that somebody looks into now.
    pub acknowledged: Vec<IncidentId>,
    /// The others.
    pub not: Vec<NotAcknowledged>,
}

/// An incident that could not be acknowledged.
#[derive(Clone, Debug, PartialEq, serde::Serialize, utoipa::ToSchema)]
pub struct NotAcknowledged {
    /// Which.
    pub incident: IncidentId,
    /// Why, as a code.
    pub code: &'static str,
}

/// Incidents acknowledged at once.
pub const ACKNOWLEDGED_MAX: usize = 100;

impl From<&Incident> for IncidentView {
    fn from(incident: &Incident) -> Self {
        Self {
            id: incident.id,
            kind: incident.kind,
            subject: incident.subject.clone(),
            title: incident.title.clone(),
            severity: incident.severity,
            state: incident.state,
            opened_at: incident.opened_at,
            last_at: incident.last_at,
            count: incident.count,
            escalates_at: incident.escalates_at,
            timeline: incident.timeline.clone(),
            about: IncidentAbout::of(incident),
            cameras: cameras_of(incident).into_iter().collect(),
            evidence: incident.evidence.clone(),
            is_grouped: incident.is_grouped,
        }
    }
}

fn cameras_of(incident: &Incident) -> BTreeSet<CameraId> {
    incident.evidence.iter().filter_map(|one| one.camera).collect()
}

impl IncidentQuery {
    fn asks_for(&self, incident: &Incident) -> bool {
        self.state.is_none_or(|state| incident.state == state)
            && self.severity.is_none_or(|least| incident.severity >= least)
            && self.kind.is_none_or(|kind| incident.kind == kind)
            && self.camera.is_none_or(|camera| cameras_of(incident).contains(&camera))
            && self.about.is_none_or(|about| IncidentAbout::of(incident) == about)
    }
}

/// An incident with what the audit log says around it, for review.
#[derive(Clone, Debug, PartialEq, serde::Serialize, utoipa::ToSchema)]
pub struct IncidentExport {
    /// The incident.
    pub incident: IncidentView,
    /// When this was put together.
    pub exported_at: WallTime,
    /// Lines of the audit log from an hour before it to an hour after, newest first.
    pub audit: Vec<Recorded>,
    /// Whether there were more of them than fit.
    pub audit_is_cut: bool,
}

/// Security summaries.
#[derive(Clone, Debug, PartialEq, serde::Serialize, utoipa::ToSchema)]
pub struct SummaryView {
    /// Today until now.
    pub today: DaySummary,
    /// Days before, newest first.
    pub days: Vec<DaySummary>,
}

impl Hub {
    /// Incidents, newest first.
    pub fn incidents(
        &self,
        grant: &HouseGrant<ask::ReadIncidents>,
        query: &IncidentQuery,
    ) -> Vec<IncidentView> {
        self.house().watchtower.incidents(|incidents| {
            let wanted = incidents.newest_first().filter(|incident| query.asks_for(incident));
            wanted.filter_map(|incident| self.incident_for(incident, grant.principal())).collect()
        })
    }

    /// One incident.
    ///
    /// # Errors
    /// `not_found`.
    pub fn incident(
        &self,
        grant: &HouseGrant<ask::ReadIncidents>,
        id: IncidentId,
    ) -> Result<IncidentView> {
        self.find_incident(id, grant.principal())
    }

    fn find_incident(&self, id: IncidentId, principal: &Principal) -> Result<IncidentView> {
        let found = self.house().watchtower.incidents(|incidents| {
            incidents.get(id).and_then(|incident| self.incident_for(incident, principal))
        });
        found.ok_or_else(|| UseCaseError::not_found("incident"))
    }

    /// An incident as somebody may see it: without what cameras noticed that they may not see, and
    /// not at all if no other camera did (promise T-05).
    fn incident_for(&self, incident: &Incident, principal: &Principal) -> Option<IncidentView> {
        let may = |camera: &CameraId| self.house().policy.recalls(principal, *camera);
        let mut view = IncidentView::from(incident);
        let has_cameras = !view.cameras.is_empty();
        view.cameras.retain(may);
        view.evidence.retain(|one| one.camera.as_ref().is_none_or(may));
        (!has_cameras || !view.cameras.is_empty()).then_some(view)
    }

    /// Says that somebody looks into it: it is told no more.
    ///
    /// # Errors
    /// `not_found`, `resolved`.
    pub async fn acknowledge_incident(
        &self,
        grant: &HouseGrant<ask::ManageIncidents>,
        id: IncidentId,
    ) -> Result<IncidentView> {
        let who = actor(grant.principal());
        let by = name(&who);
        let change = |incidents: &mut Incidents, now| incidents.acknowledge(id, who, now).map(drop);
        let view = self.change(id, grant.principal(), change)?;
        self.house().stop_telling(&id.to_string(), &by).await;
        self.house().note(EventBody::IncidentAcknowledged { incident: id, by }).await;
        self.house().keep_security().await;
        Ok(view)
    }

    /// Settles it; `text` says how.
    ///
    /// # Errors
    /// `not_found`, `resolved`, `bad_note`.
    pub async fn resolve_incident(
        &self,
        grant: HouseGrant<ask::ManageIncidents>,
        id: IncidentId,
        text: &str,
    ) -> Result<IncidentView> {
        let who = actor(grant.principal());
        let by = name(&who);
        let change =
            |incidents: &mut Incidents, now| incidents.resolve(id, who, text, now).map(drop);
        let view = self.change(id, grant.principal(), change)?;
        self.house().stop_telling(&id.to_string(), &by).await;
        self.house().note(EventBody::IncidentResolved { incident: id, by }).await;
        self.house().keep_security().await;
        Ok(view)
    }

    /// Writes something down about it.
    ///
    /// # Errors
    /// `not_found`, `bad_note`, `too_many`.
    pub async fn note_incident(
        &self,
        grant: HouseGrant<ask::ManageIncidents>,
        id: IncidentId,
        text: &str,
    ) -> Result<IncidentView> {
        let who = actor(grant.principal());
        let change = |incidents: &mut Incidents, now| incidents.note(id, who, text, now).map(drop);
        let view = self.change(id, grant.principal(), change)?;
        self.house().keep_security().await;
        Ok(view)
    }

    fn change(
        &self,
        id: IncidentId,
        principal: &Principal,
        change: impl FnOnce(
            &mut Incidents,
            WallTime,
        ) -> std::result::Result<(), hearth_audit::IncidentError>,
    ) -> Result<IncidentView> {
        self.find_incident(id, principal)?;
        let now = self.house().clock.wall_now();
        let changed = self.house().watchtower.incidents(|incidents| change(incidents, now));
        changed.map_err(incident_error)?;
        self.find_incident(id, principal)
    }

    /// Says of several incidents that somebody looks into them.
    ///
    /// # Errors
    /// `too_many`.
    pub async fn acknowledge_incidents(
        &self,
        grant: &HouseGrant<ask::ManageIncidents>,
        ids: &[IncidentId],
    ) -> Result<AcknowledgedView> {
        if ids.len() > ACKNOWLEDGED_MAX {
            let text = format!("Name at most {ACKNOWLEDGED_MAX} incidents.");
            return Err(UseCaseError::new(FaultKind::BadInput, "too_many", text));
        }
        let mut view = AcknowledgedView { acknowledged: Vec::new(), not: Vec::new() };
        for id in ids {
            match self.acknowledge_incident(grant, *id).await {
                Ok(_) => view.acknowledged.push(*id),
                Err(error) => view.not.push(NotAcknowledged { incident: *id, code: error.code }),
            }
        }
        Ok(view)
    }

    /// An incident with what the audit log says around it.
    ///
    /// # Errors
    /// `not_found`; or if the disk does not answer.
    pub async fn export_incident(
        &self,
        grant: HouseGrant<ask::ReadAudit>,
        id: IncidentId,
    ) -> Result<IncidentExport> {
        let incident = self.find_incident(id, grant.principal())?;
        let query = Query {
            from: Some(incident.opened_at.plus_micros(-EXPORT_AROUND_MICROS)),
            to: Some(incident.last_at.plus_micros(EXPORT_AROUND_MICROS)),
            ..Query::default()
        };
        let page = self.audit_page(grant, query, EXPORT_LINES_MAX).await?;
        Ok(IncidentExport {
            incident,
            exported_at: self.house().clock.wall_now(),
            audit_is_cut: page.next.is_some(),
            audit: page.entries,
        })
    }

    /// Summaries of today and the days before.
    ///
    /// # Errors
    /// If the disk does not answer.
    pub async fn security_summary(
        &self,
        _grant: HouseGrant<ask::ReadAudit>,
    ) -> Result<SummaryView> {
        let house = self.house();
        let now = house.clock.wall_now();
        let today = summarize(house, local(now, &house.zone).date(), Some(now)).await?;
        Ok(SummaryView { today, days: house.watchtower.summaries() })
    }
}

fn name(who: &Actor) -> String {
    who.name.clone().unwrap_or_else(|| who.kind.name().to_owned())
}
