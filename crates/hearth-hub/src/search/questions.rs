//! Questions: read by rules, counted by the store, answered in a sentence with evidence.

use hearth_auth::{HouseGrant, Principal, ask};
use hearth_model::{ConversationId, DeviceId, EventId, EventKind, WallTime};
use hearth_rules::alarm::AlarmState;
use hearth_search::{
    Answer, AnswerKind, Ask, Clock, Facts, Filters, QUESTION_CHARACTERS_MAX, Question, Sighting,
    Span, Understood, When, answer, read_question,
};
use hearth_store::EventRow;

use super::{
    SearchItem, SearchQuery,
    conversations::{ConversationDocument, TurnView, owner_of},
    facts::Scope,
};
use crate::{
    Hub,
    error::{Result, UseCaseError},
    house::House,
};

/// Facts shown with an answer.
const EVIDENCE_MAX: usize = 10;

/// Visits whose people are counted; a busy house has that many in two weeks.
const VISITS_MAX: u32 = 200;

/// Who asks without saying when or what means the last day.
const USUAL_MICROS: i64 = 86_400 * 1_000_000;

/// A question.
#[derive(Clone, Debug, serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewQuestion {
    /// In English.
    pub text: String,
    /// The conversation that it goes on with.
    #[serde(default)]
    pub conversation: Option<ConversationId>,
}

/// A figure of an answer.
#[derive(Clone, Debug, serde::Serialize, utoipa::ToSchema)]
pub struct Figure {
    /// What it is: `count`, `other_count` or `seconds`.
    pub name: &'static str,
    /// How much.
    pub value: i64,
    /// In what.
    pub unit: Option<&'static str>,
    /// From when on; absent if from the beginning.
    pub from: Option<WallTime>,
    /// Until when; absent if until now.
    pub to: Option<WallTime>,
}

/// An answer.
#[derive(Clone, Debug, serde::Serialize, utoipa::ToSchema)]
pub struct AnswerView {
    /// The conversation that it belongs to.
    pub conversation: ConversationId,
    /// When that goes.
    pub expires_at: WallTime,
    /// One or two sentences.
    pub answer: String,
    /// Of what sort it is.
    pub kind: AnswerKind,
    /// What was counted or measured.
    pub figures: Vec<Figure>,
    /// Facts that it was said by; all of them may be seen.
    pub evidence: Vec<SearchItem>,
    /// What the words were taken for.
    pub understood: Vec<Understood>,
    /// Words that stand for nothing.
    pub not_understood: Vec<String>,
    /// What could be asked next.
    pub follow_ups: Vec<String>,
    /// Words for a search that shows the same.
    pub search: String,
}

/// What was said, before it is kept.
struct Said {
    answer: Answer,
    figures: Vec<Figure>,
    evidence: Vec<SearchItem>,
    understood: Vec<Understood>,
    not_understood: Vec<String>,
    search: String,
    /// The question, if it was understood.
    question: Option<Question>,
}

impl Hub {
    /// Answers a question from what the principal may know.
    ///
    /// # Errors
    /// `question_too_long`; `not_found` for somebody else's conversation.
    pub async fn ask(
        &self,
        grant: &HouseGrant<ask::ReadEvents>,
        new: NewQuestion,
    ) -> Result<AnswerView> {
        if new.text.chars().count() > QUESTION_CHARACTERS_MAX {
            let text = format!("Ask in at most {QUESTION_CHARACTERS_MAX} characters.");
            return Err(UseCaseError::bad_input("question_too_long", text));
        }
        let principal = grant.principal();
        let clock = self.search_clock();
        let (id, started_at, mut document) = match new.conversation {
            Some(id) => {
                let (stored, document) = self.own_conversation(principal, id).await?;
                (id, stored.started_at, document)
            }
            None => (ConversationId::new(), clock.now(), ConversationDocument::default()),
        };
        let said = self.said(principal, &new.text, document.last.as_ref(), &clock).await?;
        document.add(TurnView {
            at: clock.now(),
            text: new.text,
            answer: said.answer.text.clone(),
            evidence: said.evidence.iter().map(|item| item.event.id).collect::<Vec<EventId>>(),
        });
        document.last = said.question.or(document.last);
        let owner = owner_of(principal);
        let expires_at = self.house().keep_conversation(id, owner, started_at, &document).await?;
        Ok(AnswerView {
            conversation: id,
            expires_at,
            answer: said.answer.text,
            kind: said.answer.kind,
            figures: said.figures,
            evidence: said.evidence,
            understood: said.understood,
            not_understood: said.not_understood,
            follow_ups: said.answer.follow_ups,
            search: said.search,
        })
    }

