//! The sign-in pages: cookies, a form token, a password, and a token in a cookie at the end.

use std::collections::{HashMap, HashSet};

use serde_json::json;

use crate::{http::HttpRequest, service::Reply};

/// Whose account it is.
pub(super) const USERNAME: &str = "keeper@example.com";
/// And the password; with characters that a form must encode.
pub(super) const PASSWORD: &str = "simulated & netatmo = 100%";

/// Wrong passwords after which not even the right one helps.
const TRIES_MAX: u32 = 5;
/// Visitors that are remembered.
const VISITORS_MAX: usize = 10_000;

/// Who is signing in, and who has.
#[derive(Debug, Default)]
pub(super) struct SignIn {
    visitors: HashMap<String, Visitor>,
    tokens: HashSet<String>,
    wrong: u32,
    number: u64,
}

#[derive(Debug, Default)]
struct Visitor {
    form_token: String,
    is_known: bool,
}

impl SignIn {
    /// Whether a token is good.
    pub(super) fn is_token(&self, token: &str) -> bool {
        self.tokens.contains(token)
    }

    /// Nobody is signed in any more.
    pub(super) fn end_sessions(&mut self) {
        self.visitors.clear();
        self.tokens.clear();
    }

    /// The answer of a page.
    pub(super) fn answer(&mut self, path: &str, request: &HttpRequest) -> Reply {
        let is_app = request.header("user-agent") == Some("netatmo-home");
        match (request.method.as_str(), path) {
            ("GET", "/en-us/access/login") if is_app => self.page(),
            ("GET", "/access/csrf") => self.csrf(request),
            ("POST", "/access/postlogin") if is_app => self.post(request),
            ("GET", "/access/welcome") => page("200 OK", Vec::new()),
            ("GET", "/access/keychain") if is_app => self.keychain(request),
            _ => page("404 Not Found", Vec::new()),
        }
    }

    fn page(&mut self) -> Reply {
        self.number += 1;
        let id = format!("visitor-{}", self.number);
        if self.visitors.len() < VISITORS_MAX {
            self.visitors.insert(id.clone(), Visitor::default());
        }
        page("200 OK", vec![cookie(&format!("authsession={id}; Path=/; Secure; HttpOnly"))])
    }

    fn csrf(&mut self, request: &HttpRequest) -> Reply {
        self.number += 1;
        let form_token = format!("form-{}", self.number);
        let bearer =
            request.header("authorization").and_then(|value| value.strip_prefix("Bearer "));
        let is_bad = bearer.is_some_and(|token| !self.tokens.contains(token));
        match visitor(&mut self.visitors, request) {
            Some(visitor) if !is_bad => {
                visitor.form_token.clone_from(&form_token);
                Reply::json("200 OK", &json!({ "token": form_token }))
            }
            _ => page("401 Unauthorized", Vec::new()),
        }
    }

    fn post(&mut self, request: &HttpRequest) -> Reply {
        let body = String::from_utf8_lossy(&request.body);
        let field = |name: &str| form_field(&body, name).unwrap_or_default();
        let has_app = cookie_value(request, "netatmocomlast_app_used") == Some("app_thermostat");
        let Some(visitor) = visitor(&mut self.visitors, request) else {
            return page("419 Expired", Vec::new());
        };
        let is_form = !visitor.form_token.is_empty()
            && field("_token") == visitor.form_token
            && field("stay_logged") == "on"
            && has_app;
        if !is_form {
            return page("419 Expired", Vec::new());
        }
        let is_right = field("email") == USERNAME && field("password") == PASSWORD;
        if is_right && self.wrong < TRIES_MAX {
            visitor.is_known = true;
            self.wrong = 0;
            return page("302 Found", vec![("Location", "/access/welcome".to_owned())]);
        }
        self.wrong += 1;
        page("302 Found", vec![("Location", "/access/welcome?error=login".to_owned())])
    }

    fn keychain(&mut self, request: &HttpRequest) -> Reply {
        let is_known = visitor(&mut self.visitors, request).is_some_and(|visitor| visitor.is_known);
        if !is_known {
            return page("200 OK", Vec::new());
        }
        self.number += 1;
        let token = format!("5f{}|simulated-token", self.number);
        let set = format!("netatmocomaccess_token={}; Path=/; Secure", token.replace('|', "%7C"));
        self.tokens.insert(token);
        // Real ones lead on to a page that is of no use to a program.
        page("302 Found", vec![cookie(&set), ("Location", "https://my.netatmo.com".to_owned())])
    }
}

fn page(status: &'static str, headers: Vec<(&'static str, String)>) -> Reply {
    Reply::Http(status, headers, "<html>simulated</html>".to_owned())
}

fn cookie(set: &str) -> (&'static str, String) {
    ("Set-Cookie", set.to_owned())
}

fn visitor<'a>(
    visitors: &'a mut HashMap<String, Visitor>,
    request: &HttpRequest,
) -> Option<&'a mut Visitor> {
    visitors.get_mut(cookie_value(request, "authsession")?)
}

fn cookie_value<'a>(request: &'a HttpRequest, name: &str) -> Option<&'a str> {
    let pairs = request.header("cookie")?.split("; ").filter_map(|pair| pair.split_once('='));
    pairs.into_iter().find(|pair| pair.0 == name).map(|pair| pair.1)
}

/// A field of a form, decoded.
pub(super) fn form_field(body: &str, name: &str) -> Option<String> {
    let pairs = body.split('&').filter_map(|pair| pair.split_once('='));
    let (_, value) = pairs.into_iter().find(|pair| pair.0 == name)?;
    let mut bytes = Vec::new();
    let mut rest = value.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let digits = [rest.next()?, rest.next()?];
                u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?
            }
            plain => plain,
        });
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_decoded() {
        let body = "a=1&b=x%26y+z%C3%A4&c=%zz";
        assert_eq!(form_field(body, "b").as_deref(), Some("x&y zä"));
        assert_eq!(form_field(body, "c"), None);
        assert_eq!(form_field(body, "d"), None);
    }

    proptest::proptest! {
        #[test]
        fn any_form_is_decoded_or_refused_without_panic(body in "\\PC{0,60}") {
            form_field(&body, "a");
        }
    }
}
