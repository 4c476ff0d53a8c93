//! Incidents as people see and settle them, and the security summaries (promises D-29, D-30).

use hearth_audit::{
    Actor, DaySummary, Incident, IncidentKind, IncidentState, Query, Recorded, TimelineLine,
};
use hearth_auth::{HouseGrant, ask};
use hearth_model::{EventBody, IncidentId, Severity, WallTime};

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
}

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
        }
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
    /// Incidents, newest first; only those in `state`, if that is given.
    pub fn incidents(
        &self,
        _grant: HouseGrant<ask::ReadIncidents>,
        state: Option<IncidentState>,
    ) -> Vec<IncidentView> {
        self.house().watchtower.incidents(|incidents| {
            let wanted = |incident: &&Incident| state.is_none_or(|state| incident.state == state);
            incidents.newest_first().filter(wanted).map(IncidentView::from).collect()
        })
    }

    /// One incident.
    ///
    /// # Errors
    /// `not_found`.
    pub fn incident(
        &self,
        _grant: HouseGrant<ask::ReadIncidents>,
        id: IncidentId,
    ) -> Result<IncidentView> {
        self.find_incident(id)
    }

    fn find_incident(&self, id: IncidentId) -> Result<IncidentView> {
        let found =
            |incidents: &mut hearth_audit::Incidents| incidents.get(id).map(IncidentView::from);
        let found = self.house().watchtower.incidents(found);
        found.ok_or_else(|| UseCaseError::not_found("incident"))
    }

    /// Says that somebody looks into it: it is told no more.
    ///
    /// # Errors
    /// `not_found`, `resolved`.
    pub async fn acknowledge_incident(
        &self,
        grant: HouseGrant<ask::ManageIncidents>,
        id: IncidentId,
    ) -> Result<IncidentView> {
        let who = actor(grant.principal());
        let by = name(&who);
        let view = self.change(|incidents, now| incidents.acknowledge(id, who, now))?;
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
        let view = self.change(|incidents, now| incidents.resolve(id, who, text, now))?;
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
        let view = self.change(|incidents, now| incidents.note(id, who, text, now))?;
        self.house().keep_security().await;
        Ok(view)
    }

    fn change(
        &self,
        change: impl FnOnce(
            &mut hearth_audit::Incidents,
            WallTime,
        ) -> std::result::Result<&Incident, hearth_audit::IncidentError>,
    ) -> Result<IncidentView> {
        let now = self.house().clock.wall_now();
        self.house().watchtower.incidents(|incidents| {
            change(incidents, now).map(IncidentView::from).map_err(incident_error)
        })
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
        let incident = self.find_incident(id)?;
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
