//! WS-UsernameToken with a digest (WS-Security UsernameToken Profile 1.1, 3.1).
//!
//! The password never travels: `PasswordText` is not implemented. SHA-1 is what the standard
//! demands; the nonce and the device's own time keep a token from being used twice.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hearth_model::WallTime;
use hearth_secret::SecretString;
use sha1::{Digest, Sha1};

use crate::xml::Writer;

const SECURITY: &str =
    "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd";
const UTILITY: &str =
    "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd";
const PASSWORD_DIGEST: &str = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0#PasswordDigest";
const BASE64_BINARY: &str = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-soap-message-security-1.0#Base64Binary";

/// A proof that is good for one request.
#[derive(Clone, Debug)]
pub struct UsernameToken {
    username: String,
    digest: String,
    nonce: String,
    created: String,
}

impl UsernameToken {
    /// `nonce` must be unpredictable; `created` is the time on the device's clock.
    pub fn new(
        username: &str,
        password: &SecretString,
        nonce: &[u8; 16],
        created: WallTime,
    ) -> Self {
        // Whole seconds, as in the standard's examples: some devices know no fractions.
        let created = created.to_string();
        let created = format!("{}Z", created.split('.').next().unwrap_or_default());
        let mut hasher = Sha1::new();
        hasher.update(nonce);
        hasher.update(created.as_bytes());
        hasher.update(password.expose().as_bytes());
        Self {
            username: username.to_owned(),
            digest: STANDARD.encode(hasher.finalize()),
            nonce: STANDARD.encode(nonce),
            created,
        }
    }

    pub(super) fn write(&self, header: &mut Writer) {
        let attributes =
            [("xmlns:wsse", SECURITY), ("xmlns:wsu", UTILITY), ("s:mustUnderstand", "true")];
        header.element_with("wsse:Security", &attributes, |security| {
            security.element("wsse:UsernameToken", |token| {
                token.leaf("wsse:Username", &self.username);
                token.element_with("wsse:Password", &[("Type", PASSWORD_DIGEST)], |password| {
                    password.text(&self.digest);
                });
                token.element_with("wsse:Nonce", &[("EncodingType", BASE64_BINARY)], |nonce| {
                    nonce.text(&self.nonce);
                });
                token.leaf("wsu:Created", &self.created);
            });
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The worked example of the ONVIF Application Programmer's Guide, 6.1.1.3.
    #[test]
    fn the_digest_is_that_of_the_published_example() {
        let nonce = STANDARD.decode("LKqI6G/AikKCQrN0zqZFlg==").expect("Base64");
        let nonce: [u8; 16] = nonce.try_into().expect("16 bytes");
        let created: WallTime = "2010-09-16T07:50:45Z".parse().expect("a time");
        let token = UsernameToken::new("user", &"userpassword".into(), &nonce, created);
        assert_eq!(token.created, "2010-09-16T07:50:45Z");
        assert_eq!(token.nonce, "LKqI6G/AikKCQrN0zqZFlg==");
        assert_eq!(token.digest, "tuOSpGlFlIXsozq4HFNeeGeFLEI=");
    }

    /// promise: K-07. The password is not in the message.
    #[test]
    fn the_password_does_not_travel() {
        let token = UsernameToken::new("user", &"hunter2".into(), &[7; 16], WallTime::default());
        let mut writer = Writer::new();
        token.write(&mut writer);
        let written = writer.finish();
        assert!(written.contains("<wsse:Username>user</wsse:Username>"));
        assert!(!written.contains("hunter2"));
        assert!(!written.contains("PasswordText"));
    }
}
