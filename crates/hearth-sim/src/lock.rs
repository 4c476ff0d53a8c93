//! Who may look: challenges and checks them (RFC 7616, RFC 7617), for RTSP and HTTP alike.
//!
//! Pure. Credentials of simulated cameras are public by design: nothing here protects anything.

use base64::Engine as _;
use hearth_rtsp::auth::{
    Algorithm, DigestChallenge, DigestInput, Qop, digest_response, parse_parameters,
};
use hearth_secret::SecretString;

use crate::Access;

/// What cameras call themselves when they ask for a password.
const REALM: &str = "Simulated camera";

/// The lock of one camera.
#[derive(Debug)]
pub(crate) struct Lock {
    access: Access,
    username: String,
    password: SecretString,
    nonce: String,
}

impl Lock {
    /// A lock with a nonce of its own; it lasts as long as the camera, because HTTP clients come back
    /// with the proof on another connection.
    pub(crate) fn new(access: Access, username: &str, password: &str, nonce: u64) -> Self {
        Self {
            access,
            username: username.to_owned(),
            password: SecretString::from(password),
            nonce: format!("{nonce:016x}"),
        }
    }

    /// The values of `WWW-Authenticate`, the strongest first.
    pub(crate) fn challenges(&self) -> Vec<String> {
        let nonce = &self.nonce;
        let md5 = format!("Digest realm=\"{REALM}\", nonce=\"{nonce}\"");
        match self.access {
            Access::Open | Access::Query => Vec::new(),
            Access::Basic => vec![format!("Basic realm=\"{REALM}\"")],
            // As old cameras do it: without algorithm and quality of protection (RFC 2069).
            Access::Digest => vec![md5],
            Access::DigestSha256 => vec![
                format!(
                    "Digest realm=\"{REALM}\", nonce=\"{nonce}\", algorithm=SHA-256, qop=\"auth\""
                ),
                md5,
            ],
        }
    }

    /// Whether a request to this URI may pass by what it says itself.
    pub(crate) fn opens_to(&self, uri: &str) -> bool {
        let (_, query) = uri.split_once('?').unwrap_or_default();
        let says =
            |name: &str, value: &str| query.split('&').any(|one| one == format!("{name}={value}"));
        let (username, password) = (&self.username, self.password.expose());
        self.access == Access::Query && says("usr", username) && says("pwd", password)
    }

    /// Whether a request with this `Authorization` may pass.
    pub(crate) fn opens(&self, method: &str, authorization: Option<&str>) -> bool {
        if self.access == Access::Open {
            return true;
        }
        let Some((scheme, rest)) = authorization.and_then(|text| text.trim().split_once(' '))
        else {
            return false;
        };
        if scheme.eq_ignore_ascii_case("Basic") {
            return self.access == Access::Basic && self.basic(rest);
        }
        let digest = matches!(self.access, Access::Digest | Access::DigestSha256);
        digest && scheme.eq_ignore_ascii_case("Digest") && self.digest(method, rest)
    }

    fn basic(&self, text: &str) -> bool {
        let expected = format!("{}:{}", self.username, self.password.expose());
        base64::engine::general_purpose::STANDARD
            .decode(text.trim())
            .is_ok_and(|given| given == expected.as_bytes())
    }