    async fn said(
        &self,
        principal: &Principal,
        text: &str,
        before: Option<&Question>,
        clock: &Clock,
    ) -> Result<Said> {
        let vocabulary = self.house().search_vocabulary(principal);
        let mut question = read_question(text, &vocabulary, clock);
        let rest = std::mem::take(&mut question.rest);
        let (filters, parts) = (&mut question.filters, &mut question.parts);
        let missing = self.take_rest(principal, rest, filters, parts).await?;
        let is_bare = question.filters.is_empty() && !question.is_asked;
        if !missing.is_empty() || (is_bare && before.is_none()) || is_bare && text.trim().is_empty()
        {
            return Ok(not_understood(question.parts, missing));
        }
        if let Some(before) = before {
            question = question.following(before);
        }
        complete(&mut question, clock);
        let (facts, evidence) = self.facts(principal, &question, clock).await?;
        let answer = answer(&question, &facts, clock);
        let items = self.search_items(principal, &evidence).await;
        let is_known = answer.kind == AnswerKind::Answer;
        Ok(Said {
            figures: if is_known { figures(&question, &facts) } else { Vec::new() },
            evidence: items,
            understood: question.parts.clone(),
            not_understood: Vec::new(),
            search: self.house().search_words(&question.filters, clock),
            question: Some(question),
            answer,
        })
    }

    /// What the store says to a question, and the facts that show it.
    async fn facts(
        &self,
        principal: &Principal,
        question: &Question,
        clock: &Clock,
    ) -> Result<(Facts, Vec<EventRow>)> {
        let filters = &question.filters;
        let scope = self.scope(principal, filters, &SearchQuery::default(), clock).await?;
        let mut facts = self.house().named(filters);
        facts.is_cut = scope.is_cut;
        if question.ask == Ask::State {
            facts.state = self.state_now(principal, filters).await;
            return Ok((facts, Vec::new()));
        }
        facts.count = self.count(&scope).await?;
        let (mut rows, _) = self.found(&scope, None, EVIDENCE_MAX as u32).await?;
        match question.ask {
            Ask::First => rows = self.oldest(&scope).await?.into_iter().collect(),
            Ask::Last => rows.truncate(1),
            Ask::Longest => rows = self.longest(&scope).await?.into_iter().collect(),
            Ask::Where => facts.places = self.places(principal, &scope).await?,
            Ask::Who => rows = self.count_people(principal, filters, clock, &mut facts).await?,
            Ask::Compare => {
                let other = Filters {
                    when: When { span: filters.other, ..filters.when },
                    ..filters.clone()
                };
                let other = self.scope(principal, &other, &SearchQuery::default(), clock).await?;
                facts.other_count = self.count(&other).await?;
            }
            Ask::What | Ask::When | Ask::HowMany | Ask::State => {}
        }
        for item in self.search_items(principal, &rows).await {
            let end = item.event.end;
            let seconds = end.map(|end| end.micros_since(item.event.at) / 1_000_000);
            let (event, at, text) = (item.event.id, item.event.at, item.text);
            facts.sightings.push(Sighting { event, at, seconds, text });
        }
        if [Ask::First, Ask::Last, Ask::Longest].contains(&question.ask) {
            facts.one = facts.sightings.first().cloned();
        }
        Ok((facts, rows))
    }

    /// How many at which camera, most first.
    async fn places(&self, principal: &Principal, scope: &Scope) -> Result<Vec<(String, u64)>> {
        let house = self.house();
        let mut places = Vec::new();
        for camera in house.cameras.all() {
            let is_asked = scope.search.filter.cameras.as_ref();
            if is_asked.is_some_and(|cameras| !cameras.contains(&camera.id()))
                || !house.policy.recalls(principal, camera.id())
            {
                continue;
            }
            let count = self.count(&scope.at(camera.id())).await?;
            if count > 0 {
                places.push((camera.settings().name.to_string(), count));
            }
        }
        places.sort_by(|one, other| other.1.cmp(&one.1).then_with(|| one.0.cmp(&other.0)));
        Ok(places)
    }

