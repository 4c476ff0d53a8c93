//! Tokens for programs: made, listed, rotated, revoked, and presented.

use std::{net::IpAddr, sync::Arc};

use hearth_auth::{
    ApiToken, ApiTokenSecret, HouseGrant, Network, Principal, TokenName, TokenScope, User, ask,
};
use hearth_model::{TokenId, UserId, WallTime};
use hearth_secret::SecretString;
use hearth_store::TokenOf;

use super::{Ending, store_error};
use crate::{
    Hub,
    error::{Result, UseCaseError},
    schedule,
};

/// A token to make.
#[derive(Clone, Debug)]
pub struct NewToken {
    /// What it is called.
    pub name: TokenName,
    /// Whose it is; `None` makes it one's own. Another's takes the right to manage accounts.
    pub user: Option<UserId>,
    /// What it is for.
    pub scope: TokenScope,
    /// From where it may be used; empty means from anywhere.
    pub networks: Vec<Network>,
    /// When it ends; `None` takes 90 days.
    pub expires_at: Option<WallTime>,
}

/// A token that was just made, with what the program presents. Shown once.
#[derive(Clone, Debug)]
pub struct MadeToken {
    /// The token.
    pub token: TokenView,
    /// For the program.
    pub secret: SecretString,
}

/// A token as people see it.
#[derive(Clone, Debug, serde::Serialize, utoipa::ToSchema)]
pub struct TokenView {
    /// Its id.
    pub id: TokenId,
    /// Whose it is.
    pub user: UserId,
    /// What it is called.
    #[schema(value_type = String)]
    pub name: TokenName,
    /// What it is for.
    pub scope: TokenScope,
    /// From where it may be used; empty means from anywhere.
    #[schema(value_type = Vec<String>)]
    pub networks: Vec<Network>,
    /// When it was made.
    pub created_at: WallTime,
    /// When it ends.
    pub expires_at: WallTime,
    /// When it was last used, to within a minute.
    pub used_at: Option<WallTime>,
    /// From where.
    #[schema(value_type = Option<String>)]
    pub used_from: Option<IpAddr>,
}

/// A program that presented a token.
#[derive(Clone, Debug)]
pub struct MachineView {
    /// Whom the policy judges.
    pub principal: Principal,
    /// Until when it may go on with what it opens.
    pub until: WallTime,
}

impl Hub {
    /// One's own tokens; those of everybody for whoever manages accounts.
    ///
    /// # Errors
    /// If the store refuses.
    pub async fn tokens(&self, grant: &HouseGrant<ask::ManageTokens>) -> Result<Vec<TokenView>> {
        let owner =
            if self.manages_users(grant.principal()) { None } else { own(grant.principal()) };
        let tokens = self.house().store.tokens(owner).await.map_err(store_error)?;
        Ok(tokens.into_iter().map(view).collect())
    }

    /// Makes a token.
    ///
    /// # Errors
    /// `proof_needed`, `bad_scope`, `bad_expiry`, `bad_network`, `not_found` for another's account
    /// without the right to manage accounts, `user_needed` on the control socket, `too_many`.
    pub async fn add_token(
        &self,
        grant: &HouseGrant<ask::ManageTokens>,
        new: NewToken,
    ) -> Result<MadeToken> {
        self.proved(grant.principal()).await?;
        new.scope.check().map_err(|error| {
            UseCaseError::bad_input("bad_scope", format!("The scope is not acceptable: {error}."))
        })?;
        if new.networks.len() > ApiToken::NETWORKS_MAX {
            let text = format!("Name at most {} networks.", ApiToken::NETWORKS_MAX);
            return Err(UseCaseError::bad_input("bad_network", text));
        }
        let house = self.house();
        let now = house.clock.wall_now();
        let token = ApiToken {
            id: TokenId::new(),
            user: self.token_owner(grant.principal(), new.user)?,
            name: new.name,
            scope: new.scope,
            networks: new.networks,
            created_at: now,
            expires_at: end_of(new.expires_at, now)?,
            used_at: None,
            used_from: None,
        };
        let secret = ApiTokenSecret::generate();
        house.store.add_token(&secret.hash(), &token).await.map_err(store_error)?;
        self.identity_changed(None).await;
        Ok(MadeToken { token: view(token), secret: secret.to_text() })
    }

    /// Gives a token another secret; the old one, and all that was made from it, ends at once.
    ///
    /// # Errors
    /// `proof_needed`, `not_found`.
    pub async fn rotate_token(
        &self,
        grant: &HouseGrant<ask::ManageTokens>,
        id: TokenId,
    ) -> Result<MadeToken> {
        self.proved(grant.principal()).await?;
        let token = self.manageable(grant, id).await?;
        let secret = ApiTokenSecret::generate();
        self.house().store.rotate_token(id, &secret.hash()).await.map_err(store_error)?;
        self.identity_changed(Some(Ending::Token(id))).await;
        Ok(MadeToken { token: view(token), secret: secret.to_text() })
    }