    fn digest(&self, method: &str, text: &str) -> bool {
        let parameters = parse_parameters(text);
        let get = |name: &str| {
            parameters.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
        };
        let algorithm = match get("algorithm").map_or(Some(Algorithm::Md5), Algorithm::parse) {
            Some(Algorithm::Md5) => Algorithm::Md5,
            Some(Algorithm::Sha256) if self.access == Access::DigestSha256 => Algorithm::Sha256,
            _ => return false,
        };
        let qop = if get("qop").is_some() { Qop::Auth } else { Qop::None };
        let challenge = DigestChallenge {
            realm: REALM.to_owned(),
            nonce: self.nonce.clone(),
            opaque: None,
            algorithm,
            algorithm_name: None,
            qop,
            is_stale: false,
        };
        let count = get("nc").and_then(|text| u32::from_str_radix(text, 16).ok());
        let input = DigestInput {
            username: &self.username,
            password: &self.password,
            method,
            uri: get("uri").unwrap_or_default(),
            nonce_count: count.unwrap_or_default(),
            client_nonce: get("cnonce").unwrap_or_default(),
        };
        let named = get("username") == Some(&self.username) && get("realm") == Some(REALM);
        let fresh = get("nonce") == Some(&self.nonce);
        named && fresh && get("response") == Some(&digest_response(&challenge, &input))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_open_camera_lets_everybody_in_and_the_others_nobody_without_proof() {
        for access in [Access::Open, Access::Basic, Access::Digest, Access::DigestSha256] {
            let lock = Lock::new(access, "viewer", "pass", 1);
            assert_eq!(lock.opens("DESCRIBE", None), access == Access::Open);
            assert_eq!(lock.challenges().is_empty(), access == Access::Open);
            assert_eq!(lock.opens("DESCRIBE", Some("Digest x")), access == Access::Open);
        }
    }

    #[test]
    fn an_account_in_the_query_opens_only_where_it_is_asked_for() {
        let lock = Lock::new(Access::Query, "viewer", "pass", 1);
        assert!(lock.opens_to("rtsp://h/main?usr=viewer&pwd=pass"));
        for uri in ["rtsp://h/main", "/main?usr=viewer&pwd=passe", "/main?usr=other&pwd=pass"] {
            assert!(!lock.opens_to(uri), "{uri}");
        }
        assert!(!lock.opens("DESCRIBE", None) && lock.challenges().is_empty());
        assert!(!Lock::new(Access::Basic, "viewer", "pass", 1).opens_to("/?usr=viewer&pwd=pass"));
    }

    #[test]
    fn basic_wants_the_right_password_and_only_opens_basic_locks() {
        let header = |text: &str| {
            format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(text))
        };
        let lock = Lock::new(Access::Basic, "viewer", "pass", 1);
        assert!(lock.opens("PLAY", Some(&header("viewer:pass"))));
        assert!(!lock.opens("PLAY", Some(&header("viewer:wrong"))));
        let lock = Lock::new(Access::Digest, "viewer", "pass", 1);
        assert!(!lock.opens("PLAY", Some(&header("viewer:pass"))));
    }

    #[test]
    fn digest_binds_the_password_to_the_nonce_and_the_method() {
        let lock = Lock::new(Access::Digest, "viewer", "pass", 7);
        let challenge = DigestChallenge {
            realm: REALM.to_owned(),
            nonce: format!("{:016x}", 7),
            opaque: None,
            algorithm: Algorithm::Md5,
            algorithm_name: None,
            qop: Qop::None,
            is_stale: false,
        };
        let proof = |password: &str| {
            digest_response(
                &challenge,
                &DigestInput {
                    username: "viewer",
                    password: &SecretString::from(password),
                    method: "PLAY",
                    uri: "rtsp://h/main",
                    nonce_count: 1,
                    client_nonce: "",
                },
            )
        };
        let header = |password: &str| {
            format!(
                "Digest username=\"viewer\", realm=\"{REALM}\", nonce=\"{:016x}\", \
                 uri=\"rtsp://h/main\", response=\"{}\"",
                7,
                proof(password)
            )
        };
        assert!(lock.opens("PLAY", Some(&header("pass"))));
        assert!(!lock.opens("DESCRIBE", Some(&header("pass"))));
        assert!(!lock.opens("PLAY", Some(&header("wrong"))));
        let other = Lock::new(Access::Digest, "viewer", "pass", 8);
        assert!(!other.opens("PLAY", Some(&header("pass"))));
    }

    proptest::proptest! {
        #[test]
        fn no_other_proof_opens_a_lock(text in "(Basic |Digest |nonce=|response=|\\PC){0,40}") {
            let lock = Lock::new(Access::DigestSha256, "viewer", "pass", 3);
            proptest::prop_assert!(!lock.opens("PLAY", Some(&text)));
        }
    }
}
