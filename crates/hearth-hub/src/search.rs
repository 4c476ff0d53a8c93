//! Searching facts by words, and what is like one of them.
//!
//! Words are resolved by `hearth_search` with the names that whoever asks may know; the store is
//! asked by id, so nothing of a name is kept in an index, and a renamed or erased one is found, or
//! not, at once.

mod conversations;
mod facts;
mod insights;
mod questions;
mod saved;
mod similar;
mod vocabulary;

#[cfg(test)]
mod tests;

use std::str::FromStr;

use hearth_auth::{HouseGrant, Principal, ask};
use hearth_model::{CameraId, DeviceId, EventKind, Label, PersonId, VisitId, WallTime, ZoneId};
use hearth_search::{Clock, Filters, Meaning, Understood, words};
use hearth_store::EventCursor;

use crate::{
    Hub,
    error::{Result, UseCaseError},
    house::House,
    views::EventView,
};

pub use conversations::{ConversationDetail, ConversationView, TurnView};
pub use insights::{ForecastView, InsightView, InsightsView, LookedAt};
pub use questions::{AnswerView, Figure, NewQuestion};
pub use saved::{NewSavedSearch, SavedSearchView};
pub use similar::{Direction, SimilarItem};

/// Facts of a page when nobody says how many, and at most.
const PAGE_DEFAULT: u32 = 50;
/// See [`PAGE_DEFAULT`].
pub const SEARCH_PAGE_MAX: u32 = 200;

/// Longest text that is searched for.
const QUERY_CHARACTERS_MAX: usize = 300;

/// Words of texts in one search; more are not looked for.
const TEXT_WORDS_MAX: usize = 8;

/// What is searched for.
#[derive(Clone, Debug, Default)]
pub struct SearchQuery {
    /// Free text.
    pub q: String,
    /// Only these kinds; empty means all that say something by themselves.
    pub kinds: Vec<EventKind>,
    /// Only at one of these cameras.
    pub cameras: Vec<CameraId>,
    /// Only with this label.
    pub label: Option<Label>,
    /// Only in this zone.
    pub zone: Option<ZoneId>,
    /// Only visits of this person.
    pub person: Option<PersonId>,
    /// Only about this device.
    pub device: Option<DeviceId>,
    /// Not before.
    pub from: Option<WallTime>,
    /// Before.
    pub to: Option<WallTime>,
    /// Continue a listing.
    pub before: Option<String>,
    /// At most so many; 0 means the default of 50.
    pub limit: u32,
}

/// Something that was found.
#[derive(Clone, Debug, serde::Serialize, utoipa::ToSchema)]
pub struct SearchItem {
    /// The fact, as lists of facts have it.
    #[serde(flatten)]
    pub event: EventView,
    /// The visit that it is about.
    pub visit: Option<VisitId>,
    /// What happened, in one sentence.
    pub text: String,
}

/// What was found, newest first.
#[derive(Clone, Debug, serde::Serialize, utoipa::ToSchema)]
pub struct SearchPage {
    /// The facts.
    pub items: Vec<SearchItem>,
    /// Pass as `before` for the next page.
    pub next: Option<String>,
    /// What the words were taken for.
    pub understood: Vec<Understood>,
    /// Words that stand for nothing and are in no text; nothing is found with them.
    pub not_understood: Vec<String>,
    /// Earlier days or visits were left out.
    pub is_cut: bool,
}

impl Hub {
    /// Finds facts about what the principal may know of.
    ///
    /// # Errors
    /// `bad_cursor`, `query_too_long`; `not_found` for a camera that may not be seen.
    pub async fn search(
        &self,
        grant: &HouseGrant<ask::ReadEvents>,
        query: SearchQuery,
    ) -> Result<SearchPage> {
        if query.q.chars().count() > QUERY_CHARACTERS_MAX {
            let text = format!("Search for at most {QUERY_CHARACTERS_MAX} characters.");
            return Err(UseCaseError::bad_input("query_too_long", text));
        }
        let (house, principal) = (self.house(), grant.principal());
        let clock = self.search_clock();
        let vocabulary = house.search_vocabulary(principal);
        let understanding = hearth_search::understand(&query.q, &vocabulary, &clock);
        let (mut filters, mut parts) = (understanding.filters, understanding.parts);
        let not_understood =
            self.take_rest(principal, understanding.rest, &mut filters, &mut parts).await?;
        let before = query.before.as_deref().map(EventCursor::from_str).transpose();
        let before =
            before.map_err(|error| UseCaseError::bad_input("bad_cursor", error.to_string()))?;
        let limit = if query.limit == 0 { PAGE_DEFAULT } else { query.limit };
        let scope = self.scope(principal, &filters, &query, &clock).await?;
        let (rows, is_full) = match not_understood.is_empty() {
            true => self.found(&scope, before, limit.min(SEARCH_PAGE_MAX)).await?,
            // All words have to fit, and one fits nothing.
            false => (Vec::new(), false),
        };
        let next = rows.last().filter(|_| is_full).map(|row| row.cursor().to_string());
        let items = self.search_items(principal, &rows).await;
        let is_cut = scope.is_cut;
        Ok(SearchPage { items, next, understood: parts, not_understood, is_cut })
    }

    pub(crate) fn search_clock(&self) -> Clock {
        Clock::new(self.house().clock.wall_now(), self.house().zone.clone())
    }

    /// Words that stand for nothing of the house are looked for in texts. Gives those that are in
    /// none: of whoever asks may read, so that nobody learns of others.
    async fn take_rest(
        &self,
        principal: &Principal,
        rest: Vec<(String, String)>,
        filters: &mut Filters,
        parts: &mut Vec<Understood>,
    ) -> Result<Vec<String>> {
        let mut missing = Vec::new();
        for (word, text) in rest {
            let has_room = filters.words.len() < TEXT_WORDS_MAX;
            if has_room && self.is_in_a_text(principal, &word).await? {
                let (meaning, name) = (Meaning::Text, text.clone());
                parts.push(Understood { text, meaning, value: word.clone(), name });
                filters.words.push(word);
            } else {
                missing.push(text);
            }
        }
        Ok(missing)
    }
}

impl House {
    /// Removes what names somebody of what others asked and look for: who is erased is not kept in
    /// it (promise V-16).
    pub(crate) async fn forget_in_questions(&self, name: &str) -> Result<()> {
        let all = words(name);
        let Some(first) = all.first() else { return Ok(()) };
        self.forget_in_conversations(&first.folded).await?;
        self.forget_in_saved_searches(&first.folded).await
    }
}

/// Whether a text holds a folded word.
fn names(text: &str, folded: &str) -> bool {
    words(text).iter().any(|word| word.folded == folded)
}
