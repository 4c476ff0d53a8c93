//! Groups of people: a name for several of those who are known, which rules can speak of.
//!
//! A group is sealed under the house's key and holds ids alone: whoever is erased is in no group from
//! then on, and an earlier copy of one names nobody whose key is gone (promises V-16, D-04). Whoever
//! changes a group holds [`super::Roster::changing`], so that nobody who is just being erased joins.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{PoisonError, RwLock, RwLockReadGuard},
};

use hearth_auth::{HouseGrant, ask};
use hearth_model::{FaultKind, GroupId, PersonId, RuleId, WallTime};
use hearth_rules::{Groups, KnownGroup};
use hearth_store::{GROUPS_MAX, Store, StoreError, StoredGroup};
use hearth_vault::{KeyScope, Vault};

use super::Roster;
use crate::{
    Hub,
    error::{Result, UseCaseError},
    house::{House, zeroizing_json},
    identity::store_error,
    name::GroupName,
};

/// People in one group.
const MEMBERS_MAX: usize = 256;

/// Longest name; it has to fit into a sentence.
const NAME_CHARACTERS_MAX: usize = 60;

/// Context under which groups are sealed.
const CONTEXT: &[u8] = b"person group v1";

/// A group as it is sent.
#[derive(Clone, Debug, serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewGroup {
    /// What it is called, 1 to 60 characters.
    pub name: String,
    /// Who belongs to it, 256 people at most.
    pub members: Vec<PersonId>,
}

/// A group of people.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct GroupView {
    /// Its id.
    pub id: GroupId,
    /// What it is called.
    pub name: GroupName,
    /// Who belongs to it.
    pub members: Vec<PersonId>,
    /// The rules whose conditions name it.
    pub rules: Vec<RuleId>,
}

/// What is kept of a group.
#[derive(Clone, serde::Serialize, serde::Deserialize)]
struct GroupDocument {
    name: GroupName,
    members: BTreeSet<PersonId>,
}

#[derive(Clone)]
struct KeptGroup {
    created_at: WallTime,
    document: GroupDocument,
}

/// All groups, in memory.
pub(crate) struct PersonGroups(RwLock<BTreeMap<GroupId, KeptGroup>>);

impl GroupDocument {
    fn seal(&self, vault: &Vault) -> Result<Vec<u8>> {
        let sealed = vault.seal(&KeyScope::House, CONTEXT, zeroizing_json(self)?.expose());
        sealed.map_err(|error| UseCaseError::internal(&error))
    }

    fn open(vault: &Vault, sealed: &[u8]) -> Option<Self> {
        let json = vault.unseal(&KeyScope::House, CONTEXT, sealed).ok()?;
        serde_json::from_slice(json.expose()).ok()
    }
}

impl PersonGroups {
    /// Reads the groups. Whoever is not known any more belongs to none: the hub may have ended while
    /// somebody was erased.
    pub(crate) async fn open(
        store: &Store,
        vault: &Vault,
        people: &Roster,
    ) -> std::result::Result<Self, StoreError> {
        let mut groups = BTreeMap::new();
        for StoredGroup { id, sealed, created_at } in store.person_groups().await? {
            let Some(mut document) = GroupDocument::open(vault, &sealed) else {
                tracing::error!(group.id = %id, "a group of people does not open");
                continue;
            };
            document.members.retain(|member| people.get(*member).is_some());
            groups.insert(id, KeptGroup { created_at, document });
        }
        Ok(Self(RwLock::new(groups)))
    }

    fn read(&self) -> RwLockReadGuard<'_, BTreeMap<GroupId, KeptGroup>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn put(&self, id: GroupId, group: KeptGroup) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).insert(id, group);
    }

    fn remove(&self, id: GroupId) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).remove(&id);
    }

    /// In the order they were made.
    fn all(&self) -> Vec<(GroupId, KeptGroup)> {
        let mut all: Vec<_> = self.read().iter().map(|(id, one)| (*id, one.clone())).collect();
        all.sort_by_key(|(id, group)| (group.created_at, *id));
        all
    }

    /// As rules know them.
    pub(crate) fn known(&self) -> Vec<KnownGroup> {
        let known = |(id, group): (GroupId, KeptGroup)| {
            let GroupDocument { name, members } = group.document;
            KnownGroup { id, name: name.to_string(), members }
        };
        self.all().into_iter().map(known).collect()
    }

    /// Who belongs to which.
    pub(crate) fn members(&self) -> Groups {
        let groups = self.read();
        groups.iter().map(|(id, group)| (*id, group.document.members.clone())).collect()
    }

    /// What the groups are called to which somebody belongs.
    pub(crate) fn names_of(&self, person: PersonId) -> Vec<GroupName> {
        let groups = self.read();
        let theirs = groups.values().filter(|group| group.document.members.contains(&person));
        theirs.map(|group| group.document.name.clone()).collect()
    }

    /// Sentences do not tell capitals from small letters.
    fn has_name(&self, name: &GroupName, but: Option<GroupId>) -> bool {
        let name = name.as_str().to_lowercase();
        let is_it = |(id, group): (&GroupId, &KeptGroup)| {
            Some(*id) != but && group.document.name.as_str().to_lowercase() == name
        };
        self.read().iter().any(is_it)
    }
}

