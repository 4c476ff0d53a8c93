//! Accounts, as those see them who manage them.

use hearth_auth::{CameraAccess, HouseGrant, OwnerGrant, PasswordHash, User, ask};
use hearth_model::{Role, SessionId, UserId, WallTime};
use hearth_secret::SecretString;
use hearth_store::UserChange;

use super::{Ending, claiming::user_name, new_user, own_account::SessionInfo, store_error};
use crate::{
    Hub,
    error::{Result, UseCaseError},
};

/// How long a guest's account lasts unless somebody says otherwise: a week's visit.
const GUEST_LIFETIME_MICROS: i64 = 7 * 86_400 * 1_000_000;

/// An account to make.
#[derive(Clone, Debug)]
pub struct NewUser {
    /// What it signs in with.
    pub name: String,
    /// What it may do.
    pub role: Role,
    /// Its password; `None` makes one that must be changed at the first sign-in. Services have
    /// none: they have tokens.
    pub password: Option<SecretString>,
    /// When it ends by itself; guests end after a week unless this says otherwise.
    pub expires_at: Option<WallTime>,
    /// What it may do with single cameras.
    pub camera_access: CameraAccess,
}

/// What changes of an account; what is left out stays.
#[derive(Clone, Debug, Default, serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct UserPatch {
    /// What it signs in with.
    pub name: Option<String>,
    /// What it may do. Another role ends its sign-ins.
    pub role: Option<Role>,
    /// Whether it may be used. Disabling ends its sign-ins.
    pub disabled: Option<bool>,
    /// When it ends by itself; `null` means never.
    #[serde(deserialize_with = "crate::patch::given")]
    #[schema(value_type = Option<WallTime>)]
    pub expires_at: Option<Option<WallTime>>,
    /// What it may do with single cameras; replaces all rules.
    pub camera_access: Option<CameraAccess>,
}

/// An account as those see it who manage accounts.
#[derive(Clone, Debug, serde::Serialize, utoipa::ToSchema)]
pub struct UserView {
    /// Its id.
    pub id: UserId,
    /// What it signs in with.
    pub name: String,
    /// What it may do.
    pub role: Role,
    /// When it was made.
    pub created_at: WallTime,
    /// Since when it may not be used, if so.
    pub disabled_at: Option<WallTime>,
    /// When it ends by itself.
    pub expires_at: Option<WallTime>,
    /// Its password was chosen by somebody else and has to be changed first.
    pub must_change_password: bool,
    /// Whether an authenticator app's code is asked for.
    pub second_factor: bool,
    /// What it may do with single cameras.
    pub camera_access: CameraAccess,
}

/// An account that was just made or given another password.
#[derive(Clone, Debug)]
pub struct MadeUser {
    /// The account.
    pub user: UserView,
    /// The password that was made for it, if nobody chose one. Shown once.
    pub password: Option<SecretString>,
}

impl Hub {
    /// All accounts, oldest first.
    ///
    /// # Errors
    /// If the store refuses.
    pub async fn users(&self, _grant: &HouseGrant<ask::ManageUsers>) -> Result<Vec<UserView>> {
        let store = &self.house().store;
        let users = store.users().await.map_err(store_error)?;
        let factors = store.users_with_second_factor().await.map_err(store_error)?;
        Ok(users.into_iter().map(|user| view(&user, factors.contains(&user.id))).collect())
    }

