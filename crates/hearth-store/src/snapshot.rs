//! What people set up, as one value: the hub keeps a sealed copy of it outside the database, and
//! puts it back when the database is lost. Footage comes back from its files.

use std::collections::BTreeMap;

use hearth_auth::User;

use crate::row::{get, json, to_json};
use crate::{
    Camera, Hold, Passkey, ProviderLink, SecondFactor, Store, StoreError, StoredDevice,
    StoredDeviceRule, StoredGroup, StoredPerson, StoredReply, StoredRule, StoredSample,
    StoredSearch, StoredToken, StoredWatched, camera, device, device_rule, group, hold, passkey,
    person, provider_link, reply, rule, saved_search, second_factor, setting, token, user, watched,
};

/// Cameras (also those being erased), accounts with their second factors and tokens, holds and
/// settings; no sessions, no events.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HouseSnapshot {
    /// Cameras.
    pub cameras: Vec<Camera>,
    /// Accounts.
    pub users: Vec<User>,
    /// Authenticator apps of accounts: without them a lost index would make passwords enough.
    #[serde(default)]
    pub second_factors: Vec<SecondFactor>,
    /// Passkeys of accounts.
    #[serde(default)]
    pub passkeys: Vec<Passkey>,
    /// Accounts that are linked to somebody at the sign-in provider.
    #[serde(default)]
    pub provider_links: Vec<ProviderLink>,
    /// Tokens of programs.
    #[serde(default)]
    pub tokens: Vec<StoredToken>,
    /// Devices with their sealed passwords.
    #[serde(default)]
    pub devices: Vec<StoredDevice>,
    /// People, sealed under their own keys.
    #[serde(default)]
    pub people: Vec<StoredPerson>,
    /// Their faces, sealed the same way; without the pictures, which are many and can be lost.
    #[serde(default)]
    pub face_samples: Vec<StoredSample>,
    /// Groups of them, sealed.
    #[serde(default)]
    pub person_groups: Vec<StoredGroup>,
    /// The watch list, sealed the same way, without pictures.
    #[serde(default)]
    pub watched: Vec<StoredWatched>,
    /// Quick replies, sealed.
    #[serde(default)]
    pub quick_replies: Vec<StoredReply>,
    /// Schedules and limits of devices.
    #[serde(default)]
    pub device_rules: Vec<StoredDeviceRule>,
    /// Rules of the house, sealed.
    #[serde(default)]
    pub house_rules: Vec<StoredRule>,
    /// Searches that people keep, sealed.
    #[serde(default)]
    pub saved_searches: Vec<StoredSearch>,
    /// Holds.
    pub holds: Vec<Hold>,
    /// Settings.
    pub settings: BTreeMap<String, serde_json::Value>,
}