    /// Revokes a token, and what its programs have open ends.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn remove_token(
        &self,
        grant: &HouseGrant<ask::ManageTokens>,
        id: TokenId,
    ) -> Result<()> {
        self.manageable(grant, id).await?;
        self.house().store.remove_token(id).await.map_err(store_error)?;
        let forgotten = self.house().store.forget_questions_of(&id.to_string()).await;
        forgotten.map_err(store_error)?;
        self.identity_changed(Some(Ending::Token(id))).await;
        Ok(())
    }

    /// Who presents a bearer token: a token of a program, or an access token made from one. `None`
    /// if it is unknown, has ended, or is used from elsewhere or at another hour than it may be.
    pub async fn authenticate_bearer(&self, text: &str, address: IpAddr) -> Option<MachineView> {
        match ApiTokenSecret::parse(text) {
            Some(secret) => {
                let hash = secret.hash();
                let house = self.house();
                let found = house.identity.tokens.find(hash, house.store.token_by_hash(&hash));
                let found = found.await.map_err(|error| super::logged(&error)).ok()??;
                let view = self.machine(&found, address)?;
                self.touch_token(&found, address, |touch| {
                    house.identity.tokens.update(&hash, touch);
                })
                .await;
                Some(view)
            }
            None => self.authenticate_access(text, address).await,
        }
    }

    /// The program behind a token, if the token may be used from there and now.
    pub(super) fn machine(&self, found: &TokenOf, address: IpAddr) -> Option<MachineView> {
        let now = self.house().clock.wall_now();
        let TokenOf { token, user } = found;
        if !token.is_usable(address, now) || !user.is_active(now) || user.must_change_password {
            return None;
        }
        let mut until = user.expires_at.map_or(token.expires_at, |end| end.min(token.expires_at));
        if let Some(hours) = &token.scope.hours {
            until = until.min(schedule::end_of_hours(hours, &self.house().zone, now)?);
        }
        Some(MachineView { principal: principal(token, user), until })
    }

    pub(super) async fn touch_token(
        &self,
        found: &TokenOf,
        address: IpAddr,
        remember: impl FnOnce(&dyn Fn(&mut TokenOf)),
    ) {
        let now = self.house().clock.wall_now();
        if !found.token.needs_touch(now, address) {
            return;
        }
        match self.house().store.touch_token(found.token.id, address, now).await {
            Ok(()) => remember(&|known| {
                known.token.used_at = Some(now);
                known.token.used_from = Some(address);
            }),
            Err(error) => tracing::warn!(%error, "a token's use was not noted"),
        }
    }

    async fn manageable(
        &self,
        grant: &HouseGrant<ask::ManageTokens>,
        id: TokenId,
    ) -> Result<ApiToken> {
        let token = self.house().store.token(id).await.map_err(store_error)?;
        let principal = grant.principal();
        if own(principal) == Some(token.user) || self.manages_users(principal) {
            Ok(token)
        } else {
            Err(UseCaseError::not_found("token"))
        }
    }

    fn token_owner(&self, principal: &Principal, asked: Option<UserId>) -> Result<UserId> {
        match (asked, own(principal)) {
            (Some(asked), Some(own)) if asked == own => Ok(own),
            (Some(asked), _) if self.manages_users(principal) => Ok(asked),
            (Some(_), _) => Err(UseCaseError::not_found("account")),
            (None, Some(own)) => Ok(own),
            (None, None) => {
                let text = "Say whose token it is: the control socket has no account.";
                Err(UseCaseError::bad_input("user_needed", text))
            }
        }
    }

    fn manages_users(&self, principal: &Principal) -> bool {
        self.policy().house::<ask::ManageUsers>(principal).is_ok()
    }
}

fn principal(token: &ApiToken, user: &User) -> Principal {
    Principal::Machine {
        token: token.id,
        name: token.name.clone(),
        user: user.id,
        role: user.role,
        scope: Arc::new(token.scope.clone()),
    }
}

fn own(principal: &Principal) -> Option<UserId> {
    match principal {
        Principal::User { user, .. } => Some(*user),
        Principal::Machine { .. } | Principal::Owner => None,
    }
}

fn end_of(asked: Option<WallTime>, now: WallTime) -> Result<WallTime> {
    let after = |life: std::time::Duration| {
        now.plus_micros(i64::try_from(life.as_micros()).unwrap_or(i64::MAX))
    };
    let end = asked.unwrap_or_else(|| after(ApiToken::LIFETIME));
    if now < end && end <= after(ApiToken::LIFETIME_MAX) {
        return Ok(end);
    }
    let text = "A token ends in the future, and within a year.";
    Err(UseCaseError::bad_input("bad_expiry", text))
}

fn view(token: ApiToken) -> TokenView {
    TokenView {
        id: token.id,
        user: token.user,
        name: token.name,
        scope: token.scope,
        networks: token.networks,
        created_at: token.created_at,
        expires_at: token.expires_at,
        used_at: token.used_at,
        used_from: token.used_from,
    }
}
