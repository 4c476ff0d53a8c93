//! Authenticator apps: begun, confirmed, asked for, and what helps when one is lost.

use hearth_auth::{AccountGrant, RecoveryCode, TokenHash, TotpSecret};
use hearth_model::{FaultKind, UserId};
use hearth_secret::SecretString;
use hearth_store::SecondFactor;
use hearth_vault::KeyScope;

use super::store_error;
use crate::{
    Hub,
    error::{Result, UseCaseError},
};

/// Context under which a shared secret is sealed; the account's id follows, so that no sealed
/// secret opens for another account.
const CONTEXT: &[u8] = b"totp v1\0";

/// What its owner enters into an authenticator app. Shown once.
#[derive(Clone, Debug)]
pub struct NewAuthenticator {
    /// To type: base32.
    pub secret: SecretString,
    /// To show as a QR code.
    pub uri: SecretString,
}

/// What an account has beside its password.
#[derive(Clone, Copy, Debug, serde::Serialize, utoipa::ToSchema)]
pub struct SecondFactorView {
    /// A code of an authenticator app is asked for.
    pub enabled: bool,
    /// Recovery codes that are left.
    pub recovery_codes: usize,
}

fn context(user: UserId) -> Vec<u8> {
    [CONTEXT, user.as_bytes()].concat()
}

impl Hub {
    /// Makes a new shared secret. Nothing is asked for until [`Hub::confirm_authenticator`].
    ///
    /// # Errors
    /// `proof_needed`; `conflict` if there is one already.
    pub async fn begin_authenticator(&self, grant: &AccountGrant) -> Result<NewAuthenticator> {
        self.proved(grant.principal()).await?;
        let house = self.house();
        let user = house.store.user(grant.user()).await.map_err(store_error)?;
        let secret = TotpSecret::generate();
        let sealed = house.vault.seal(&KeyScope::House, &context(user.id), secret.expose());
        let factor = SecondFactor {
            user: user.id,
            secret: sealed.map_err(|error| UseCaseError::internal(&error))?,
            confirmed_at: None,
            step_used: 0,
            recovery: Vec::new(),
        };
        house.store.begin_second_factor(&factor).await.map_err(store_error)?;
        let uri = secret.to_uri(user.name.as_str());
        Ok(NewAuthenticator { secret: secret.to_text(), uri })
    }

    /// Confirms that the app shows the right codes: from now on they are asked for. Returns the
    /// recovery codes, which are shown once.
    ///
    /// # Errors
    /// `proof_needed`, `wrong_second_factor`, `not_found` if none was begun.
    pub async fn confirm_authenticator(
        &self,
        grant: &AccountGrant,
        code: &SecretString,
    ) -> Result<Vec<SecretString>> {
        self.proved(grant.principal()).await?;
        let factor = self.house().store.second_factor(grant.user()).await.map_err(store_error)?;
        let factor = factor.ok_or_else(|| UseCaseError::not_found("authenticator app"))?;
        if factor.confirmed_at.is_some() || !self.step_fits(&factor, code).await? {
            let text = "This is not the code that the app shows now. Check its clock.";
            return Err(UseCaseError::bad_input("wrong_second_factor", text));
        }
        self.new_recovery_codes(grant).await
    }

    /// Replaces the recovery codes by a new set, which is shown once.
    ///
    /// # Errors
    /// `proof_needed`; `not_found` without an authenticator app.
    pub async fn new_recovery_codes(&self, grant: &AccountGrant) -> Result<Vec<SecretString>> {
        self.proved(grant.principal()).await?;
        let codes: Vec<RecoveryCode> =
            (0..RecoveryCode::SET).map(|_| RecoveryCode::generate()).collect();
        let hashes: Vec<TokenHash> = codes.iter().map(RecoveryCode::hash).collect();
        let set = self.house().store.set_recovery(grant.user(), &hashes).await;
        set.map_err(store_error)?;
        self.identity_changed(None).await;
        Ok(codes.iter().map(RecoveryCode::to_text).collect())
    }

    /// Removes the authenticator app: the password is enough again.
    ///
    /// # Errors
    /// `proof_needed`; `not_found` if there is none.
    pub async fn remove_authenticator(&self, grant: &AccountGrant) -> Result<()> {
        self.proved(grant.principal()).await?;
        let removed = self.house().store.remove_second_factor(grant.user()).await;
        if !removed.map_err(store_error)? {
            return Err(UseCaseError::not_found("authenticator app"));
        }
        self.identity_changed(None).await;
        Ok(())
    }

    /// What an account has beside its password.
    ///
    /// # Errors
    /// If the store refuses.
    pub async fn second_factor(&self, grant: &AccountGrant) -> Result<SecondFactorView> {
        let factor = self.house().store.second_factor(grant.user()).await.map_err(store_error)?;
        let confirmed = factor.filter(|factor| factor.confirmed_at.is_some());
        Ok(SecondFactorView {
            enabled: confirmed.is_some(),
            recovery_codes: confirmed.map_or(0, |factor| factor.recovery.len()),
        })
    }

    /// Whether an account needs no second factor, or this is it. A code is used up by this.
    ///
    /// # Errors
    /// `second_factor_needed` if there is one and no code was given.
    pub(super) async fn second_factor_fits(
        &self,
        user: UserId,
        code: Option<&SecretString>,
    ) -> Result<bool> {
        let store = &self.house().store;
        let factor = store.second_factor(user).await.map_err(store_error)?;
        let Some(factor) = factor.filter(|factor| factor.confirmed_at.is_some()) else {
            return Ok(true);
        };
        let Some(code) = code else {
            let text = "Enter the code that your authenticator app shows, or a recovery code.";
            let kind = FaultKind::Unauthenticated;
            return Err(UseCaseError::new(kind, "second_factor_needed", text));
        };
        if self.step_fits(&factor, code).await? {
            return Ok(true);
        }
        let Some(code) = RecoveryCode::parse(code.expose()) else { return Ok(false) };
        let used = store.use_recovery(user, &code.hash()).await.map_err(store_error)?;
        if used {
            self.identity_changed(None).await;
        }
        Ok(used)
    }

    /// Whether a code is one of now that was not used; it is used by this.
    async fn step_fits(&self, factor: &SecondFactor, code: &SecretString) -> Result<bool> {
        let house = self.house();
        let now = house.clock.wall_now();
        let plain = house.vault.unseal(&KeyScope::House, &context(factor.user), &factor.secret);
        let plain = plain.map_err(|error| UseCaseError::internal(&error))?;
        let secret = TotpSecret::from_bytes(plain.expose());
        let Some(step) = secret.and_then(|secret| secret.step_of(code.expose(), now)) else {
            return Ok(false);
        };
        house.store.use_step(factor.user, step, now).await.map_err(store_error)
    }
}
