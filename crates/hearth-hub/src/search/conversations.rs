//! Questions that go on from each other: whose they are, how they are sealed, and when they go.

use hearth_auth::{HouseGrant, Principal, ask};
use hearth_model::{ConversationId, EventId, WallTime};
use hearth_search::Question;
use hearth_store::StoredConversation;
use hearth_vault::KeyScope;

use super::names;
use crate::{
    Hub,
    error::{Result, UseCaseError},
    house::{House, zeroizing_json},
    identity::store_error,
};

/// Context under which conversations are sealed.
const CONTEXT: &[u8] = b"conversation v1";

/// A conversation goes so long after its last question: seven days.
const LASTS_MICROS: i64 = 7 * 86_400 * 1_000_000;

/// Questions of one conversation; the oldest go.
const TURNS_MAX: usize = 20;

/// A question and its answer.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
pub struct TurnView {
    /// When.
    pub at: WallTime,
    /// What was asked.
    pub text: String,
    /// What was said.
    pub answer: String,
    /// The facts that it was said by.
    pub evidence: Vec<EventId>,
}

/// What is kept of a conversation.
#[derive(Clone, Debug, Default, serde::Serialize, serde::Deserialize)]
pub(super) struct ConversationDocument {
    pub(super) turns: Vec<TurnView>,
    /// The last question that was understood, for the next one to go on from.
    pub(super) last: Option<Question>,
}

/// A conversation.
#[derive(Clone, Debug, serde::Serialize, utoipa::ToSchema)]
pub struct ConversationView {
    /// Its id.
    pub id: ConversationId,
    /// When it began.
    pub started_at: WallTime,
    /// When it goes unless somebody asks on.
    pub expires_at: WallTime,
    /// What was asked first.
    pub title: String,
    /// How many questions.
    pub turns: usize,
}

/// A conversation with all that is kept of it.
#[derive(Clone, Debug, serde::Serialize, utoipa::ToSchema)]
pub struct ConversationDetail {
    /// Its id.
    pub id: ConversationId,
    /// When it began.
    pub started_at: WallTime,
    /// When it goes unless somebody asks on.
    pub expires_at: WallTime,
    /// What was asked first.
    pub title: String,
    /// Questions and answers, oldest first.
    pub turns: Vec<TurnView>,
}

/// Whose conversations and kept searches a principal's are.
pub(super) fn owner_of(principal: &Principal) -> String {
    match principal {
        Principal::User { user, .. } => user.to_string(),
        // A program's questions are not its owner's: it may know less, or more.
        Principal::Machine { token, .. } => token.to_string(),
        Principal::Owner => "owner".to_owned(),
    }
}

impl ConversationDocument {
    fn title(&self) -> String {
        self.turns.first().map(|turn| turn.text.clone()).unwrap_or_default()
    }

    pub(super) fn add(&mut self, turn: TurnView) {
        self.turns.push(turn);
        let too_many = self.turns.len().saturating_sub(TURNS_MAX);
        self.turns.drain(..too_many);
    }

    fn speaks_of(&self, name: &str) -> bool {
        let mut said = self.turns.iter().flat_map(|turn| [&turn.text, &turn.answer]);
        said.any(|text| names(text, name))
    }
}

impl Hub {
    /// One's own conversations, newest first.
    ///
    /// # Errors
    /// If the store refuses.
    pub async fn conversations(
        &self,
        grant: &HouseGrant<ask::ReadEvents>,
    ) -> Result<Vec<ConversationView>> {
        let house = self.house();
        let now = house.clock.wall_now();
        let stored = house.store.conversations(&owner_of(grant.principal()), now).await;
        let view = |stored: StoredConversation| {
            let document = house.open_conversation(&stored)?;
            Some(ConversationView {
                id: stored.id,
                started_at: stored.started_at,
                expires_at: stored.expires_at,
                title: document.title(),
                turns: document.turns.len(),
            })
        };
        Ok(stored.map_err(store_error)?.into_iter().filter_map(view).collect())
    }

    /// One of one's own conversations.
    ///
    /// # Errors
    /// `not_found` also for somebody else's (promise T-05).
    pub async fn conversation(
        &self,
        grant: &HouseGrant<ask::ReadEvents>,
        id: ConversationId,
    ) -> Result<ConversationDetail> {
        let (stored, document) = self.own_conversation(grant.principal(), id).await?;
        Ok(ConversationDetail {
            id,
            started_at: stored.started_at,
            expires_at: stored.expires_at,
            title: document.title(),
            turns: document.turns,
        })
    }

    /// Removes one of one's own conversations.
    ///
    /// # Errors
    /// `not_found` also for somebody else's.
    pub async fn remove_conversation(
        &self,
        grant: &HouseGrant<ask::ReadEvents>,
        id: ConversationId,
    ) -> Result<()> {
        let removed =
            self.house().store.remove_conversation(id, &owner_of(grant.principal())).await;
        removed.map_err(|_| no_conversation())
    }

    pub(super) async fn own_conversation(
        &self,
        principal: &Principal,
        id: ConversationId,
    ) -> Result<(StoredConversation, ConversationDocument)> {
        let house = self.house();
        let now = house.clock.wall_now();
        let stored = house.store.conversation(id, &owner_of(principal), now).await;
        let stored = stored.map_err(|_| no_conversation())?;
        let document = house.open_conversation(&stored).ok_or_else(no_conversation)?;
        Ok((stored, document))
    }
}

impl House {
    fn open_conversation(&self, stored: &StoredConversation) -> Option<ConversationDocument> {
        let json = self.vault.unseal(&KeyScope::House, CONTEXT, &stored.sealed).ok()?;
        serde_json::from_slice(json.expose()).ok()
    }

    /// Keeps a conversation for another seven days, and says until when.
    pub(super) async fn keep_conversation(
        &self,
        id: ConversationId,
        owner: String,
        started_at: WallTime,
        document: &ConversationDocument,
    ) -> Result<WallTime> {
        let json = zeroizing_json(document)?;
        let sealed = self.vault.seal(&KeyScope::House, CONTEXT, json.expose());
        let sealed = sealed.map_err(|error| UseCaseError::internal(&error))?;
        let expires_at = self.clock.wall_now().plus_micros(LASTS_MICROS);
        let stored = StoredConversation { id, owner, sealed, started_at, expires_at };
        self.store.put_conversation(&stored).await.map_err(store_error)?;
        Ok(expires_at)
    }

    /// Removes all conversations in which somebody is named.
    pub(super) async fn forget_in_conversations(&self, name: &str) -> Result<()> {
        for stored in self.store.all_conversations().await.map_err(store_error)? {
            let document = self.open_conversation(&stored);
            if document.is_none_or(|document| document.speaks_of(name)) {
                let removed = self.store.remove_conversation(stored.id, &stored.owner).await;
                // It may have gone by itself meanwhile.
                removed.ok();
            }
        }
        Ok(())
    }
}

pub(super) fn no_conversation() -> UseCaseError {
    UseCaseError::not_found("conversation")
}