impl Store {
    /// The house at one moment.
    pub async fn snapshot(&self) -> Result<HouseSnapshot, StoreError> {
        // The transaction keeps writers out, so that the parts belong together.
        let mut write = self.begin().await?;
        let connection = write.connection();
        let cameras = sqlx::query("SELECT * FROM cameras ORDER BY position, created_us, id")
            .fetch_all(&mut *connection)
            .await?;
        let users = sqlx::query("SELECT * FROM users ORDER BY created_us, id")
            .fetch_all(&mut *connection)
            .await?;
        let second_factors =
            sqlx::query("SELECT * FROM second_factors").fetch_all(&mut *connection).await?;
        let passkeys = sqlx::query("SELECT * FROM passkeys ORDER BY created_us, id")
            .fetch_all(&mut *connection)
            .await?;
        let links = sqlx::query("SELECT * FROM provider_links").fetch_all(&mut *connection).await?;
        let tokens = sqlx::query("SELECT * FROM tokens ORDER BY created_us, id")
            .fetch_all(&mut *connection)
            .await?;
        let devices = sqlx::query("SELECT * FROM devices ORDER BY created_us, id")
            .fetch_all(&mut *connection)
            .await?;
        let people = sqlx::query(person::ALL_PEOPLE).fetch_all(&mut *connection).await?;
        let samples = sqlx::query(person::ALL_SAMPLES).fetch_all(&mut *connection).await?;
        let groups = sqlx::query(group::ALL_GROUPS).fetch_all(&mut *connection).await?;
        let watched = sqlx::query(watched::ALL_WATCHED).fetch_all(&mut *connection).await?;
        let replies = sqlx::query(reply::ALL_REPLIES).fetch_all(&mut *connection).await?;
        let rules = sqlx::query("SELECT * FROM device_rules ORDER BY created_us, id")
            .fetch_all(&mut *connection)
            .await?;
        let house_rules = sqlx::query(rule::ALL_RULES).fetch_all(&mut *connection).await?;
        let searches = sqlx::query(saved_search::ALL).fetch_all(&mut *connection).await?;
        let holds = sqlx::query("SELECT * FROM holds ORDER BY created_us, id")
            .fetch_all(&mut *connection)
            .await?;
        let settings = sqlx::query("SELECT * FROM settings").fetch_all(&mut *connection).await?;
        write.commit().await?;
        let setting = |row| Ok((get::<String>(row, "key")?, json(row, "value")?));
        Ok(HouseSnapshot {
            cameras: cameras.iter().map(Camera::from_row).collect::<Result<_, _>>()?,
            users: users.iter().map(user::from_row).collect::<Result<_, _>>()?,
            second_factors: second_factors
                .iter()
                .map(SecondFactor::from_row)
                .collect::<Result<_, _>>()?,
            passkeys: passkeys.iter().map(Passkey::from_row).collect::<Result<_, _>>()?,
            provider_links: links.iter().map(ProviderLink::from_row).collect::<Result<_, _>>()?,
            tokens: tokens.iter().map(StoredToken::from_row).collect::<Result<_, _>>()?,
            devices: devices.iter().map(StoredDevice::from_row).collect::<Result<_, _>>()?,
            people: people.iter().map(StoredPerson::from_row).collect::<Result<_, _>>()?,
            face_samples: samples.iter().map(StoredSample::from_row).collect::<Result<_, _>>()?,
            person_groups: groups.iter().map(StoredGroup::from_row).collect::<Result<_, _>>()?,
            watched: watched.iter().map(StoredWatched::from_row).collect::<Result<_, _>>()?,
            quick_replies: replies.iter().map(StoredReply::from_row).collect::<Result<_, _>>()?,
            device_rules: rules.iter().map(StoredDeviceRule::from_row).collect::<Result<_, _>>()?,
            house_rules: house_rules.iter().map(StoredRule::from_row).collect::<Result<_, _>>()?,
            saved_searches: searches
                .iter()
                .map(StoredSearch::from_row)
                .collect::<Result<_, _>>()?,
            holds: holds.iter().map(Hold::from_row).collect::<Result<_, _>>()?,
            settings: settings.iter().map(setting).collect::<Result<_, StoreError>>()?,
        })
    }

    /// Replaces the house by a snapshot, all of it or nothing. Sessions end; footage and events
    /// stay.
    pub async fn restore(&self, snapshot: &HouseSnapshot) -> Result<(), StoreError> {
        let mut write = self.begin().await?;
        for sql in [
            "DELETE FROM sessions",
            "DELETE FROM users",
            "DELETE FROM cameras",
            "DELETE FROM devices",
            "DELETE FROM face_samples",
            "DELETE FROM people",
            "DELETE FROM person_groups",
            "DELETE FROM watched_pictures",
            "DELETE FROM watched",
            "DELETE FROM quick_replies",
            "DELETE FROM device_rules",
            "DELETE FROM house_rules",
            "DELETE FROM saved_searches",
            "DELETE FROM holds",
            "DELETE FROM settings",
        ] {
            sqlx::query(sql).execute(write.connection()).await?;
        }
        for row in &snapshot.cameras {
            camera::insert(write.connection(), row).await?;
        }
        for row in &snapshot.users {
            user::insert(write.connection(), row).await?;
        }
        for row in &snapshot.second_factors {
            second_factor::insert(write.connection(), row).await?;
        }
        for row in &snapshot.passkeys {
            passkey::insert(write.connection(), row).await?;
        }
        for row in &snapshot.provider_links {
            provider_link::insert(write.connection(), row).await?;
        }
        for row in &snapshot.tokens {
            token::insert(write.connection(), row).await?;
        }
        for row in &snapshot.devices {
            device::insert(write.connection(), row).await?;
        }
        for row in &snapshot.people {
            person::insert(write.connection(), row).await?;
        }
        for row in &snapshot.face_samples {
            person::insert_sample(write.connection(), row, None).await?;
        }
        for row in &snapshot.person_groups {
            group::put(write.connection(), row).await?;
        }
        for row in &snapshot.watched {
            watched::put(write.connection(), row).await?;
        }
        for row in &snapshot.quick_replies {
            reply::insert(write.connection(), row).await?;
        }
        for row in &snapshot.device_rules {
            device_rule::insert(write.connection(), row).await?;
        }
        for row in &snapshot.house_rules {
            rule::put(write.connection(), row).await?;
        }
        for row in &snapshot.saved_searches {
            saved_search::insert(write.connection(), row).await?;
        }
        for row in &snapshot.holds {
            hold::insert(write.connection(), row).await?;
        }
        for (key, value) in &snapshot.settings {
            setting::put(write.connection(), key, &to_json(value)?).await?;
        }
        write.commit().await
    }
}
