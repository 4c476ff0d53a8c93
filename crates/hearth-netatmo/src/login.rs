//! Signing in as the vendor's own pages do it.
//!
//! Pure: answers go in, the next request comes out. The password is in one request alone, to the
//! sign-in service, over HTTPS (promise N-04, N-05).
//! ```text
//! GET  /en-us/access/login          must be 200; sets cookies
//! GET  /access/csrf                 must be 200; {"token": T}
//! POST /access/postlogin            email, password, stay_logged=on, _token=T
//! GET  /access/keychain?next_url=.. sets the cookie that is the token, or does not
//! ```

use hearth_secret::SecretString;
use serde::Deserialize;

use crate::{Credentials, Error, cookie::CookieJar, endpoint::Origin, form::form, session};

/// Redirects that are followed in one sign-in; a browser sees three.
const REDIRECTS_MAX: u8 = 8;
/// Which of the vendor's apps signs in.
const APP_COOKIE: (&str, &str) = ("netatmocomlast_app_used", "app_thermostat");
/// The check that a session still works, and where forms get their token from.
pub(crate) const CSRF_PATH: &str = "/access/csrf";

/// A request to the sign-in service.
#[derive(Clone, Debug)]
pub(crate) struct AuthRequest {
    /// Its URL.
    pub(crate) url: String,
    /// Whether it calls itself the vendor's app.
    pub(crate) as_app: bool,
    /// The header `Cookie`.
    pub(crate) cookie: Option<SecretString>,
    /// The body of a POST; without one it is a GET.
    pub(crate) form: Option<SecretString>,
}

/// What of an answer matters.
#[derive(Clone, Debug, Default)]
pub(crate) struct AuthAnswer {
    /// HTTP status.
    pub(crate) status: u16,
    /// The header `Location`.
    pub(crate) location: Option<String>,
    /// The headers `Set-Cookie`.
    pub(crate) cookies: Vec<SecretString>,
    /// The body.
    pub(crate) body: Vec<u8>,
}

/// What to do after an answer.
#[derive(Debug)]
pub(crate) enum Next {
    /// Send this.
    Send(AuthRequest),
    /// Signed in; the token is in the jar.
    SignedIn(CookieJar),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Page,
    Csrf,
    Post,
    Keychain,
}

/// One sign-in under way.
#[derive(Debug)]
pub(crate) struct Login {
    auth: Origin,
    /// Where the last request went.
    at: Origin,
    jar: CookieJar,
    step: Step,
    redirects: u8,
}

impl Login {
    /// Begins, with no cookies.
    pub(crate) fn begin(auth: &Origin) -> (Self, AuthRequest) {
        let (jar, step) = (CookieJar::default(), Step::Page);
        let login = Self { auth: auth.clone(), at: auth.clone(), jar, step, redirects: 0 };
        let request = login.request("/en-us/access/login", true, None);
        (login, request)
    }

    /// Takes the answer to the last request.
    ///
    /// # Errors
    /// [`Error::Login`] if all went its way and there is no token: that is how a wrong password
    /// shows.
    pub(crate) fn answered(
        &mut self,
        answer: &AuthAnswer,
        credentials: &Credentials,
    ) -> Result<Next, Error> {
        let host = self.at.host().to_owned();
        answer.cookies.iter().for_each(|cookie| self.jar.take(&host, cookie.expose()));
        let may_be_done = matches!(self.step, Step::Post | Step::Keychain);
        if may_be_done && session::token(&self.jar).is_some() {
            return Ok(Next::SignedIn(std::mem::take(&mut self.jar)));
        }
        if let Some(request) = self.redirected(answer)? {
            return Ok(Next::Send(request));
        }
        self.at = self.auth.clone();
        self.step(answer, credentials).map(Next::Send)
    }

    fn step(
        &mut self,
        answer: &AuthAnswer,
        credentials: &Credentials,
    ) -> Result<AuthRequest, Error> {
        let must_work = matches!(self.step, Step::Page | Step::Csrf);
        if must_work && answer.status != 200 {
            return Err(Error::Vendor { status: answer.status, code: None });
        }
        match self.step {
            Step::Page => {
                self.step = Step::Csrf;
                self.jar.set(APP_COOKIE.0, APP_COOKIE.1);
                Ok(self.request(CSRF_PATH, false, None))
            }
            Step::Csrf => {
                self.step = Step::Post;
                let token = csrf_token(&answer.body)?;
                let body = form(&[
                    ("email", credentials.email()),
                    ("password", credentials.password().expose()),
                    ("stay_logged", "on"),
                    ("_token", token.expose()),
                ]);
                Ok(self.request("/access/postlogin", true, Some(body)))
            }
            Step::Post => {
                self.step = Step::Keychain;
                let path = "/access/keychain?next_url=https%3A%2F%2Fmy.netatmo.com";
                Ok(self.request(path, true, None))
            }
            Step::Keychain => Err(Error::Login),
        }
    }

    /// Follows a redirect, with GET and without the form. One that leads elsewhere ends the step.
    fn redirected(&mut self, answer: &AuthAnswer) -> Result<Option<AuthRequest>, Error> {
        let is_redirect = matches!(answer.status, 301 | 302 | 303 | 307 | 308);
        let to = answer.location.as_deref().filter(|_| is_redirect);
        let Some((to, path)) = to.and_then(|location| self.at.redirect(location)) else {
            return Ok(None);
        };
        self.redirects += 1;
        if self.redirects > REDIRECTS_MAX {
            return Err(Error::Malformed("signing in leads in circles"));
        }
        self.at = to;
        Ok(Some(self.request(&path, true, None)))
    }

