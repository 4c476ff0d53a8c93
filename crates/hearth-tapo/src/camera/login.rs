//! Logging in to a camera whose generation is not known: asks, and takes the strongest it offers.
//!
//! Pure. Promise T-04: what a camera once offered is the least that is accepted from then on, so an
//! attacker who plays an older camera gets an error instead of a password hash. Each run makes at
//! most one attempt with the password; repeating is the caller's decision.

use hearth_secret::Secret;
use serde_json::Value;

use crate::{
    Code, Login, Malformed,
    call::code_of,
    transport::{
        Account, LoginError, Post, Reply, SessionError,
        legacy::{self, LegacySession},
        secure::{self, Challenge, SecureLogin, SecureProof, SecureSession},
        tpap::{Offer, TpapLogin, TpapProof, TpapSession},
    },
};

/// The owner's name on every camera with the encrypted channel.
const OWNER: &str = "admin";

/// The unpredictable numbers of one login.
pub struct LoginRandom {
    /// The client's nonce.
    pub nonce: [u8; 8],
    /// The client's random bytes in a TPAP login.
    pub tpap: [u8; 32],
    /// The client's secret in a TPAP login.
    pub scalar: Secret<[u8; 32]>,
}

/// A login in progress.
pub struct CameraLogin {
    account: Account,
    known: Option<Login>,
    random: LoginRandom,
    stage: Stage,
}

enum Stage {
    Challenge(SecureLogin),
    Proof(SecureProof),
    Legacy,
    Offer,
    Register(TpapLogin),
    Share(TpapProof),
}

/// What to do next.
pub enum Step {
    /// Send this, and hand the answer to the login.
    Send(Box<CameraLogin>, Post),
    /// The session, and the login that it came from.
    Done(Box<CameraSession>, Login),
}

impl CameraLogin {
    /// Begins. `known` is the strongest login this camera ever offered; a camera that announces
    /// TPAP is asked for it at once, because a wrong question costs an attempt.
    pub fn begin(account: Account, known: Option<Login>, random: LoginRandom) -> (Self, Post) {
        if known == Some(Login::Tpap) {
            return (Self { account, known, random, stage: Stage::Offer }, Offer::ask());
        }
        let login = SecureLogin::new(&*account.username, random.nonce);
        let post = login.first();
        (Self { account, known, random, stage: Stage::Challenge(login) }, post)
    }

    /// Takes the answer to what was sent last.
    pub fn answer(mut self, reply: &Reply) -> Result<Step, LoginError> {
        // 401 carries a body with the reason.
        if !matches!(reply.status, 200 | 401) {
            return Err(LoginError::Status(reply.status));
        }
        let answer = reply.json()?;
        if let Some(seconds_left) = secure::locked(&answer) {
            return Err(LoginError::Locked { seconds_left });
        }
        // Whatever is put in its place is replaced before the login is handed out again.
        match std::mem::replace(&mut self.stage, Stage::Legacy) {
            Stage::Challenge(login) => self.challenged(login, &answer),
            Stage::Proof(proof) => {
                let kind = proof.kind().login();
                let session = CameraSession::Secure(proof.finish(&answer)?);
                Ok(Step::Done(Box::new(session), kind))
            }
            Stage::Legacy => {
                let session = CameraSession::Legacy(LegacySession::begin(&answer)?);
                Ok(Step::Done(Box::new(session), Login::Md5Token))
            }
            Stage::Offer => {
                let offer = Offer::read(&answer)?;
                let offer = offer.ok_or(LoginError::Downgrade("no TPAP any more"))?;
                let LoginRandom { tpap, scalar, .. } = &self.random;
                let password = &self.account.password;
                let login = TpapLogin::new(offer, password, *tpap, scalar.clone());
                let post = login.register();
                Ok(self.then(Stage::Register(login), post))
            }
            Stage::Register(login) => {
                let proof = login.exchange(&answer)?;
                let post = proof.share();
                Ok(self.then(Stage::Share(proof), post))
            }
            Stage::Share(proof) => {
                let session = CameraSession::Tpap(proof.finish(&answer)?);
                Ok(Step::Done(Box::new(session), Login::Tpap))
            }
        }
    }

