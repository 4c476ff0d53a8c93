//! Passwords are hashed slowly on purpose: off the event loop, and few at a time.

use hearth_auth::{PasswordHash, User, Verdict, check_strength, verify_nobody};
use hearth_secret::SecretString;

use crate::{
    Hub,
    error::{Result, UseCaseError},
};

impl Hub {
    /// The hash of a password that nobody would guess.
    ///
    /// # Errors
    /// `weak_password` with the reason (promise T-18).
    pub(super) async fn strong(
        &self,
        password: &SecretString,
        user_name: &str,
    ) -> Result<PasswordHash> {
        check_strength(password, user_name)
            .map_err(|weak| UseCaseError::bad_input("weak_password", weak.to_string()))?;
        self.hash(password.clone()).await
    }

    pub(super) async fn hash(&self, password: SecretString) -> Result<PasswordHash> {
        self.hashing(move || PasswordHash::new(&password)).await
    }

    /// Takes as long for an account that does not exist.
    pub(super) async fn verify_password(
        &self,
        user: Option<&User>,
        password: SecretString,
    ) -> Result<Verdict> {
        let stored = user.map(|user| user.password.clone());
        self.hashing(move || match stored {
            Some(stored) => stored.verify(&password),
            None => {
                verify_nobody(&password);
                Verdict::Wrong
            }
        })
        .await
    }

    async fn hashing<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T> {
        let permit = self.house().identity.hashing.acquire().await;
        let _permit = permit.map_err(|error| UseCaseError::internal(&error))?;
        tokio::task::spawn_blocking(work).await.map_err(|error| UseCaseError::internal(&error))
    }
}
