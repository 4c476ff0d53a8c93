//! Passkeys: ceremonies begun and finished, for adding one and for signing in with one.
//!
//! A challenge is good for one answer within five minutes, and kept in memory only. Signing in asks
//! for no name (the authenticator knows the account), so there is nothing to enumerate.

use std::{collections::HashMap, net::IpAddr, time::Duration};

use hearth_auth::{
    AccountGrant, PASSKEY_ALGORITHMS, PasskeyChallenge, PasskeyError, PasskeySite, PublicKey, Rate,
    RateLimit, Throttled, assert_passkey, register_passkey,
};
use hearth_model::{FaultKind, PasskeyId, Role, UserId, WallTime};
use hearth_store::Passkey;

use super::{Peer, SignedIn, claiming::user_name, lock, sign_in::throttled, store_error};
use crate::{
    Hub,
    error::{Result, UseCaseError},
};

/// How long a challenge waits for its answer: as long as browsers show the question.
pub const PASSKEY_TIMEOUT: Duration = Duration::from_secs(5 * 60);

/// Challenges of sign-ins that wait. One address begins at most ten and then one a second, so it
/// cannot take all of them.
const SIGN_INS_MAX: usize = 1_024;
const SIGN_IN_RATE: Rate = Rate { interval: Duration::from_secs(1), burst: 10 };
const ADDRESSES_MAX: usize = 1_024;

/// Challenges that wait for their answer.
pub(super) struct Challenges {
    /// Until when each is good.
    sign_ins: HashMap<PasskeyChallenge, WallTime>,
    /// One an account: beginning again replaces it.
    registrations: HashMap<UserId, (PasskeyChallenge, WallTime)>,
    rate: RateLimit<IpAddr>,
}

impl Challenges {
    pub(super) fn new() -> Self {
        Self {
            sign_ins: HashMap::new(),
            registrations: HashMap::new(),
            rate: RateLimit::new(SIGN_IN_RATE, ADDRESSES_MAX),
        }
    }

    fn begin_sign_in(
        &mut self,
        address: IpAddr,
        now: WallTime,
    ) -> std::result::Result<PasskeyChallenge, Throttled> {
        self.rate.take(address.to_canonical(), now)?;
        if self.sign_ins.len() >= SIGN_INS_MAX {
            self.sign_ins.retain(|_, until| now < *until);
        }
        if self.sign_ins.len() >= SIGN_INS_MAX {
            return Err(Throttled { retry_after: PASSKEY_TIMEOUT });
        }
        let challenge = PasskeyChallenge::generate();
        self.sign_ins.insert(challenge, until(now));
        Ok(challenge)
    }

    fn begin_registration(&mut self, user: UserId, now: WallTime) -> PasskeyChallenge {
        self.registrations.retain(|_, (_, until)| now < *until);
        let challenge = PasskeyChallenge::generate();
        self.registrations.insert(user, (challenge, until(now)));
        challenge
    }

    /// Uses up the challenge that an answer claims to be for, if it waits.
    fn take_sign_in(&mut self, client_data: &[u8], now: WallTime) -> Option<PasskeyChallenge> {
        let challenge = PasskeyChallenge::claimed_by(client_data)?;
        self.sign_ins.remove(&challenge).filter(|until| now < *until).map(|_| challenge)
    }

    fn take_registration(&mut self, user: UserId, now: WallTime) -> Option<PasskeyChallenge> {
        let (challenge, until) = self.registrations.remove(&user)?;
        (now < until).then_some(challenge)
    }
}

fn until(now: WallTime) -> WallTime {
    now.plus_micros(i64::try_from(PASSKEY_TIMEOUT.as_micros()).unwrap_or(i64::MAX))
}

/// What the browser needs to make a passkey.
#[derive(Clone, Debug)]
pub struct PasskeyCreation {
    /// What must be signed.
    pub challenge: PasskeyChallenge,
    /// For whom.
    pub user: UserId,
    /// What they are called.
    pub user_name: String,
    /// Credentials that the account has already.
    pub exclude: Vec<Vec<u8>>,
    /// COSE numbers of acceptable algorithms, best first.
    pub algorithms: [i32; 3],
}

/// What the browser answers to that.
#[derive(Clone, Debug)]
pub struct PasskeyAttestation {
    /// `clientDataJSON`.
    pub client_data: Vec<u8>,
    /// `attestationObject`.
    pub attestation: Vec<u8>,
}

/// What the browser answers when somebody signs in.
#[derive(Clone, Debug)]
pub struct PasskeyAssertion {
    /// `rawId`: which credential.
    pub credential: Vec<u8>,
    /// `clientDataJSON`.
    pub client_data: Vec<u8>,
    /// `authenticatorData`.
    pub authenticator_data: Vec<u8>,
    /// `signature`.
    pub signature: Vec<u8>,
}

/// A passkey as its owner sees it.
#[derive(Clone, Debug, serde::Serialize, utoipa::ToSchema)]
pub struct PasskeyView {
    /// Its id.
    pub id: PasskeyId,
    /// What its owner calls it.
    pub name: String,
    /// The host name for which it works.
    pub site: String,
    /// When it was made.
    pub created_at: WallTime,
    /// When it was last used.
    pub used_at: Option<WallTime>,
}

impl Hub {
    /// Begins to add a passkey.
    ///
    /// # Errors
    /// `proof_needed`.
    pub async fn begin_passkey(&self, grant: &AccountGrant) -> Result<PasskeyCreation> {
        self.proved(grant.principal()).await?;
        let house = self.house();
        let user = house.store.user(grant.user()).await.map_err(store_error)?;
        let known = house.store.passkeys_of(user.id).await.map_err(store_error)?;
        let now = house.clock.wall_now();
        Ok(PasskeyCreation {
            challenge: lock(&house.identity.challenges).begin_registration(user.id, now),
            user: user.id,
            user_name: user.name.to_string(),
            exclude: known.into_iter().map(|passkey| passkey.credential).collect(),
            algorithms: PASSKEY_ALGORITHMS,
        })
    }