    fn then(mut self, stage: Stage, post: Post) -> Step {
        self.stage = stage;
        Step::Send(Box::new(self), post)
    }

    /// What the answer to the first question says about the camera's generation.
    fn challenged(self, login: SecureLogin, answer: &Value) -> Result<Step, LoginError> {
        let code = code_of(answer, "error_code")?;
        let data = answer.get("result").and_then(|result| result.get("data"));
        let inner = data.map(|data| code_of(data, "code")).transpose()?;
        let encrypts = data
            .and_then(|data| data.get("encrypt_type"))
            .and_then(Value::as_array)
            .is_some_and(|kinds| kinds.iter().any(|kind| kind == "3"));
        match (code, inner) {
            (Code::MISSING_PARAMETERS, _) => Ok(self.then(Stage::Offer, Offer::ask())),
            (Code::UNKNOWN_USERNAME, _) | (_, Some(Code::UNKNOWN_USERNAME)) => {
                self.asked_as_owner().ok_or(LoginError::Credentials)
            }
            (Code::BAD_USERNAME, _) | (_, Some(Code::BAD_USERNAME)) => Err(LoginError::Credentials),
            (Code::CHALLENGE, _) if encrypts => {
                let data = data.ok_or(Malformed::new("no challenge"))?;
                let proof = login.prove(&Challenge::read(data)?, &self.account.password)?;
                self.not_below(proof.kind().login())?;
                let post = proof.second();
                Ok(self.then(Stage::Proof(proof), post))
            }
            // Cameras that never heard of the question say so in several ways.
            (Code(-40401 | -40413 | -40209 | -40210 | -40106 | -40101), _) => {
                self.not_below(Login::Md5Token)?;
                let post = legacy::login(&self.account);
                Ok(self.then(Stage::Legacy, post))
            }
            (Code::SUCCESS, _) => Err(Malformed::new("a login without a challenge").into()),
            (code, _) => Err(LoginError::Refused(code)),
        }
    }

    /// The same question under the owner's name, for people who gave their e-mail address.
    fn asked_as_owner(mut self) -> Option<Step> {
        if self.account.username == OWNER {
            return None;
        }
        self.account.username = OWNER.to_owned();
        let login = SecureLogin::new(OWNER, self.random.nonce);
        let post = login.first();
        Some(self.then(Stage::Challenge(login), post))
    }

    fn not_below(&self, offered: Login) -> Result<(), LoginError> {
        if self.known.is_some_and(|known| offered < known) {
            return Err(LoginError::Downgrade("an older login"));
        }
        Ok(())
    }
}

/// A session with a camera of any generation.
pub enum CameraSession {
    /// A token alone.
    Legacy(LegacySession),
    /// The encrypted channel.
    Secure(SecureSession),
    /// TPAP.
    Tpap(TpapSession),
}

impl CameraSession {
    /// A request to be sent.
    pub fn wrap(&mut self, inner: &str) -> Post {
        match self {
            Self::Legacy(session) => session.wrap(inner),
            Self::Secure(session) => session.wrap(inner),
            Self::Tpap(session) => session.wrap(inner),
        }
    }

    /// The answer that came.
    pub fn unwrap(&self, reply: &Reply) -> Result<Value, SessionError> {
        match self {
            Self::Legacy(session) => session.unwrap(reply),
            Self::Secure(session) => session.unwrap(reply),
            Self::Tpap(session) => session.unwrap(reply),
        }
    }

    /// Whether it takes requests with a verb; TPAP takes batches only.
    pub fn takes_single_requests(&self) -> bool {
        !matches!(self, Self::Tpap(_))
    }
}
