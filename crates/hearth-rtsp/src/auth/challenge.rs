//! `WWW-Authenticate`: one or several challenges, in one or several headers (RFC 7235, 4.1).

use super::AuthScheme;

/// What a server asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Challenge {
    /// User name and password as they are.
    Basic {
        /// For which part of the server.
        realm: String,
    },
    /// A digest.
    Digest(DigestChallenge),
    /// A digest with an algorithm or quality of protection that is not known here.
    UnknownDigest,
    /// Any other scheme.
    Other,
}

/// The parameters of a digest challenge (RFC 7616, 3.3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DigestChallenge {
    /// For which part of the server.
    pub realm: String,
    /// The server's nonce.
    pub nonce: String,
    /// To be sent back as it is.
    pub opaque: Option<String>,
    /// Which hash.
    pub algorithm: Algorithm,
    /// How the server wrote the algorithm, if it did.
    pub algorithm_name: Option<String>,
    /// Whether the client nonce takes part.
    pub qop: Qop,
    /// The nonce was too old, the proof was right.
    pub is_stale: bool,
}

/// A digest algorithm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// MD5, and what is meant if nothing is said.
    Md5,
    /// MD5, once a session.
    Md5Session,
    /// SHA-256.
    Sha256,
    /// SHA-256, once a session.
    Sha256Session,
}

/// Quality of protection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Qop {
    /// As in RFC 2069: no client nonce.
    None,
    /// `auth`.
    Auth,
}

impl Algorithm {
    /// From its name.
    pub fn parse(name: &str) -> Option<Self> {
        match name.to_ascii_uppercase().as_str() {
            "MD5" => Some(Self::Md5),
            "MD5-SESS" => Some(Self::Md5Session),
            "SHA-256" => Some(Self::Sha256),
            "SHA-256-SESS" => Some(Self::Sha256Session),
            _ => None,
        }
    }

    /// Whether the account's hash takes the nonces in.
    pub fn is_session(self) -> bool {
        matches!(self, Self::Md5Session | Self::Sha256Session)
    }

    /// How strong it is.
    pub fn scheme(self) -> AuthScheme {
        match self {
            Self::Md5 | Self::Md5Session => AuthScheme::DigestMd5,
            Self::Sha256 | Self::Sha256Session => AuthScheme::DigestSha256,
        }
    }
}

/// More challenges than any server sends.
const CHALLENGES_MAX: usize = 16;

/// Reads all challenges in the values of all `WWW-Authenticate` headers.
pub fn parse_challenges<'a>(values: impl Iterator<Item = &'a str>) -> Vec<Challenge> {
    values.flat_map(split_challenges).take(CHALLENGES_MAX).map(parse_challenge).collect()
}

fn parse_challenge((scheme, parameters): (String, Vec<(String, String)>)) -> Challenge {
    let get = |name: &str| {
        parameters.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    };
    let realm = get("realm").unwrap_or_default().to_owned();
    if scheme.eq_ignore_ascii_case("Basic") {
        return Challenge::Basic { realm };
    }
    if !scheme.eq_ignore_ascii_case("Digest") {
        return Challenge::Other;
    }
    let algorithm = get("algorithm").map_or(Some(Algorithm::Md5), Algorithm::parse);
    let qop = match get("qop").map(str::trim) {
        None | Some("") => Some(Qop::None),
        Some(list) => list
            .split(',')
            .any(|name| name.trim().eq_ignore_ascii_case("auth"))
            .then_some(Qop::Auth),
    };
    match (algorithm, qop, get("nonce")) {
        (Some(algorithm), Some(qop), Some(nonce)) => Challenge::Digest(DigestChallenge {
            realm,
            nonce: nonce.to_owned(),
            opaque: get("opaque").map(str::to_owned),
            algorithm,
            algorithm_name: get("algorithm").map(str::to_owned),
            qop,
            is_stale: get("stale").is_some_and(|text| text.eq_ignore_ascii_case("true")),
        }),
        _ => Challenge::UnknownDigest,
    }
}

/// Splits `Digest realm="a", nonce="b", Basic realm="c"` into schemes with their parameters.
fn split_challenges(value: &str) -> Vec<(String, Vec<(String, String)>)> {
    let mut challenges: Vec<(String, Vec<(String, String)>)> = Vec::new();
    for item in split_outside_quotes(value) {
        let name_end = item.find('=').unwrap_or(item.len());
        let (before, _) = item.split_at(name_end);
        let (scheme, parameter) = match before.trim().split_once(char::is_whitespace) {
            Some((scheme, _)) => (Some(scheme), item.get(scheme.len()..).unwrap_or_default()),
            None if name_end == item.len() => (Some(item), ""),
            None => (None, item),
        };
        if let Some(scheme) = scheme {
            challenges.push((scheme.to_owned(), Vec::new()));
        }
        if let (Some((_, parameters)), Some(parameter)) =
            (challenges.last_mut(), parse_parameter(parameter))
        {
            parameters.push(parameter);
        }
    }
    challenges
}

/// Reads `name="value", name=value` as in `Authorization` after the scheme. Names are lower-cased.
pub fn parse_parameters(text: &str) -> Vec<(String, String)> {
    split_outside_quotes(text).filter_map(parse_parameter).collect()
}

fn parse_parameter(text: &str) -> Option<(String, String)> {
    let (name, value) = text.split_once('=')?;
    let value = value.trim();
    let value = match value.strip_prefix('"') {
        Some(quoted) => unescape(quoted.strip_suffix('"').unwrap_or(quoted)),
        None => value.to_owned(),
    };
    Some((name.trim().to_ascii_lowercase(), value))
}

fn unescape(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        plain.extend(if c == '\\' { chars.next() } else { Some(c) });
    }
    plain
}

fn split_outside_quotes(text: &str) -> impl Iterator<Item = &str> {
    let (mut in_quotes, mut escaped) = (false, false);
    text.split(move |c: char| {
        match c {
            _ if escaped => escaped = false,
            '\\' if in_quotes => escaped = true,
            '"' => in_quotes = !in_quotes,
            _ => {}
        }
        c == ',' && !in_quotes
    })
    .map(str::trim)
    .filter(|item| !item.is_empty())
}
