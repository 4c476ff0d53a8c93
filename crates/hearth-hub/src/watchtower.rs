//! Watches over the house's own security: sees every line of the audit log, looks at the machine,
//! and keeps incidents until somebody has settled them (promises D-28, D-29, D-30, V-13).
//!
//! [`Watchtower::see`] is called by whoever records and only takes a short lock; what it finds goes
//! through a bounded queue to the task [`run`], which opens incidents, tells them as events, and
//! writes them down sealed.

use std::{
    collections::{BTreeMap, HashSet, VecDeque},
    net::IpAddr,
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use hearth_audit::{
    ActorKind, ChainReport, ChangedFiles, Class, DayCount, DaySummary, Entry, Evidence,
    FailedSignIns, FileStamp, Finding, IncidentKind, Incidents, Noticed, Origin, Outcome, Query,
    ResourceUse, ResourceWatch, SUMMARIES_MAX, UnexpectedConnections, UnusualPlaces, UnusualTimes,
};
use hearth_model::{Event, EventBody, EventKind, IncidentId, Severity, WallTime};
use hearth_store::EventFilter;
use hearth_vault::{KeyScope, Vault};
use jiff::{Timestamp, Zoned, civil, tz::TimeZone};
use tokio::{
    sync::{broadcast::error::RecvError, mpsc},
    time::{MissedTickBehavior, interval, timeout},
};

use crate::{
    audit::{check_chain, flush},
    error::Result,
    house::House,
    identity::provider_hosts,
    machine,
    network::host_and_port,
};

/// File name in the data directory.
const FILE: &str = "security.sealed";

/// Context under which it is sealed.
const CONTEXT: &[u8] = b"incidents and habits v1";

/// Findings on their way; an attacker who makes more repeats known ones.
const FINDINGS_MAX: usize = 64;

/// How often incidents are looked at.
const TICK: Duration = Duration::from_secs(1);

/// Ticks between two looks at the machine.
const LOOK_TICKS: u64 = 60;

/// Ticks between two times that what was learned is written down.
const SAVE_TICKS: u64 = 300;

/// Ticks between two checks of the audit log.
const CHECK_TICKS: u64 = 86_400;

/// Until a camera's name has become an address.
const LOOKUP_MAX: Duration = Duration::from_secs(5);

/// Where Netatmo signs its customers in.
const NETATMO_SIGN_IN: (&str, u16) = ("auth.netatmo.com", 443);

/// Facts that belong to an incident of the house, and how long before it they may have been.
const EVIDENCE: [EventKind; 5] = [
    EventKind::ActivityNoticed,
    EventKind::ActivityRecognized,
    EventKind::Ring,
    EventKind::VisitBegan,
    EventKind::DeviceNoticed,
];
const BEFORE_MICROS: i64 = 5 * 60_000_000;

/// Lines of one page while a day is counted.
const COUNT_PAGE: usize = 1_000;

/// What survives a restart.
#[derive(Clone, Default, serde::Serialize, serde::Deserialize)]
#[serde(default)]
struct Kept {
    times: UnusualTimes,
    places: UnusualPlaces,
    files: ChangedFiles,
    incidents: Incidents,
    /// Newest last.
    summaries: VecDeque<DaySummary>,
    /// The day that is being counted, e.g. `2026-11-22`.
    day: Option<String>,
}

/// What is watched with, and what was found.
pub(crate) struct Watchtower {
    kept: Mutex<Kept>,
    failed: Mutex<FailedSignIns>,
    checked: Mutex<Option<(WallTime, ChainReport)>>,
    findings: mpsc::Sender<Finding>,
    /// One writes at a time, or an older state would replace a newer one.
    writing: tokio::sync::Mutex<()>,
}

impl Watchtower {
    /// Reads what was kept. The receiver is for [`run`].
    pub(crate) fn open(vault: &Vault, data: &Path) -> (Self, mpsc::Receiver<Finding>) {
        let plain = vault.read_sealed_file(&data.join(FILE), &KeyScope::House, CONTEXT).ok();
        let kept = plain.and_then(|plain| serde_json::from_slice(plain.expose()).ok());
        let (findings, receiver) = mpsc::channel(FINDINGS_MAX);
        let tower = Self {
            kept: Mutex::new(kept.unwrap_or_default()),
            failed: Mutex::default(),
            checked: Mutex::default(),
            findings,
            writing: tokio::sync::Mutex::default(),
        };
        (tower, receiver)
    }

    /// Sees a line on its way into the audit log.
    pub(crate) fn see(&self, entry: &Entry, zone: &TimeZone) {
        let Origin::Address(address) = entry.from else { return };
        if entry.class == Class::SignIn {
            self.see_sign_in(entry, address);
        }
        if entry.who.kind == ActorKind::User
            && entry.result == Outcome::Ok
            && let Some(name) = &entry.who.name
        {
            let local = local(entry.at, zone);
            let hour = u8::try_from(local.hour()).unwrap_or(0);
            let found = lock(&self.kept).times.used(name, day_number(local.date()), hour);
            self.find(found);
        }
    }

    fn see_sign_in(&self, entry: &Entry, address: IpAddr) {
        let found = match (&entry.who.name, entry.result) {
            (Some(name), Outcome::Ok) if entry.action.starts_with("sign_in") => {
                let guessed = lock(&self.failed).succeeded(entry.at, address, name);
                self.find(guessed);
                lock(&self.kept).places.signed_in(name, address)
            }
            (_, Outcome::Ok | Outcome::Failed) => None,
            (_, Outcome::Denied) => {
                let account = entry.what.get("account").map(String::as_str);
                lock(&self.failed).failed(entry.at, address, account)
            }
        };
        self.find(found);
    }

    /// Hands on what was found. A queue that is full holds enough to look into.
    pub(crate) fn find(&self, found: impl IntoIterator<Item = Finding>) {
        for finding in found {
            if let Err(error) = self.findings.try_send(finding) {
                tracing::warn!(%error, "a finding was not looked into");
            }
        }
    }

    /// Remembers what a check of the audit log found.
    pub(crate) fn chain_checked(&self, at: WallTime, report: ChainReport) {
        if !report.ok {
            let places: Vec<String> = report
                .problems
                .iter()
                .map(|problem| format!("{:?} at number {}", problem.kind, problem.seq))
                .collect();
            self.find([audit_finding(
                "The audit log was altered",
                format!("{}. Compare it with a copy or the collected logs.", places.join(", ")),
            )]);
        }
        *lock(&self.checked) = Some((at, report));
    }

    /// The last check of the audit log.
    pub(crate) fn checked(&self) -> Option<(WallTime, ChainReport)> {
        lock(&self.checked).clone()
    }

    /// Looks at incidents.
    pub(crate) fn incidents<T>(&self, look: impl FnOnce(&mut Incidents) -> T) -> T {
        look(&mut lock(&self.kept).incidents)
    }

    /// Summaries of past days, newest first.
    pub(crate) fn summaries(&self) -> Vec<DaySummary> {
        lock(&self.kept).summaries.iter().rev().cloned().collect()
    }

    fn to_json(&self) -> Vec<u8> {
        // Plain data: JSON can always say it.
        serde_json::to_vec(&*lock(&self.kept)).unwrap_or_default()
    }
}

/// Something that is wrong with the audit log itself.
pub(crate) fn audit_finding(title: &str, detail: String) -> Finding {
    Finding {
        kind: IncidentKind::AuditLog,
        severity: Severity::Critical,
        subject: "audit log".to_owned(),
        title: title.to_owned(),
        detail,
    }
}

impl House {
    /// Writes down incidents and what was learned.
    pub(crate) async fn keep_security(&self) {
        let _one_at_a_time = self.watchtower.writing.lock().await;
        let (json, path, vault) =
            (self.watchtower.to_json(), self.data.join(FILE), self.vault.clone());
        let written = tokio::task::spawn_blocking(move || {
            vault.write_sealed_file(&path, &KeyScope::House, CONTEXT, &json)
        });
        match written.await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::error!(%error, "incidents were not written down"),
            Err(error) => tracing::error!(%error, "incidents were not written down"),
        }
    }

    /// Tells an incident as an event and in the audit log.
    async fn tell_incident(&self, id: IncidentId, action: &'static str) {
        let told = self.watchtower.incidents(|incidents| incidents.get(id).cloned());
        let Some(incident) = told else { return };
        let (about, severity) = (incident.kind.name().to_owned(), incident.severity);
        let title = incident.title.clone();
        let told = title.clone();
        let body = if action == "incident_opened" {
            EventBody::IncidentOpened { incident: id, about, severity, title }
        } else {
            EventBody::IncidentEscalated { incident: id, about, severity, title }
        };
        let entry = Entry::by_hub(self.clock.wall_now(), Class::Security, action);
        self.record(entry.about("incident", id).detail(told).weighs(severity));
        self.note(body).await;
        self.keep_security().await;
        self.tell_of_incident(&incident, action != "incident_opened").await;
    }
}