    /// Adds the passkey that an authenticator made.
    ///
    /// # Errors
    /// `proof_needed`, `bad_passkey`, `bad_name`, `too_many`.
    pub async fn finish_passkey(
        &self,
        grant: &AccountGrant,
        site: &PasskeySite,
        name: &str,
        answer: &PasskeyAttestation,
    ) -> Result<PasskeyView> {
        self.proved(grant.principal()).await?;
        let name = user_name(name)?;
        let house = self.house();
        let now = house.clock.wall_now();
        let challenge = lock(&house.identity.challenges).take_registration(grant.user(), now);
        let challenge = challenge.ok_or_else(|| bad_passkey(PasskeyError::WrongCeremony))?;
        let made = register_passkey(site, &challenge, &answer.client_data, &answer.attestation)
            .map_err(bad_passkey)?;
        let passkey = Passkey {
            credential: made.credential,
            id: PasskeyId::new(),
            user: grant.user(),
            name: name.as_str().to_owned(),
            site: site.id.clone(),
            public_key: made.key.as_bytes().to_vec(),
            counter: made.counter,
            created_at: now,
            used_at: None,
        };
        house.store.add_passkey(&passkey).await.map_err(store_error)?;
        self.identity_changed(None).await;
        Ok(view(passkey))
    }

    /// The account's passkeys.
    ///
    /// # Errors
    /// If the store refuses.
    pub async fn passkeys(&self, grant: &AccountGrant) -> Result<Vec<PasskeyView>> {
        let passkeys = self.house().store.passkeys_of(grant.user()).await.map_err(store_error)?;
        Ok(passkeys.into_iter().map(view).collect())
    }

    /// Removes one of the account's passkeys.
    ///
    /// # Errors
    /// `proof_needed`, `not_found`.
    pub async fn remove_passkey(&self, grant: &AccountGrant, id: PasskeyId) -> Result<()> {
        self.proved(grant.principal()).await?;
        self.house().store.remove_passkey(grant.user(), id).await.map_err(store_error)?;
        self.identity_changed(None).await;
        Ok(())
    }

    /// Begins a sign-in by passkey.
    ///
    /// # Errors
    /// `throttled`.
    pub fn begin_passkey_sign_in(&self, peer: &Peer) -> Result<PasskeyChallenge> {
        let now = self.house().clock.wall_now();
        let mut challenges = lock(&self.house().identity.challenges);
        challenges.begin_sign_in(peer.address, now).map_err(throttled)
    }

    /// Signs in whoever an authenticator speaks for. It has checked its user, so no further factor
    /// is asked for.
    ///
    /// # Errors
    /// `wrong_passkey`, the same whatever is wrong with it.
    pub async fn finish_passkey_sign_in(
        &self,
        site: &PasskeySite,
        answer: &PasskeyAssertion,
        peer: &Peer,
    ) -> Result<SignedIn> {
        let signed_in = self.try_passkey_sign_in(site, answer, peer).await;
        self.note_sign_in("sign_in_passkey", peer, None, &signed_in);
        signed_in
    }

    async fn try_passkey_sign_in(
        &self,
        site: &PasskeySite,
        answer: &PasskeyAssertion,
        peer: &Peer,
    ) -> Result<SignedIn> {
        let house = self.house();
        let now = house.clock.wall_now();
        let challenge = lock(&house.identity.challenges).take_sign_in(&answer.client_data, now);
        // Not a fact worth keeping: anybody can send answers to nothing, as fast as they like.
        let challenge = challenge.ok_or_else(wrong)?;
        let passkey = house.store.passkey(&answer.credential).await.map_err(store_error)?;
        let Some(passkey) = passkey else { return Err(self.refused(peer, wrong()).await) };
        let key = PublicKey::parse(&passkey.public_key);
        let counter = key.and_then(|key| {
            let (data, signature) = (&answer.authenticator_data, &answer.signature);
            let kept = (&key, passkey.counter);
            assert_passkey(site, &challenge, kept, &answer.client_data, data, signature)
        });
        let user = house.store.user(passkey.user).await.map_err(store_error)?;
        let counter = match counter {
            Ok(counter) if user.is_active(now) && user.role != Role::Service => counter,
            Ok(_) => return Err(self.refused(peer, wrong()).await),
            Err(error) => {
                tracing::warn!(passkey = %passkey.id, %error, "a passkey was refused");
                return Err(self.refused(peer, wrong()).await);
            }
        };
        let used = house.store.use_passkey(&passkey, counter, now).await.map_err(store_error)?;
        if !used {
            return Err(self.refused(peer, wrong()).await);
        }
        self.begin_session(user, peer).await
    }
}

fn view(passkey: Passkey) -> PasskeyView {
    PasskeyView {
        id: passkey.id,
        name: passkey.name,
        site: passkey.site,
        created_at: passkey.created_at,
        used_at: passkey.used_at,
    }
}

fn bad_passkey(error: PasskeyError) -> UseCaseError {
    tracing::info!(%error, "a new passkey was refused");
    let text = "The passkey could not be added. Begin again.";
    UseCaseError::bad_input("bad_passkey", text)
}

fn wrong() -> UseCaseError {
    let text = "This passkey is not known here, or its answer came too late.";
    UseCaseError::new(FaultKind::Unauthenticated, "wrong_passkey", text)
}
