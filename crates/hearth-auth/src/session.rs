//! Sign-ins: the token a browser holds, what is stored of it, and when it ends.
//!
//! A session ends after [`SessionLimits::idle`] without a request, after
//! [`SessionLimits::absolute`] in any case, and when it is revoked (its row is gone). The token is
//! random and new at each sign-in, so nobody can plant one before it (promises D-07, D-08, T-11).
//! Only its hash is stored: a stolen database signs nobody in.

use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hearth_model::{SessionId, UserId, WallTime};
use hearth_secret::{Key256, SecretString};
use sha2::{Digest as _, Sha256};

use crate::CsrfToken;
use crate::random::random_bytes;

/// Longest description of a browser that is kept; it is shown to the session's owner only.
pub const USER_AGENT_CHARACTERS_MAX: usize = 160;

/// What a browser presents: 256 random bits.
#[derive(Clone, Debug)]
pub struct SessionToken(Key256);

impl SessionToken {
    /// A new one, never seen before.
    pub fn generate() -> Self {
        Self(Key256::new(random_bytes()))
    }

    /// As it stands in the cookie: base64url without padding, 43 characters.
    pub fn to_text(&self) -> SecretString {
        SecretString::new(URL_SAFE_NO_PAD.encode(self.0.expose()))
    }

    /// Reads a cookie's value; `None` if it is not a token.
    pub fn parse(text: &str) -> Option<Self> {
        // 32 bytes are 43 characters; decoding anything longer would be wasted work.
        if text.len() != 43 {
            return None;
        }
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        Some(Self(Key256::new(bytes.try_into().ok()?)))
    }

    /// What is stored and looked up. Looking up by hash also hides timing: nobody can choose a
    /// token that is almost right.
    pub fn hash(&self) -> TokenHash {
        TokenHash(Sha256::digest(self.0.expose()).into())
    }

    /// The CSRF token that belongs to it.
    pub fn csrf(&self) -> CsrfToken {
        CsrfToken::derive(self.0.expose())
    }
}

/// SHA-256 of a token: what is stored of it, and what it is found by.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct TokenHash([u8; 32]);

impl TokenHash {
    /// Of any text that somebody presented.
    pub fn of(text: &[u8]) -> Self {
        Self(Sha256::digest(text).into())
    }

    /// From storage.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// For storage.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for TokenHash {
    /// The first bytes: enough to tell two sessions apart in a log.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, ..] = self.0;
        write!(f, "TokenHash({a:02x}{b:02x}{c:02x}..)")
    }
}

/// A sign-in as it is stored, next to its token's hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Its id: what its owner revokes it by.
    pub id: SessionId,
    /// Who signed in.
    pub user: UserId,
    /// When.
    pub created_at: WallTime,
    /// When it was last used, to within [`Session::TOUCH_INTERVAL`].
    pub last_seen_at: WallTime,
    /// When its owner last proved who they are: at the sign-in, or by their password since.
    pub proved_at: WallTime,
    /// From where.
    pub address: IpAddr,
    /// With what, as the browser describes itself; cut to [`USER_AGENT_CHARACTERS_MAX`].
    pub agent: String,
}

/// How long sessions live.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionLimits {
    /// Ends this long after the last request.
    pub idle: Duration,
    /// Ends this long after the sign-in, used or not.
    pub absolute: Duration,
}

impl Default for SessionLimits {
    /// One hour idle is promise D-07. Twelve hours at most: a stolen cookie is worthless the next
    /// day, and a wall tablet is signed in once a morning (NIST SP 800-63B-4, 2.2.3 asks for at
    /// least every 24 hours).
    fn default() -> Self {
        Self { idle: Duration::from_secs(3600), absolute: Duration::from_secs(12 * 3600) }
    }
}

/// Whether a session can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SessionState {
    /// It can.
    Alive,
    /// Nothing was asked for too long.
    Idle,
    /// The sign-in is too long ago.
    Expired,
}

impl Session {
    /// How long a proof is good for what a borrowed browser must not do: passwords, second factors,
    /// tokens.
    pub const PROOF_LIFETIME: Duration = Duration::from_secs(10 * 60);

    /// `last_seen_at` is written at most this often, or each request would be a write.
    pub const TOUCH_INTERVAL: Duration = Duration::from_secs(60);

    /// A session that starts now.
    pub fn begin(user: UserId, address: IpAddr, agent: &str, now: WallTime) -> Self {
        let agent = agent
            .chars()
            .filter(|character| !character.is_control())
            .take(USER_AGENT_CHARACTERS_MAX)
            .collect();
        let id = SessionId::new();
        Self { id, user, created_at: now, last_seen_at: now, proved_at: now, address, agent }
    }