    /// Who came, by visits; gives the facts of those visits, or of people who were seen if there was
    /// no visit.
    async fn count_people(
        &self,
        principal: &Principal,
        filters: &Filters,
        clock: &Clock,
        facts: &mut Facts,
    ) -> Result<Vec<EventRow>> {
        let visits = Filters {
            kinds: vec![EventKind::VisitBegan],
            labels: Vec::new(),
            zones: Vec::new(),
            ..filters.clone()
        };
        let scope = self.scope(principal, &visits, &SearchQuery::default(), clock).await?;
        let (mut rows, is_full) = self.found(&scope, None, VISITS_MAX).await?;
        facts.is_cut |= is_full;
        let mut people: Vec<(String, u64)> = Vec::new();
        for row in &rows {
            let Some(visit) = super::facts::visit_of(&row.event.body) else { continue };
            let Some(view) = self.seen_visit_view(principal, visit).await else { continue };
            let names: Vec<String> = view
                .faces
                .iter()
                .filter_map(|face| face.name.as_ref())
                .map(ToString::to_string)
                .collect();
            if names.is_empty() {
                facts.unknown_visits += 1;
            }
            for name in names {
                match people.iter_mut().find(|(known, _)| *known == name) {
                    Some((_, count)) => *count += 1,
                    None => people.push((name, 1)),
                }
            }
        }
        people.sort_by(|one, other| other.1.cmp(&one.1).then_with(|| one.0.cmp(&other.0)));
        facts.people = people;
        if rows.is_empty() && filters.people.is_empty() {
            let labels = hearth_model::Label::new("person").into_iter().collect();
            let seen = Filters { kinds: Vec::new(), labels, ..filters.clone() };
            let scope = self.scope(principal, &seen, &SearchQuery::default(), clock).await?;
            facts.count = self.count(&scope).await?;
            rows = self.found(&scope, None, EVIDENCE_MAX as u32).await?.0;
        } else {
            facts.count = self.count(&scope).await?;
        }
        rows.truncate(EVIDENCE_MAX);
        Ok(rows)
    }

    /// How a device, the alarm or privacy stands now, if whoever asks may know.
    async fn state_now(&self, principal: &Principal, filters: &Filters) -> Option<String> {
        let grant = self.policy().house::<ask::ReadDevices>(principal).ok()?;
        let mut said: Vec<String> =
            filters.devices.iter().filter_map(|id| self.device_state(&grant, *id)).collect();
        if filters.kinds.contains(&EventKind::AlarmChanged) {
            said.push(alarm_sentence(&self.alarm(&grant).await.state));
        }
        if filters.kinds.contains(&EventKind::HousePrivacyChanged) {
            let is_on = self.privacy(&grant).is_on;
            said.push(format!("Privacy is {}.", if is_on { "on" } else { "off" }));
        }
        (!said.is_empty()).then(|| said.join(" "))
    }

    fn device_state(&self, grant: &HouseGrant<ask::ReadDevices>, id: DeviceId) -> Option<String> {
        let view = self.device(grant, id).ok()?;
        let name = &view.name;
        if view.state != hearth_device::DeviceState::Answering {
            return Some(format!("{name} does not answer; how it stands is not known."));
        }
        let is_main = |key: &str| ["power", "on"].contains(&key);
        let control = view.controls.iter().find(|control| is_main(&control.key));
        let is_on = control.and_then(|control| control.value.as_ref()?.switch());
        if let Some(is_on) = is_on {
            return Some(format!("{name} is {}.", if is_on { "on" } else { "off" }));
        }
        Some(format!("{name} answers."))
    }
}

impl House {
    /// What the things of a question are called now.
    fn named(&self, filters: &Filters) -> Facts {
        let cameras = filters.cameras.iter().filter_map(|id| self.camera_name(*id));
        let zones = filters.zones.iter().filter_map(|id| self.zone_name(*id));
        let people = filters.people.iter().filter_map(|id| self.people.get(*id));
        let people = people.map(|person| person.document.name.to_string());
        let all = self.devices.all();
        let devices = all.iter().filter(|device| filters.devices.contains(&device.id()));
        let devices = devices.map(|device| device.name());
        Facts {
            where_names: cameras.map(|name| name.to_string()).chain(zones).collect(),
            what_names: people.chain(devices).collect(),
            ..Facts::default()
        }
    }