impl Hub {
    /// The groups, in the order they were made.
    pub fn person_groups(&self, _grant: &HouseGrant<ask::ManagePeople>) -> Vec<GroupView> {
        let house = self.house();
        house.groups.all().into_iter().map(|(id, group)| house.group_view(id, group)).collect()
    }

    /// What the groups are called to which somebody belongs.
    pub fn groups_of_person(
        &self,
        _grant: &HouseGrant<ask::ManagePeople>,
        person: PersonId,
    ) -> Vec<GroupName> {
        self.house().groups.names_of(person)
    }

    /// Makes a group.
    ///
    /// # Errors
    /// `bad_name`, `name_taken`, `too_many`; `not_found` for somebody who is not known.
    pub async fn add_person_group(
        &self,
        _grant: &HouseGrant<ask::ManagePeople>,
        new: NewGroup,
    ) -> Result<GroupView> {
        let house = self.house();
        let _changing = house.people.changing().await;
        let document = house.checked_group(new, None)?;
        if house.groups.read().len() >= GROUPS_MAX {
            return Err(too_many(format!("There are {GROUPS_MAX} groups at most.")));
        }
        let created_at = house.clock.wall_now();
        house.keep_group(GroupId::new(), KeptGroup { created_at, document }).await
    }

    /// Changes what a group is called and who belongs to it.
    ///
    /// # Errors
    /// As for [`Hub::add_person_group`]; `not_found`.
    pub async fn change_person_group(
        &self,
        _grant: &HouseGrant<ask::ManagePeople>,
        id: GroupId,
        new: NewGroup,
    ) -> Result<GroupView> {
        let house = self.house();
        let _changing = house.people.changing().await;
        let created_at = house.groups.read().get(&id).map(|group| group.created_at);
        let created_at = created_at.ok_or_else(no_group)?;
        let document = house.checked_group(new, Some(id))?;
        house.keep_group(id, KeptGroup { created_at, document }).await
    }

    /// Removes a group. The people stay; a rule that names it does not run any more, and says so.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn remove_person_group(
        &self,
        _grant: &HouseGrant<ask::ManagePeople>,
        id: GroupId,
    ) -> Result<()> {
        let house = self.house();
        let _changing = house.people.changing().await;
        match house.store.remove_person_group(id).await {
            Err(StoreError::NotFound { .. }) => return Err(no_group()),
            other => other.map_err(store_error)?,
        }
        house.groups.remove(id);
        house.groups_changed().await;
        Ok(())
    }
}

impl House {
    fn checked_group(&self, new: NewGroup, but: Option<GroupId>) -> Result<GroupDocument> {
        let name = new.name.trim();
        let fits = name.chars().count() <= NAME_CHARACTERS_MAX;
        let name = GroupName::new(name).filter(|_| fits).ok_or_else(|| {
            let text = format!("A name is one line of 1 to {NAME_CHARACTERS_MAX} characters.");
            UseCaseError::bad_input("bad_name", text)
        })?;
        if self.groups.has_name(&name, but) {
            let text = "There is a group of this name already.";
            return Err(UseCaseError::new(FaultKind::Conflict, "name_taken", text));
        }
        let members: BTreeSet<PersonId> = new.members.into_iter().collect();
        if members.len() > MEMBERS_MAX {
            return Err(too_many(format!("{MEMBERS_MAX} people at most belong to a group.")));
        }
        for member in &members {
            self.known_person(*member)?;
        }
        Ok(GroupDocument { name, members })
    }

    async fn keep_group(&self, id: GroupId, group: KeptGroup) -> Result<GroupView> {
        let sealed = group.document.seal(&self.vault)?;
        let stored = StoredGroup { id, sealed, created_at: group.created_at };
        self.store.put_person_groups(&[stored]).await.map_err(store_error)?;
        self.groups.put(id, group.clone());
        self.groups_changed().await;
        Ok(self.group_view(id, group))
    }

    /// Takes somebody out of all groups. The caller keeps the copy of the house.
    ///
    /// promise: V-16.
    pub(super) async fn leave_groups(&self, person: PersonId) -> Result<()> {
        let mut left = self.groups.all();
        left.retain_mut(|(_, group)| group.document.members.remove(&person));
        let mut stored = Vec::new();
        for (id, group) in &left {
            let sealed = group.document.seal(&self.vault)?;
            stored.push(StoredGroup { id: *id, sealed, created_at: group.created_at });
        }
        self.store.put_person_groups(&stored).await.map_err(store_error)?;
        left.into_iter().for_each(|(id, group)| self.groups.put(id, group));
        self.rules.set_groups(self.groups.members());
        Ok(())
    }

    async fn groups_changed(&self) {
        self.rules.set_groups(self.groups.members());
        self.keep_snapshot().await;
        self.status_changed();
    }

    fn group_view(&self, id: GroupId, group: KeptGroup) -> GroupView {
        let GroupDocument { name, members } = group.document;
        let (members, rules) = (members.into_iter().collect(), self.rules.naming_group(id));
        GroupView { id, name, members, rules }
    }
}

fn no_group() -> UseCaseError {
    UseCaseError::not_found("group")
}

fn too_many(text: String) -> UseCaseError {
    UseCaseError::new(FaultKind::Limited, "too_many", text)
}
