//! Searches that somebody keeps for themselves.

use hearth_auth::{HouseGrant, ask};
use hearth_model::SavedSearchId;
use hearth_store::StoredSearch;
use hearth_vault::KeyScope;

use super::{QUERY_CHARACTERS_MAX, conversations::owner_of, names};
use crate::{
    Hub,
    error::{Result, UseCaseError},
    house::{House, zeroizing_json},
    identity::store_error,
};

/// Context under which kept searches are sealed.
const CONTEXT: &[u8] = b"kept search v1";

/// Longest name.
const NAME_CHARACTERS_MAX: usize = 60;

/// A search to keep.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSavedSearch {
    /// What it is called.
    pub name: String,
    /// Its words.
    pub q: String,
}

/// A search that is kept.
#[derive(Clone, Debug, serde::Serialize, utoipa::ToSchema)]
pub struct SavedSearchView {
    /// Its id.
    pub id: SavedSearchId,
    /// What it is called.
    pub name: String,
    /// Its words.
    pub q: String,
}

impl Hub {
    /// One's own kept searches.
    ///
    /// # Errors
    /// If the store refuses.
    pub async fn saved_searches(
        &self,
        grant: &HouseGrant<ask::ReadEvents>,
    ) -> Result<Vec<SavedSearchView>> {
        let house = self.house();
        let stored = house.store.saved_searches(&owner_of(grant.principal())).await;
        let view = |stored: StoredSearch| {
            let NewSavedSearch { name, q } = house.open_search(&stored)?;
            Some(SavedSearchView { id: stored.id, name, q })
        };
        Ok(stored.map_err(store_error)?.into_iter().filter_map(view).collect())
    }

    /// Keeps a search.
    ///
    /// # Errors
    /// `invalid`, `too_many`.
    pub async fn save_search(
        &self,
        grant: &HouseGrant<ask::ReadEvents>,
        new: NewSavedSearch,
    ) -> Result<SavedSearchView> {
        let fits = |text: &str, most: usize| {
            (1..=most).contains(&text.trim().chars().count()) && !text.contains(char::is_control)
        };
        if !fits(&new.name, NAME_CHARACTERS_MAX) || !fits(&new.q, QUERY_CHARACTERS_MAX) {
            let text = format!(
                "A kept search has a name of up to {NAME_CHARACTERS_MAX} characters and words of up to \
                 {QUERY_CHARACTERS_MAX}."
            );
            return Err(UseCaseError::bad_input("invalid", text));
        }
        let house = self.house();
        let sealed = house.vault.seal(&KeyScope::House, CONTEXT, zeroizing_json(&new)?.expose());
        let stored = StoredSearch {
            id: SavedSearchId::new(),
            owner: owner_of(grant.principal()),
            sealed: sealed.map_err(|error| UseCaseError::internal(&error))?,
            created_at: house.clock.wall_now(),
        };
        house.store.add_saved_search(&stored).await.map_err(store_error)?;
        house.keep_snapshot().await;
        Ok(SavedSearchView { id: stored.id, name: new.name, q: new.q })
    }

    /// Removes one of one's own kept searches.
    ///
    /// # Errors
    /// `not_found` also for somebody else's.
    pub async fn remove_saved_search(
        &self,
        grant: &HouseGrant<ask::ReadEvents>,
        id: SavedSearchId,
    ) -> Result<()> {
        let house = self.house();
        let removed = house.store.remove_saved_search(id, &owner_of(grant.principal())).await;
        removed.map_err(store_error)?;
        house.keep_snapshot().await;
        Ok(())
    }
}

impl House {
    fn open_search(&self, stored: &StoredSearch) -> Option<NewSavedSearch> {
        let json = self.vault.unseal(&KeyScope::House, CONTEXT, &stored.sealed).ok()?;
        serde_json::from_slice(json.expose()).ok()
    }

    /// Removes all kept searches in which somebody is named.
    pub(super) async fn forget_in_saved_searches(&self, name: &str) -> Result<()> {
        for stored in self.store.all_saved_searches().await.map_err(store_error)? {
            let kept = self.open_search(&stored);
            if kept.is_none_or(|kept| names(&kept.name, name) || names(&kept.q, name)) {
                let removed = self.store.remove_saved_search(stored.id, &stored.owner).await;
                // Its owner may have removed it meanwhile.
                removed.ok();
            }
        }
        Ok(())
    }
}