    /// One account.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn user(
        &self,
        _grant: &HouseGrant<ask::ManageUsers>,
        id: UserId,
    ) -> Result<UserView> {
        let user = self.house().store.user(id).await.map_err(store_error)?;
        self.shown(&user).await
    }

    /// Makes an account.
    ///
    /// # Errors
    /// `bad_name`, `weak_password`, `bad_expiry`, `bad_camera_access`, `conflict` for a name that is
    /// taken, `no_password` for a service that was given one, `too_many`.
    pub async fn add_user(
        &self,
        _grant: &HouseGrant<ask::ManageUsers>,
        new: NewUser,
    ) -> Result<MadeUser> {
        let house = self.house();
        let now = house.clock.wall_now();
        let name = user_name(&new.name)?;
        check_access(&new.camera_access)?;
        let expires_at = match (new.expires_at, new.role) {
            (Some(_), Role::Admin) => return Err(never_ends()),
            (Some(end), _) if end <= now => return Err(bad_expiry()),
            (None, Role::Guest) => Some(now.plus_micros(GUEST_LIFETIME_MICROS)),
            (end, _) => end,
        };
        if new.role == Role::Service && new.password.is_some() {
            let text = "A service has no password. Make a token for it.";
            return Err(UseCaseError::bad_input("no_password", text));
        }
        let (hash, made) = self.chosen_or_made(new.password, name.as_str()).await?;
        let user = User {
            expires_at,
            // A service never signs in, so there is nothing to change.
            must_change_password: made.is_some() && new.role != Role::Service,
            camera_access: new.camera_access,
            ..new_user(name, new.role, hash, now)
        };
        house.store.add_user(&user).await.map_err(store_error)?;
        self.policy().set_camera_access(user.id, user.camera_access.clone());
        self.identity_changed(None).await;
        let password = made.filter(|_| user.role != Role::Service);
        Ok(MadeUser { user: view(&user, false), password })
    }

    /// Changes an account. Whatever changes of its rights, what it has open ends; another role and
    /// disabling also end its sign-ins (promise D-08).
    ///
    /// # Errors
    /// `not_found`, `bad_name`, `bad_expiry`, `bad_camera_access`, `conflict` if nobody would be left to
    /// administer the house.
    pub async fn change_user(
        &self,
        _grant: &HouseGrant<ask::ManageUsers>,
        id: UserId,
        patch: UserPatch,
    ) -> Result<UserView> {
        let house = self.house();
        let now = house.clock.wall_now();
        let before = house.store.user(id).await.map_err(store_error)?;
        if let Some(access) = &patch.camera_access {
            check_access(access)?;
        }
        let role = patch.role.unwrap_or(before.role);
        let expires_at = match (patch.expires_at, role) {
            (Some(Some(_)), Role::Admin) => return Err(never_ends()),
            (Some(Some(end)), _) if end <= now => return Err(bad_expiry()),
            (Some(None), Role::Guest) => return Err(guest_ends()),
            (None, Role::Guest) if before.expires_at.is_none() => {
                Some(Some(now.plus_micros(GUEST_LIFETIME_MICROS)))
            }
            // Who was a guest and is an administrator now stays.
            (None, Role::Admin) => Some(None),
            (given, _) => given,
        };
        let change = UserChange {
            name: patch.name.as_deref().map(user_name).transpose()?,
            role: patch.role,
            disabled_at: patch.disabled.map(|disabled| match (disabled, before.disabled_at) {
                (true, since) => since.or(Some(now)),
                (false, _) => None,
            }),
            expires_at,
            camera_access: patch.camera_access,
        };
        let user = house.store.change_user(id, &change).await.map_err(store_error)?;
        self.policy().set_camera_access(id, user.camera_access.clone());
        self.identity_changed(Some(Ending::User(id))).await;
        self.shown(&user).await
    }

    /// Removes an account with its sign-ins, second factors, tokens, what it asked, and the browsers
    /// that it subscribed.
    ///
    /// # Errors
    /// `not_found`, `conflict` if it is the last administrator's.
    pub async fn remove_user(
        &self,
        _grant: &HouseGrant<ask::ManageUsers>,
        id: UserId,
    ) -> Result<()> {
        self.house().store.remove_user(id).await.map_err(store_error)?;
        let forgotten = self.house().store.forget_questions_of(&id.to_string()).await;
        forgotten.map_err(store_error)?;
        self.policy().set_camera_access(id, CameraAccess::default());
        self.identity_changed(Some(Ending::User(id))).await;
        self.house().forget_recipients_of(id).await
    }

    /// Gives an account another password, and ends its sign-ins. With `second_factors` also removes
    /// its authenticator app and passkeys, for somebody who lost them. Only whoever runs the hub
    /// may: everybody else has to know the old one.
    ///
    /// # Errors
    /// `not_found`, `weak_password`, `no_password` for a service.
    pub async fn reset_password(
        &self,
        _grant: &OwnerGrant,
        id: UserId,
        password: Option<SecretString>,
        second_factors: bool,
    ) -> Result<MadeUser> {
        let store = &self.house().store;
        let before = store.user(id).await.map_err(store_error)?;
        if before.role == Role::Service {
            let text = "A service has no password. Make a token for it.";
            return Err(UseCaseError::bad_input("no_password", text));
        }
        let (hash, made) = self.chosen_or_made(password, before.name.as_str()).await?;
        let user = store.set_password(id, &hash, made.is_some(), None).await;
        let user = user.map_err(store_error)?;
        if second_factors {
            store.remove_second_factor(id).await.map_err(store_error)?;
            store.remove_passkeys_of(id).await.map_err(store_error)?;
        }
        self.identity_changed(Some(Ending::User(id))).await;
        Ok(MadeUser { user: self.shown(&user).await?, password: made })
    }

    /// An account's sign-ins, last used first.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn sessions_of(
        &self,
        _grant: &HouseGrant<ask::ManageUsers>,
        id: UserId,
    ) -> Result<Vec<SessionInfo>> {
        self.house().store.user(id).await.map_err(store_error)?;
        self.live_sessions(id, None).await
    }

    /// Ends an account's sign-ins, or one of them. Says how many.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn end_sessions_of(
        &self,
        _grant: &HouseGrant<ask::ManageUsers>,
        id: UserId,
        session: Option<SessionId>,
    ) -> Result<u64> {
        let store = &self.house().store;
        store.user(id).await.map_err(store_error)?;
        match session {
            Some(session) => {
                store.revoke_session(id, session).await.map_err(store_error)?;
                self.rights_changed(Some(Ending::Session(session)));
                Ok(1)
            }
            None => {
                let ended = store.revoke_sessions_of(id, None).await.map_err(store_error)?;
                self.rights_changed(Some(Ending::User(id)));
                Ok(ended)
            }
        }
    }

    /// The hash of a chosen password, or of one that is made here.
    async fn chosen_or_made(
        &self,
        chosen: Option<SecretString>,
        name: &str,
    ) -> Result<(PasswordHash, Option<SecretString>)> {
        match chosen {
            Some(chosen) => Ok((self.strong(&chosen, name).await?, None)),
            None => {
                // 80 random bits in groups of four: easy to read out and to type once.
                let made = hearth_auth::RecoveryCode::generate().to_text();
                Ok((self.hash(made.clone()).await?, Some(made)))
            }
        }
    }

    async fn shown(&self, user: &User) -> Result<UserView> {
        let factor = self.house().store.second_factor(user.id).await.map_err(store_error)?;
        Ok(view(user, factor.is_some_and(|factor| factor.confirmed_at.is_some())))
    }
}

fn view(user: &User, second_factor: bool) -> UserView {
    UserView {
        id: user.id,
        name: user.name.to_string(),
        role: user.role,
        created_at: user.created_at,
        disabled_at: user.disabled_at,
        expires_at: user.expires_at,
        must_change_password: user.must_change_password,
        second_factor,
        camera_access: user.camera_access.clone(),
    }
}

fn check_access(access: &CameraAccess) -> Result<()> {
    access.check().map_err(|error| {
        UseCaseError::bad_input("bad_camera_access", format!("The rules do not fit: {error}."))
    })
}

fn bad_expiry() -> UseCaseError {
    UseCaseError::bad_input("bad_expiry", "An account ends in the future.")
}

fn never_ends() -> UseCaseError {
    let text = "An administrator's account does not end by itself.";
    UseCaseError::bad_input("bad_expiry", text)
}

fn guest_ends() -> UseCaseError {
    UseCaseError::bad_input("bad_expiry", "A guest's account has an end. Say when.")
}
