//! The first account: who holds the code from the terminal makes it, once.

use hearth_auth::{Claim, ClaimError, OwnerGrant, UserName};
use hearth_model::{FaultKind, Role, WallTime};
use hearth_secret::SecretString;

use super::{Peer, SignedIn, lock, new_user, store_error};
use crate::{
    Hub,
    error::{Result, UseCaseError},
};

/// A code that was made anew, and until when it is valid.
#[derive(Clone, Debug)]
pub struct RenewedClaim {
    /// To be shown on the terminal.
    pub code: SecretString,
    /// When it is void.
    pub expires_at: WallTime,
}

impl Hub {
    /// The code that makes the first account; `None` once there is one.
    pub fn claim_code(&self) -> Option<SecretString> {
        lock(&self.house().identity.claim_code).clone()
    }

    /// Makes a new claim code, while there is no account.
    ///
    /// # Errors
    /// `already_claimed`.
    pub fn renew_claim_code(&self, _grant: &OwnerGrant) -> Result<RenewedClaim> {
        let identity = &self.house().identity;
        let now = self.house().clock.wall_now();
        let code = lock(&identity.claim).renew(now).ok_or(ClaimError::Closed);
        let code = code.map_err(claim_error)?.to_text();
        *lock(&identity.claim_code) = Some(code.clone());
        let lifetime = i64::try_from(Claim::LIFETIME.as_micros()).unwrap_or(i64::MAX);
        Ok(RenewedClaim { code, expires_at: now.plus_micros(lifetime) })
    }

    /// Whether the first account is still to be made.
    pub(crate) fn claim_needed(&self) -> bool {
        lock(&self.house().identity.claim).is_open()
    }

    /// Makes the first account, and signs it in.
    ///
    /// # Errors
    /// `wrong_code`, `code_expired`, `already_claimed`, `weak_password`, `bad_name`.
    ///
    /// promise: T-09, T-18.
    pub async fn claim(
        &self,
        code: &str,
        name: &str,
        password: SecretString,
        peer: &Peer,
    ) -> Result<SignedIn> {
        let claimed = self.try_claim(code, name, password, peer).await;
        self.note_sign_in("claim", peer, None, &claimed);
        claimed
    }

    async fn try_claim(
        &self,
        code: &str,
        name: &str,
        password: SecretString,
        peer: &Peer,
    ) -> Result<SignedIn> {
        let house = self.house();
        let now = house.clock.wall_now();
        lock(&house.identity.claim).check(code, now).map_err(claim_error)?;
        let name = user_name(name)?;
        let hash = self.strong(&password, name.as_str()).await?;
        let user = new_user(name, Role::Admin, hash, now);
        house.store.add_first_user(&user).await.map_err(store_error)?;
        lock(&house.identity.claim).close();
        *lock(&house.identity.claim_code) = None;
        self.identity_changed(None).await;
        self.begin_session(user, peer).await
    }
}

/// Reads a name for an account.
pub(super) fn user_name(text: &str) -> Result<UserName> {
    UserName::new(text).ok_or_else(|| {
        UseCaseError::bad_input("bad_name", "A name is one line of 1 to 64 characters.")
    })
}

fn claim_error(error: ClaimError) -> UseCaseError {
    let (kind, code) = match error {
        ClaimError::WrongCode => (FaultKind::Denied, "wrong_code"),
        ClaimError::Expired => (FaultKind::Denied, "code_expired"),
        ClaimError::Closed => (FaultKind::Conflict, "already_claimed"),
    };
    UseCaseError::new(kind, code, error.to_string())
}
