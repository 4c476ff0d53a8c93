//! Requests in a signed envelope (RFC 8555, 6.2; RFC 7515): by a known account, or by a new key.

use std::collections::{HashMap, HashSet};

use aws_lc_rs::{
    digest,
    signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::Value;

/// Coordinates of an account's P-256 key, as the client wrote them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Signer {
    x: String,
    y: String,
}

/// What was signed, and by whom.
pub(super) struct Signed {
    /// The account, if it is one.
    pub(super) account: Option<String>,
    /// The key, if it came with the request.
    pub(super) new_signer: Option<Signer>,
    /// What was sent; `null` for a question.
    pub(super) payload: Value,
}

impl Signer {
    /// The key's name (RFC 7638).
    pub(super) fn thumbprint(&self) -> String {
        let Self { x, y } = self;
        let canonical = format!(r#"{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}"#);
        URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, canonical.as_bytes()))
    }

    fn of(key: &Value) -> Option<Self> {
        let is_ours = key["kty"] == "EC" && key["crv"] == "P-256";
        let text = |name: &str| key[name].as_str().map(str::to_owned);
        Some(Self { x: text("x")?, y: text("y")? }).filter(|_| is_ours)
    }

    fn verifies(&self, message: &[u8], signature: &[u8]) -> Option<()> {
        let mut point = vec![4];
        point.extend(URL_SAFE_NO_PAD.decode(&self.x).ok()?);
        point.extend(URL_SAFE_NO_PAD.decode(&self.y).ok()?);
        UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).verify(message, signature).ok()
    }
}

/// Opens an envelope: right address, a nonce that was given out and not used, a right signature.
pub(super) fn open(
    body: &[u8],
    url: &str,
    nonces: &mut HashSet<String>,
    accounts: &HashMap<String, Signer>,
) -> Option<Signed> {
    let envelope: Value = serde_json::from_slice(body).ok()?;
    let (protected, payload) = (envelope["protected"].as_str()?, envelope["payload"].as_str()?);
    let header: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(protected).ok()?).ok()?;
    if header["alg"] != "ES256" || header["url"] != url || !nonces.remove(header["nonce"].as_str()?)
    {
        return None;
    }
    let account = header["kid"].as_str().map(str::to_owned);
    let new_signer = Signer::of(&header["jwk"]);
    let signer = match (&account, &new_signer) {
        (Some(account), None) => accounts.get(account)?,
        (None, Some(signer)) => signer,
        _ => return None,
    };
    let signature = URL_SAFE_NO_PAD.decode(envelope["signature"].as_str()?).ok()?;
    signer.verifies(format!("{protected}.{payload}").as_bytes(), &signature)?;
    let payload = match payload {
        "" => Value::Null,
        text => serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).ok()?).ok()?,
    };
    Some(Signed { account, new_signer, payload })
}