    fn request(&self, path: &str, as_app: bool, form: Option<SecretString>) -> AuthRequest {
        AuthRequest { url: self.at.url(path), as_app, cookie: self.jar.header(), form }
    }
}

fn csrf_token(body: &[u8]) -> Result<SecretString, Error> {
    #[derive(Deserialize)]
    struct Csrf {
        token: SecretString,
    }
    let csrf = serde_json::from_slice::<Csrf>(body);
    csrf.map(|csrf| csrf.token).map_err(|_| Error::Malformed("signing in gives no form token"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Endpoints;

    fn credentials() -> Credentials {
        Credentials::new("me@example.com", "planted secret".into())
    }

    fn answer(status: u16, location: Option<&str>, cookies: &[&str], body: &str) -> AuthAnswer {
        AuthAnswer {
            status,
            location: location.map(str::to_owned),
            cookies: cookies.iter().map(|cookie| SecretString::from(*cookie)).collect(),
            body: body.into(),
        }
    }

    /// Plays answers; returns the URLs that were asked and what came of it.
    fn play(answers: &[AuthAnswer]) -> (Vec<String>, Result<Next, Error>) {
        let (mut login, first) = Login::begin(&Endpoints::default().auth);
        let mut asked = vec![first.url];
        for answer in answers {
            match login.answered(answer, &credentials()) {
                Ok(Next::Send(request)) => {
                    // promise: N-05. The password goes to one place only.
                    let has_password = request.form.is_some();
                    assert_eq!(has_password, request.url.ends_with("/access/postlogin"));
                    assert!(request.url.starts_with("https://"));
                    asked.push(request.url);
                }
                end => return (asked, end),
            }
        }
        (asked, Err(Error::Malformed("the play is too short")))
    }

    const TOKEN: &str = "netatmocomaccess_token=a%7Cb; Domain=.netatmo.com; Path=/; Secure";

    #[test]
    fn a_sign_in_goes_step_by_step() {
        let (asked, end) = play(&[
            answer(200, None, &["s=1"], ""),
            answer(200, None, &[], r#"{"token":"t"}"#),
            answer(302, Some("/access/done"), &["s=2"], ""),
            answer(200, None, &[], ""),
            answer(302, Some("https://my.netatmo.com"), &[TOKEN], ""),
        ]);
        let paths = ["/en-us/access/login", "/access/csrf", "/access/postlogin", "/access/done"];
        let urls: Vec<String> =
            paths.iter().map(|path| format!("https://auth.netatmo.com{path}")).collect();
        assert_eq!(asked[..4], urls);
        assert!(asked[4].starts_with("https://auth.netatmo.com/access/keychain?"));
        let Ok(Next::SignedIn(jar)) = end else { unreachable!("signed in: {end:?}") };
        let header = jar.header().expect("cookies");
        assert!(header.expose().contains("netatmocomlast_app_used=app_thermostat"));
        assert!(header.expose().contains("s=2"));
    }

    #[test]
    fn a_wrong_password_shows_by_a_missing_token() {
        let (_, end) = play(&[
            answer(200, None, &[], ""),
            answer(200, None, &[], r#"{"token":"t"}"#),
            answer(403, None, &[], ""),
            answer(200, None, &[], ""),
        ]);
        assert!(matches!(end, Err(Error::Login)), "{end:?}");
    }

    /// promise: N-04. A redirect away from the vendor is not followed, and gets no cookie.
    #[test]
    fn a_redirect_away_is_not_followed() {
        let (asked, _) = play(&[
            answer(200, None, &[], ""),
            answer(200, None, &[], r#"{"token":"t"}"#),
            answer(302, Some("https://evil.example/"), &[], ""),
        ]);
        assert!(asked.iter().all(|url| url.starts_with("https://auth.netatmo.com/")), "{asked:?}");
        let (_, end) = play(&[answer(302, Some("http://auth.netatmo.com/"), &[], "")]);
        assert!(matches!(end, Err(Error::Vendor { status: 302, .. })), "{end:?}");
    }

    #[test]
    fn a_circle_ends() {
        let (_, end) = play(&vec![answer(302, Some("/again"), &[], ""); 20]);
        assert!(matches!(end, Err(Error::Malformed(_))), "{end:?}");
    }

    #[test]
    fn a_token_before_the_password_counts_for_nothing() {
        let (asked, _) = play(&[answer(200, None, &[TOKEN], "")]);
        assert_eq!(asked.len(), 2);
    }

    /// promise: K-07. No request shows what it carries.
    #[test]
    fn a_debug_print_shows_no_password() {
        let (mut login, _) = Login::begin(&Endpoints::default().auth);
        let page = login.answered(&answer(200, None, &["s=planted"], ""), &credentials());
        let post =
            login.answered(&answer(200, None, &[], r#"{"token":"planted"}"#), &credentials());
        let shown = format!("{login:?} {page:?} {post:?} {:?}", credentials());
        assert!(!shown.contains("planted"), "{shown}");
    }

    proptest::proptest! {
        #[test]
        fn any_answer_is_followed_or_refused_without_panic(
            answers in proptest::collection::vec(
                (0_u16..600, proptest::option::of("\\PC{0,20}"), "\\PC{0,30}", "\\PC{0,30}"), 0..12),
        ) {
            let answers: Vec<AuthAnswer> = answers
                .iter()
                .map(|(status, location, cookie, body)| {
                    answer(*status, location.as_deref(), &[cookie], body)
                })
                .collect();
            drop(play(&answers));
        }
    }
}