    /// Whether it can be used now.
    pub fn state(&self, now: WallTime, limits: &SessionLimits) -> SessionState {
        if now >= self.expires_at(limits) {
            SessionState::Expired
        } else if now.micros_since(self.last_seen_at) >= micros(limits.idle) {
            SessionState::Idle
        } else {
            SessionState::Alive
        }
    }

    /// When it ends however much it is used.
    pub fn expires_at(&self, limits: &SessionLimits) -> WallTime {
        self.created_at.plus_micros(micros(limits.absolute))
    }

    /// Whether its owner proved just now who they are. A proof from the future is none: the clock
    /// stepped back.
    pub fn is_proved(&self, now: WallTime) -> bool {
        let since = now.micros_since(self.proved_at);
        (0..micros(Self::PROOF_LIFETIME)).contains(&since)
    }

    /// Whether `last_seen_at` should be written again. Also after the clock stepped back, so that a
    /// session seen "in the future" does not outlive its idle limit by the step.
    pub fn needs_touch(&self, now: WallTime) -> bool {
        let since = now.micros_since(self.last_seen_at);
        !(0..micros(Self::TOUCH_INTERVAL)).contains(&since)
    }
}

fn micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use proptest::prelude::*;

    use super::*;

    const START: WallTime = WallTime::from_micros(1_800_000_000_000_000);

    fn after(seconds: i64) -> WallTime {
        START.plus_micros(seconds * 1_000_000)
    }

    fn session() -> Session {
        Session::begin(UserId::new(), Ipv4Addr::LOCALHOST.into(), "Firefox\r\n\0/1", START)
    }

    /// promise: D-07, T-11. An hour without a request ends the session.
    #[test]
    fn an_idle_session_ends_after_an_hour() {
        let (session, limits) = (session(), SessionLimits::default());
        assert_eq!(session.state(after(3599), &limits), SessionState::Alive);
        assert_eq!(session.state(after(3600), &limits), SessionState::Idle);
    }

    /// promise: T-11. Use does not keep a session alive for ever.
    #[test]
    fn a_used_session_ends_after_twelve_hours() {
        let limits = SessionLimits::default();
        let session = Session { last_seen_at: after(12 * 3600 - 1), ..session() };
        assert_eq!(session.state(after(12 * 3600 - 1), &limits), SessionState::Alive);
        assert_eq!(session.state(after(12 * 3600), &limits), SessionState::Expired);
    }

    #[test]
    fn a_proof_lasts_ten_minutes_and_does_not_come_from_the_future() {
        let session = session();
        assert!(session.is_proved(after(599)));
        assert!(!session.is_proved(after(600)));
        assert!(!session.is_proved(after(-1)));
    }

    #[test]
    fn it_is_touched_once_a_minute_and_after_a_step_back() {
        let session = session();
        assert!(!session.needs_touch(after(59)));
        assert!(session.needs_touch(after(60)));
        assert!(session.needs_touch(after(-1)));
    }

    #[test]
    fn what_the_browser_says_of_itself_is_cut_and_cleaned() {
        assert_eq!(session().agent, "Firefox/1");
        let long =
            Session::begin(UserId::new(), Ipv4Addr::LOCALHOST.into(), &"x".repeat(9999), START);
        assert_eq!(long.agent.len(), USER_AGENT_CHARACTERS_MAX);
    }

    /// promise: D-08. Every sign-in has a token of its own, and only its hash can be stored.
    #[test]
    fn each_token_is_new_and_is_found_by_its_hash() {
        let (one, two) = (SessionToken::generate(), SessionToken::generate());
        assert_ne!(one.hash(), two.hash());
        let read = SessionToken::parse(one.to_text().expose()).expect("our own text");
        assert_eq!(read.hash(), one.hash());
        assert_eq!(format!("{one:?}"), "SessionToken([secret])");
    }

    /// promise: D-09. The page's token belongs to one session and is not what is stored.
    #[test]
    fn a_csrf_token_fits_its_own_session_only() {
        let (one, two) = (SessionToken::generate(), SessionToken::generate());
        let text = one.csrf().to_text();
        assert!(one.csrf().matches(text.expose()));
        assert!(!two.csrf().matches(text.expose()));
        assert!(!one.csrf().matches(""));
        assert_ne!(*text.expose(), URL_SAFE_NO_PAD.encode(one.hash().as_bytes()));
        assert_ne!(text.expose(), one.to_text().expose());
    }

    proptest! {
        #[test]
        fn any_cookie_is_read_or_refused_without_panic(text in "\\PC{0,60}") {
            let _outcome = SessionToken::parse(&text);
        }

        #[test]
        fn no_other_text_matches(text in "[A-Za-z0-9_-]{0,60}") {
            prop_assert!(!SessionToken::generate().csrf().matches(&text));
        }
    }
}