    fn zone_name(&self, id: hearth_model::ZoneId) -> Option<String> {
        self.cameras.all().iter().find_map(|camera| {
            let settings = camera.settings();
            let zone = settings.detection.zones.iter().find(|zone| zone.id == id)?;
            Some(zone.name.clone())
        })
    }

    /// Words that a search reads as these filters.
    fn search_words(&self, filters: &Filters, clock: &Clock) -> String {
        let names = self.named(filters);
        let mut said: Vec<String> = filters.labels.iter().map(ToString::to_string).collect();
        said.extend(filters.kinds.iter().map(|kind| kind.name().to_owned()));
        said.extend(names.what_names);
        said.extend(names.where_names);
        said.extend(filters.words.iter().cloned());
        if let Some(hours) = filters.when.hours {
            let clock_time = |minute: u16| format!("{:02}:{:02}", minute / 60, minute % 60);
            said.push(format!("between {} and {}", clock_time(hours.from), clock_time(hours.to)));
        }
        if let Some(Span { from, to }) = filters.when.span {
            let form = "%Y-%m-%d %H:%M";
            let (from, to) = (clock.local(from.max(EARLIEST)), clock.local(to));
            said.push(format!("from {} to {}", from.strftime(form), to.strftime(form)));
        }
        said.join(" ")
    }
}

/// What a search writes for a stretch that has always been.
const EARLIEST: WallTime = WallTime::from_micros(0);

fn not_understood(understood: Vec<Understood>, missing: Vec<String>) -> Said {
    Said {
        answer: Answer::not_understood(&missing),
        figures: Vec::new(),
        evidence: Vec::new(),
        understood,
        not_understood: missing,
        search: String::new(),
        question: None,
    }
}

/// What nobody says because everybody knows: a comparison needs a second stretch, and "what
/// happened?" means lately.
fn complete(question: &mut Question, clock: &Clock) {
    let filters = &mut question.filters;
    let says_nothing = filters.when.is_empty() && !filters.has_subject();
    let lately = [Ask::What, Ask::When, Ask::Where, Ask::HowMany, Ask::Who];
    if says_nothing && lately.contains(&question.ask) {
        let (from, to) = (clock.now().plus_micros(-USUAL_MICROS), clock.now());
        filters.when.span = Some(Span { from, to });
    }
    if question.ask == Ask::Compare && filters.other.is_none() {
        let span = filters.when.span.unwrap_or_else(|| {
            let today = clock.start_of(clock.today());
            Span { from: today, to: clock.now() }
        });
        let length = span.to.micros_since(span.from);
        filters.when.span = Some(span);
        filters.other = Some(Span { from: span.from.plus_micros(-length), to: span.from });
    }
}

fn figures(question: &Question, facts: &Facts) -> Vec<Figure> {
    let span = question.filters.when.span;
    let figure = |name, value: i64, unit, span: Option<Span>| Figure {
        name,
        value,
        unit,
        from: span.map(|span| span.from),
        to: span.map(|span| span.to),
    };
    // Nobody counts beyond what fits.
    let whole = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
    let mut figures = Vec::new();
    if question.ask != Ask::State {
        figures.push(figure("count", whole(facts.count), None, span));
    }
    if question.ask == Ask::Compare {
        let other = question.filters.other;
        figures.push(figure("other_count", whole(facts.other_count), None, other));
    }
    let seconds = facts.one.as_ref().and_then(|one| one.seconds);
    if let Some(seconds) = seconds.filter(|_| question.ask == Ask::Longest) {
        figures.push(figure("seconds", seconds, Some("s"), span));
    }
    figures
}

fn alarm_sentence(state: &AlarmState) -> String {
    match state {
        AlarmState::Disarmed => "The alarm is off.".to_owned(),
        AlarmState::Arming { mode, .. } => format!("The alarm is being armed ({}).", mode.name()),
        AlarmState::Armed { mode } => format!("The alarm is on ({}).", mode.name()),
        AlarmState::Entering { mode, .. } => {
            format!("The alarm is on ({}), and somebody came in.", mode.name())
        }
        AlarmState::Triggered { .. } => "The alarm went off.".to_owned(),
    }
}
