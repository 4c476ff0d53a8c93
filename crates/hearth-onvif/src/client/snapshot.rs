//! A picture of a profile, fetched from the device's own address.

use hearth_http::{HeaderMap, Method, Response, header};
use hearth_model::SourceUrl;
use hearth_rtsp::auth::{self, Authenticator, Challenge};

use super::{Device, header_value};
use crate::{Error, ProofError, random};

/// 4K JPEGs at the best quality have some 4 MB.
pub(super) const PICTURE_BYTES_MAX: usize = 8 * 1024 * 1024;
/// Without a proof, with one, and with a new nonce.
const ATTEMPTS_MAX: u32 = 3;

impl Device {
    /// Fetches a picture from an address that this device gave. It is a JPEG by its first bytes;
    /// decoding it is for the sandbox.
    ///
    /// # Errors
    /// See [`Error`]. A device that wants the password in the clear (`Basic`) gets none.
    pub async fn picture(&self, url: &SourceUrl) -> Result<Vec<u8>, Error> {
        let account = self.account.as_ref();
        let account = account.map(|one| (one.username.clone(), one.password.clone()));
        let mut authenticator = Authenticator::new(account, random::bytes()?);
        for attempt in 0..ATTEMPTS_MAX {
            let mut headers = HeaderMap::new();
            if let Some(proof) = authenticator.authorize("GET", url.path()) {
                headers.insert(header::AUTHORIZATION, header_value(&proof)?);
            }
            let client = &self.clients.pictures;
            let response = client.request(Method::GET, &url.to_string(), headers, "").await?;
            match response.status.as_u16() {
                200 if response.body.starts_with(&[0xFF, 0xD8]) => {
                    return Ok(response.body.to_vec());
                }
                200 => return Err(Error::NotAPicture),
                401 => take_up(&mut authenticator, &response, attempt)?,
                status => return Err(Error::Status(status)),
            }
        }
        Err(ProofError::WrongPassword.into())
    }
}

fn take_up(
    authenticator: &mut Authenticator,
    response: &Response,
    attempt: u32,
) -> Result<(), ProofError> {
    let challenges = response.headers.get_all(header::WWW_AUTHENTICATE);
    let challenges: Vec<&str> = challenges.iter().filter_map(|value| value.to_str().ok()).collect();
    let parsed = auth::parse_challenges(challenges.iter().copied());
    if !parsed.iter().any(|one| matches!(one, Challenge::Digest(_))) {
        return Err(ProofError::Unsupported);
    }
    authenticator.accept(challenges.into_iter(), attempt).map_err(|error| match error {
        auth::AuthError::NoCredentials => ProofError::NoAccount,
        auth::AuthError::Rejected => ProofError::WrongPassword,
        auth::AuthError::Unsupported | auth::AuthError::PasswordInClear => ProofError::Unsupported,
        auth::AuthError::Downgrade => ProofError::Downgrade,
    })
}
