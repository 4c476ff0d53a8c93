//! Passwords, passkeys, one-time codes, sessions, tokens, throttles and the one policy that hands out
//! grants.
//!
//! Pure: the time is always an argument, nothing is stored and nothing is sent. The only thing taken
//! from the world is randomness, by one function in `random.rs`.
//! Hashing a password is slow on purpose (tens of milliseconds): callers run it off their event loop.
//! Not here: where sessions and accounts are kept (`hearth-store`), cookies and headers
//! (`hearth-api`), keys (`hearth-vault`).

#![forbid(unsafe_code)]

mod access;
mod action;
mod api_token;
mod camera_access;
mod claim;
mod csrf;
mod grant;
mod jwt;
mod login_throttle;
mod network;
mod oidc;
mod passkey;
mod password;
mod password_strength;
mod policy;
mod random;
mod rate_limit;
mod session;
mod token_scope;
mod totp;
mod user;

pub use access::Access;
pub use action::{Action, CameraAction, HouseAction, Scope, ask};
pub use api_token::{ApiToken, ApiTokenSecret, RefreshToken, TokenName};
pub use camera_access::{CameraAccess, CameraAccessError};
pub use claim::{Claim, ClaimCode, ClaimError};
pub use csrf::CsrfToken;
pub use grant::{AccountGrant, CameraGrant, HouseGrant, OwnerGrant};
pub use jwt::{JwtClaims, JwtError, KeyRing, SigningKey};
pub use login_throttle::LoginThrottle;
pub use network::{Network, NetworkError};
pub use oidc::{
    AuthorizationRequest, IdToken, IdTokenCheck, OidcError, ProviderKeys, ProviderMetadata,
};
pub use passkey::{
    NewPasskey, PASSKEY_ALGORITHMS, PasskeyChallenge, PasskeyError, PasskeySite, PublicKey,
    assert_passkey, register_passkey,
};
pub use password::{PASSWORD_BYTES_MAX, PasswordHash, PasswordHashError, Verdict, verify_nobody};
pub use password_strength::{PASSWORD_CHARACTERS_MIN, WeakPassword, check_strength};
pub use policy::{Denied, Policy, Principal};
pub use rate_limit::{Rate, RateLimit, Throttled};
pub use session::{
    Session, SessionLimits, SessionState, SessionToken, TokenHash, USER_AGENT_CHARACTERS_MAX,
};
pub use token_scope::{Asks, Hours, TokenScope, TokenScopeError};
pub use totp::{RecoveryCode, TotpSecret};
pub use user::{User, UserName};
