//! One account: its session, shared by all callers, and the signing in.
//!
//! Invariants (promises N-06, N-07): at most one sign-in is under way, and whoever needs a session
//! meanwhile waits for it; a refused sign-in is not repeated for a while, longer each time; a
//! refused token leads to one new sign-in within [`RENEWAL_PAUSE`].

use std::{
    path::PathBuf,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use hearth_secret::SecretString;
use tokio::{
    sync::Mutex,
    time::{Instant, timeout},
};

use crate::{
    Error,
    endpoint::Origin,
    login::{AuthRequest, CSRF_PATH, Login, Next},
    private_file,
    session::{Session, StoredSession},
    transport::Transport,
};

/// For a whole sign-in: up to twelve requests that usually take half a second each.
const LOGIN_DEADLINE: Duration = Duration::from_secs(60);
/// After a refused password the first pause; it doubles. Netatmo locks accounts after some tries.
const REFUSED_PAUSE: Duration = Duration::from_secs(30);
/// And its longest.
const REFUSED_PAUSE_MAX: Duration = Duration::from_secs(60 * 60);
/// After a sign-in that failed for another reason: those who waited for it get its error too.
const FAILED_PAUSE: Duration = Duration::from_secs(5);
/// Between two sign-ins that refused tokens caused: if the first did not help, the next will not.
const RENEWAL_PAUSE: Duration = Duration::from_secs(5 * 60);

/// E-mail address and password of an account with Netatmo.
#[derive(Clone, Debug)]
pub struct Credentials {
    email: String,
    password: SecretString,
}

impl Credentials {
    /// From the environment or the vault (promise N-01).
    pub fn new(email: &str, password: SecretString) -> Self {
        Self { email: email.to_owned(), password }
    }

    pub(crate) fn email(&self) -> &str {
        &self.email
    }

    pub(crate) fn password(&self) -> &SecretString {
        &self.password
    }
}

/// What requests carry, and which session it is from.
#[derive(Debug)]
pub(crate) struct Token {
    /// The token.
    pub(crate) secret: SecretString,
    generation: u64,
}

/// An account and its session.
#[derive(Debug)]
pub(crate) struct Account {
    credentials: Credentials,
    auth: Origin,
    file: Option<PathBuf>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    is_file_read: bool,
    session: Option<Session>,
    /// Counts sessions, so that a late refusal of an old one does not end a new one.
    generation: u64,
    /// No sign-in before, and why.
    pause: Option<(Instant, Error)>,
    /// Refused passwords in a row.
    refusals: u32,
    /// When a refused token last led to a new sign-in.
    renewed: Option<Instant>,
}

impl Account {
    pub(crate) fn new(credentials: Credentials, auth: Origin, file: Option<PathBuf>) -> Self {
        Self { credentials, auth, file, state: Mutex::default() }
    }

    /// A token that works, as far as known. Signs in if need be.
    pub(crate) async fn token(&self, transport: &Transport) -> Result<Token, Error> {
        // Held across signing in: that is what makes it one for all (promise N-07).
        let mut state = self.state.lock().await;
        if !state.is_file_read {
            state.is_file_read = true;
            state.session = self.read_file().await;
        }
        let now = epoch_seconds();
        if let Some(stale) = state.session.clone().filter(|session| !session.is_fresh(now)) {
            // If nobody can say whether it still works, it stays for the next try.
            state.session = self.check(transport, stale, now).await?;
        }
        if state.session.is_none() {
            self.sign_in(transport, &mut state, now).await?;
        }
        let session = state.session.as_ref().ok_or(Error::Login)?;
        Ok(Token { secret: session.token.clone(), generation: state.generation })
    }

    /// Ends the session of a token that was refused, so that the next one is new.
    ///
    /// # Errors
    /// [`Error::Forbidden`] if a new one was made for the same reason just before.
    pub(crate) async fn refuse(&self, token: &Token) -> Result<(), Error> {
        let mut state = self.state.lock().await;
        if state.generation != token.generation {
            return Ok(());
        }
        let now = Instant::now();
        if state.renewed.is_some_and(|renewed| now - renewed < RENEWAL_PAUSE) {
            return Err(Error::Forbidden);
        }
        state.renewed = Some(now);
        state.session = None;
        state.generation += 1;
        self.remove_file();
        Ok(())
    }

    /// Forgets the session, here and on disk. promise: T-11.
    pub(crate) async fn forget(&self) {
        let mut state = self.state.lock().await;
        *state = State { is_file_read: true, generation: state.generation + 1, ..State::default() };
        self.remove_file();
    }

    async fn sign_in(
        &self,
        transport: &Transport,
        state: &mut State,
        now: u64,
    ) -> Result<(), Error> {
        if let Some((until, error)) = &state.pause
            && Instant::now() < *until
        {
            return Err(error.clone());
        }
        let signed_in = timeout(LOGIN_DEADLINE, self.log_in(transport, now)).await;
        let signed_in = signed_in.unwrap_or(Err(Error::Connection(hearth_http::Error::TimedOut)));
        tracing::info!(
            result = signed_in.as_ref().err().map_or("ok", Error::code),
            "netatmo sign-in"
        );
        match signed_in {
            Ok(session) => {
                self.write_file(&session).await;
                state.session = Some(session);
                state.generation += 1;
                (state.pause, state.refusals) = (None, 0);
                Ok(())
            }
            Err(error) => {
                let pause = if error == Error::Login {
                    let pause = REFUSED_PAUSE.saturating_mul(1 << state.refusals.min(16));
                    state.refusals += 1;
                    pause.min(REFUSED_PAUSE_MAX)
                } else {
                    FAILED_PAUSE
                };
                state.pause = Some((Instant::now() + pause, error.clone()));
                Err(error)
            }
        }
    }

    async fn log_in(&self, transport: &Transport, now: u64) -> Result<Session, Error> {
        let (mut login, mut request) = Login::begin(&self.auth);
        loop {
            let answer = transport.auth(&request, None).await?;
            match login.answered(&answer, &self.credentials)? {
                Next::Send(next) => request = next,
                Next::SignedIn(jar) => return Session::from_jar(jar, now).ok_or(Error::Login),
            }
        }
    }

    /// Whether an older session still works: the sign-in service answers with 200 to its cookies,
    /// and to its token. `None` if not.
    async fn check(
        &self,
        transport: &Transport,
        session: Session,
        now: u64,
    ) -> Result<Option<Session>, Error> {
        let mut jar = session.jar;
        for token in [None, Some(&session.token)] {
            let request = AuthRequest {
                url: self.auth.url(CSRF_PATH),
                as_app: false,
                cookie: jar.header(),
                form: None,
            };
            let answer = transport.auth(&request, token).await?;
            if answer.status != 200 {
                return Ok(None);
            }
            answer.cookies.iter().for_each(|cookie| jar.take(self.auth.host(), cookie.expose()));
        }
        let checked = Session::from_jar(jar, now);
        if let Some(session) = &checked {
            self.write_file(session).await;
        }
        Ok(checked)
    }

    async fn read_file(&self) -> Option<Session> {
        let path = self.file.clone()?;
        let read = move || private_file::read(&path);
        let text = tokio::task::spawn_blocking(read).await.ok().flatten()?;
        let stored = StoredSession::parse(text.expose(), self.credentials.email());
        if stored.is_none() {
            self.remove_file();
        }
        stored.map(StoredSession::into_session)
    }

    /// A session that cannot be stored still works until this process ends.
    async fn write_file(&self, session: &Session) {
        let Some(path) = self.file.clone() else { return };
        let text = session.to_file(self.credentials.email());
        let write = move || private_file::write(&path, &text);
        if let Ok(Err(error)) = tokio::task::spawn_blocking(write).await {
            tracing::warn!(%error, "the netatmo session could not be stored");
        }
    }

    fn remove_file(&self) {
        if let Some(path) = &self.file {
            private_file::remove(path);
        }
    }
}

/// Seconds since 1970.
pub(crate) fn epoch_seconds() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}