/// Runs until the hub ends.
pub(crate) async fn run(house: Arc<House>, mut findings: mpsc::Receiver<Finding>) {
    let mut ticks = interval(TICK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
    let mut looks = Looks::default();
    let mut count: u64 = 0;
    let mut heard = house.events.listen();
    loop {
        tokio::select! {
            () = house.ended() => return,
            row = heard.recv() => match row {
                Ok(row) => house.witness(&row.event),
                // It is in the index, and looked up with the next finding.
                Err(RecvError::Lagged(lost)) => tracing::debug!(lost, "evidence was missed"),
                Err(RecvError::Closed) => return,
            },
            Some(finding) = findings.recv() => notice(&house, finding).await,
            _ = ticks.tick() => {
                tick(&house, &mut looks, count).await;
                count = count.wrapping_add(1);
            }
        }
    }
}

async fn notice(house: &House, finding: Finding) {
    let (now, is_safety) = (house.clock.wall_now(), finding.kind.is_safety());
    let noticed = house.watchtower.incidents(|incidents| incidents.notice(now, finding));
    if is_safety {
        house.witness_lately(now).await;
    }
    match noticed {
        Noticed::Opened(id) => house.tell_incident(id, "incident_opened").await,
        Noticed::Escalated(id) => house.tell_incident(id, "incident_escalated").await,
        // It is in the timeline, and written down with the next change.
        Noticed::Repeated(_) => {}
    }
}

impl House {
    /// What a camera or a sensor notices belongs to the incident that is going on, if one is.
    fn witness(&self, event: &Event) {
        let Some(evidence) = evidence(event) else { return };
        let now = self.clock.wall_now();
        self.watchtower.incidents(|incidents| incidents.witness(now, evidence));
    }

    /// The same with what was noticed shortly before.
    async fn witness_lately(&self, now: WallTime) {
        let filter = EventFilter {
            kinds: EVIDENCE.to_vec(),
            from: Some(now.plus_micros(-BEFORE_MICROS)),
            limit: hearth_audit::EVIDENCE_MAX as u32 / 2,
            ..EventFilter::default()
        };
        match self.store.events(&filter).await {
            Ok(rows) => rows.iter().rev().for_each(|row| self.witness(&row.event)),
            Err(error) => tracing::warn!(%error, "an incident has no evidence of before"),
        }
    }
}

/// What a fact says about an incident.
fn evidence(event: &Event) -> Option<Evidence> {
    let (told, text) = match &event.body {
        EventBody::ActivityNoticed { label, .. } => (event.id, label.to_string()),
        // However much becomes known of an activity, it is one, and what began it has the picture.
        EventBody::ActivityRecognized { activity, label, .. } => (*activity, label.to_string()),
        EventBody::Ring { .. } => (event.id, "somebody rang".to_owned()),
        EventBody::VisitBegan { .. } => (event.id, "somebody at the door".to_owned()),
        EventBody::DeviceNoticed { name, what, .. } => (event.id, format!("{name}: {what}")),
        _ => return None,
    };
    let camera = event.body.camera().or_else(|| event.body.camera_of_device());
    Some(Evidence { event: told, camera, at: event.at, text })
}

async fn tick(house: &Arc<House>, looks: &mut Looks, count: u64) {
    let now = house.clock.wall_now();
    for id in house.watchtower.incidents(|incidents| incidents.escalate(now)) {
        house.tell_incident(id, "incident_escalated").await;
    }
    end_day(house, now).await;
    if count.is_multiple_of(LOOK_TICKS) {
        looks.look(house, now).await;
        house.keep_anchor().await;
    }
    if count.is_multiple_of(SAVE_TICKS) {
        house.keep_security().await;
    }
    if count.is_multiple_of(CHECK_TICKS) {
        let house = Arc::clone(house);
        tokio::spawn(async move {
            if let Err(error) = check_chain(&house).await {
                tracing::error!(%error, "the audit log was not checked");
            }
        });
    }
}

/// What is looked at once a minute, and what it was the last time.
#[derive(Default)]
struct Looks {
    resources: ResourceWatch,
    connections: UnexpectedConnections,
    /// When, and how many seconds of processor time had been used.
    processor: Option<(Instant, f64)>,
    audit_losses: u64,
}

impl Looks {
    async fn look(&mut self, house: &House, now: WallTime) {
        let now_used = self.resources_now(house);
        let found = self.resources.look(now_used);
        house.watchtower.find(found);
        let called = machine::called_addresses();
        let strangers = self.connections.look(now, &called, &device_addresses(house).await);
        house.watchtower.find(strangers);
        let stamps = watched_files(house);
        let changed = lock(&house.watchtower.kept).files.look(stamps);
        house.watchtower.find(changed);
        let losses = house.audit.counters().lost() + house.audit.counters().failed_appends();
        if losses > self.audit_losses {
            self.audit_losses = losses;
            let detail = "The disk refused entries. The log of the hub says why.".to_owned();
            house.watchtower.find([audit_finding("The audit log can't be written", detail)]);
        }
    }

    fn resources_now(&mut self, house: &House) -> ResourceUse {
        let (open_files, open_files_max) = machine::open_files();
        let (at, used) = (Instant::now(), machine::processor_seconds());
        let before = self.processor.replace((at, used));
        let processor = before.map_or(0.0, |(then, used_then)| {
            let passed = at.duration_since(then).as_secs_f64() * machine::processors();
            if passed > 0.0 { (used - used_then) / passed } else { 0.0 }
        });
        let reserve = house.config.storage.bytes_free_min;
        ResourceUse {
            memory_bytes: machine::memory_bytes(),
            processor,
            open_files,
            open_files_max,
            // A disk that does not answer is noticed by those who write to it.
            disk_free_bytes: house.recorder.bytes_free().unwrap_or(u64::MAX),
            disk_reserve_bytes: reserve,
        }
    }
}

/// Addresses of the house's cameras and devices, and of the sign-in provider, the certificates'
/// authority, the language model and the published list, if it has them.
async fn device_addresses(house: &House) -> HashSet<IpAddr> {
    let mut hosts = provider_hosts(house).await;
    for camera in house.cameras.all() {
        let settings = camera.settings();
        for url in std::iter::once(&settings.url).chain(&settings.sub_url) {
            hosts.push((url.host().trim_matches(['[', ']']).to_owned(), url.port()));
        }
    }
    let acme = house.config.network.acme.as_ref();
    hosts.extend(acme.and_then(|acme| host_and_port(&acme.directory)));
    hosts.extend(house.desk.hosts());
    hosts.extend(house.language_model.host());
    hosts.extend(house.watch_list.hosts());
    for device in house.devices.all() {
        let settings = device.settings();
        let port = settings.address.port().unwrap_or(0);
        hosts.push((settings.address.host().to_owned(), port));
        if settings.family.is_remote() {
            hosts.push((NETATMO_SIGN_IN.0.to_owned(), NETATMO_SIGN_IN.1));
        }
    }
    let mut addresses = HashSet::new();
    for (host, port) in hosts {
        if let Ok(address) = host.parse::<IpAddr>() {
            addresses.insert(address.to_canonical());
            continue;
        }
        let found = timeout(LOOKUP_MAX, tokio::net::lookup_host((host.as_str(), port))).await;
        if let Ok(Ok(found)) = found {
            addresses.extend(found.map(|found| found.ip().to_canonical()));
        }
    }
    addresses
}

/// Files that only the hub or its owner changes.
fn watched_files(house: &House) -> BTreeMap<String, FileStamp> {
    let settings = house.data.join(crate::config::CONFIG_FILE);
    let vault = house.data.join("vault").join("vault.json");
    let watched = [
        ("the settings file", Some(settings), true),
        ("the vault's description", Some(vault), false),
        ("the program", std::env::current_exe().ok(), true),
        ("the object model", house.config.eyes.model.clone(), true),
    ];
    let stamps = watched.into_iter().filter_map(|(name, path, is_public)| {
        Some((name.to_owned(), machine::stamp(&path?, is_public)?))
    });
    stamps.collect()
}

/// Counts the day that is over, once (promise D-29).
async fn end_day(house: &House, now: WallTime) {
    let today = local(now, &house.zone).date();
    let before = lock(&house.watchtower.kept).day.replace(today.to_string());
    let before: Option<civil::Date> = before.and_then(|day| day.parse().ok());
    let Some(day) = before.filter(|day| *day < today) else { return };
    match summarize(house, day, None).await {
        Ok(summary) => {
            let body = EventBody::SecuritySummaryMade {
                day: summary.day.clone(),
                incidents: summary.incidents_opened,
                failed_sign_ins: summary.failed_sign_ins,
                denied: summary.denied,
            };
            house.tell_of_day(&summary).await;
            {
                let mut kept = lock(&house.watchtower.kept);
                kept.summaries.push_back(summary);
                if kept.summaries.len() > SUMMARIES_MAX {
                    kept.summaries.pop_front();
                }
            }
            house.note(body).await;
            house.keep_security().await;
        }
        Err(error) => tracing::error!(%error, "the security summary was not made"),
    }
}

/// Counts a day, up to `now` if that lies in it.
pub(crate) async fn summarize(
    house: &House,
    day: civil::Date,
    now: Option<WallTime>,
) -> Result<DaySummary> {
    let start = |day: civil::Date| {
        let begin = day.to_zoned(house.zone.clone()).map(|zoned| zoned.timestamp());
        WallTime::from_micros(begin.unwrap_or(Timestamp::UNIX_EPOCH).as_microsecond())
    };
    let from = start(day);
    let to = now.unwrap_or_else(|| day.tomorrow().map_or(from, start));
    let name = day.to_string();
    let counted = house.reading(move |log| {
        flush(log);
        let mut count = DayCount::new(name, from, to);
        let mut query = Query { from: Some(from), to: Some(to), ..Query::default() };
        loop {
            let page = log.page(&query, COUNT_PAGE)?;
            page.entries.iter().for_each(|line| count.count(line));
            if page.next.is_none() {
                return Ok(count);
            }
            query.before = page.next;
        }
    });
    let unresolved = house.watchtower.incidents(|incidents| incidents.unresolved_count());
    let audit_ok = house.watchtower.checked().map(|(_, report)| report.ok);
    Ok(counted.await?.finish(unresolved as u64, audit_ok))
}

/// A time as clocks in the house show it.
pub(crate) fn local(at: WallTime, zone: &TimeZone) -> Zoned {
    let timestamp = Timestamp::from_microsecond(at.as_micros()).unwrap_or(Timestamp::UNIX_EPOCH);
    timestamp.to_zoned(zone.clone())
}

/// Days since 1970.
fn day_number(date: civil::Date) -> i64 {
    let midnight = date.to_zoned(TimeZone::UTC).map(|zoned| zoned.timestamp().as_second());
    midnight.unwrap_or(0).div_euclid(86_400)
}

/// A lock whose holder panicked still holds plain data.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
