//! Certificates from an authority that issues them by itself (ACME, RFC 8555).
//!
//! That the names are ours is shown on the listener itself (TLS-ALPN-01, RFC 8737), so no second port
//! is opened and no name server is touched: the authority has to reach the listener under each name,
//! at port 443. Until the first certificate comes, and whenever none can be had, the listener goes on
//! with its own. Account, chain and key lie in one sealed file. promise: D-12, V-07, T-17.

use std::{
    future::Future,
    path::PathBuf,
    pin::Pin,
    sync::Arc,
    time::{Duration, SystemTime},
};

use bytes::Bytes;
use hearth_http::{Client, Trust};
use hearth_hub::{AcmeConfig, Chain};
use hearth_secret::SecretString;
use http_body_util::{BodyExt as _, Full};
use instant_acme::{
    Account, AccountCredentials, AuthorizationStatus, BodyWrapper, BytesResponse, ChallengeType,
    HttpClient, Identifier, NewAccount, NewOrder, OrderStatus, RetryPolicy,
};
use rcgen::{CertificateParams, CustomExtension, KeyPair, PKCS_ECDSA_P256_SHA256};
use rustls::{crypto::aws_lc_rs::sign::any_supported_type, sign::CertifiedKey};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, pem::PemObject};
use tokio::{task::spawn_blocking, time::timeout};

use crate::{
    api::Api,
    certificate::{Certificate, CertificateError, Seal, certified, system_time},
    identity::replace,
    validity::validity,
};

/// What the sealed file is for; part of what the seal protects.
const CONTEXT: &[u8] = b"acme account and certificate v1";

/// One request to the authority.
const REQUEST_DEADLINE: Duration = Duration::from_secs(20);
/// One order, from the account to the chain: authorities check a name within seconds.
const ORDER_DEADLINE: Duration = Duration::from_secs(180);
/// Until an order's state has changed.
const POLLING: RetryPolicy =
    RetryPolicy::new().initial_delay(Duration::from_millis(200)).timeout(Duration::from_secs(60));

/// The pause after a failed order; doubles up to [`PAUSE_MAX`]. Authorities allow few failures an
/// hour (Let's Encrypt: five a name).
const PAUSE_FIRST: Duration = Duration::from_secs(15 * 60);
const PAUSE_MAX: Duration = Duration::from_secs(12 * 3600);
/// How often it is looked whether the certificate is due.
const LOOKED_EVERY: Duration = Duration::from_secs(3600);

/// An authority to ask, and what the answer is kept with.
pub struct AcmeSettings {
    /// The authority and the names.
    pub config: AcmeConfig,
    /// Where account, chain and key are kept.
    pub path: PathBuf,
    /// Seals them.
    pub seal: Arc<dyn Seal>,
}

/// Orders certificates for a listener.
pub(crate) struct Acme {
    settings: AcmeSettings,
    kept: Kept,
}

/// What is kept, in the form inside the seal.
#[derive(Default, serde::Deserialize)]
struct Kept {
    account: Option<SecretString>,
    names: Vec<String>,
    chain: String,
    key: Option<SecretString>,
}

/// Why no certificate was issued.
#[derive(Debug, thiserror::Error)]
enum AcmeError {
    #[error("the authority refused or was not reached")]
    Authority(#[from] instant_acme::Error),
    #[error("the authority offers no way to show on the listener that a name is ours")]
    NoChallenge,
    #[error("the authority did not accept that the names are ours")]
    NotAccepted,
    #[error("the authority took too long")]
    TimedOut,
    #[error("a key or request could not be made")]
    Make(#[from] rcgen::Error),
    #[error("what the authority issued cannot be used")]
    Unfit(#[from] CertificateError),
    #[error("the account could not be kept")]
    Keep(#[source] std::io::Error),
    #[error("the account could not be written down")]
    Account(#[from] serde_json::Error),
}

impl Acme {
    /// With what an earlier run kept, if this vault opens it.
    pub(crate) fn open(settings: AcmeSettings) -> Self {
        let kept = std::fs::read(&settings.path)
            .ok()
            .and_then(|sealed| settings.seal.unseal(CONTEXT, &sealed))
            .and_then(|plain| serde_json::from_slice(plain.expose()).ok());
        Self { settings, kept: kept.unwrap_or_default() }
    }

    /// Keeps the listener's certificate until the hub stops.
    pub(crate) async fn keep(mut self, certificate: Arc<Certificate>, api: Api) {
        if self.kept.names == self.settings.config.names {
            match self.kept_key() {
                Ok(Some(key)) => certificate.take_issued(key),
                Ok(None) => {}
                Err(error) => {
                    tracing::warn!(%error, "the certificate of the last run cannot be used");
                }
            }
        }
        let mut pause = PAUSE_FIRST;
        loop {
            let mut wait = LOOKED_EVERY;
            if is_due(certificate.issued_validity(), system_time(api.now())) {
                match self.renew(&certificate).await {
                    Ok(()) => {
                        tracing::info!("the listener has a certificate of the authority");
                        pause = PAUSE_FIRST;
                    }
                    Err(error) => {
                        tracing::warn!(error = %Chain(&error), "no certificate was issued; trying again later");
                        wait = pause;
                        pause = (pause * 2).min(PAUSE_MAX);
                    }
                }
            }
            tokio::select! {
                () = tokio::time::sleep(wait) => {}
                () = api.stop().heard() => return,
            }
        }
    }

    fn kept_key(&self) -> Result<Option<Arc<CertifiedKey>>, CertificateError> {
        let Some(key) = &self.kept.key else { return Ok(None) };
        usable(&self.kept.chain, key).map(Some)
    }

    async fn renew(&mut self, certificate: &Certificate) -> Result<(), AcmeError> {
        let issued = timeout(ORDER_DEADLINE, self.order(certificate)).await;
        certificate.forget_challenges();
        certificate.take_issued(issued.map_err(|_| AcmeError::TimedOut)??);
        Ok(())
    }

    async fn order(&mut self, certificate: &Certificate) -> Result<Arc<CertifiedKey>, AcmeError> {
        let account = self.account().await?;
        let names = &self.settings.config.names;
        let identifiers: Vec<Identifier> = names.iter().cloned().map(Identifier::Dns).collect();
        let mut order = account.new_order(&NewOrder::new(&identifiers)).await?;
        let mut authorizations = order.authorizations();
        while let Some(authorization) = authorizations.next().await {
            let mut authorization = authorization?;
            if authorization.status == AuthorizationStatus::Valid {
                continue;
            }
            let challenge = authorization.challenge(ChallengeType::TlsAlpn01);
            let mut challenge = challenge.ok_or(AcmeError::NoChallenge)?;
            let name = challenge.identifier().to_string();
            let proof = proof(&name, challenge.key_authorization().digest().as_ref())?;
            certificate.answer(name, proof);
            challenge.set_ready().await?;
        }
        if order.poll_ready(&POLLING).await? != OrderStatus::Ready {
            return Err(AcmeError::NotAccepted);
        }
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
        let request = CertificateParams::new(names.clone())?.serialize_request(&key)?;
        order.finalize_csr(request.der()).await?;
        let chain = order.poll_certificate(&POLLING).await?;
        let key = SecretString::new(key.serialize_pem());
        let issued = usable(&chain, &key)?;
        self.kept.names.clone_from(names);
        self.kept.chain = chain;
        self.kept.key = Some(key);
        self.write_down().await?;
        Ok(issued)
    }

    /// The account that was kept, or a new one, kept before anything is ordered with it.
    async fn account(&mut self) -> Result<Account, AcmeError> {
        let trust = self.settings.config.directory_certificate.map_or(Trust::Roots, Trust::Pinned);
        let client = Client::builder().deadline(REQUEST_DEADLINE).trust(trust).build();
        let builder = Account::builder_with_http(Box::new(Carrier(client)));
        if let Some(kept) = &self.kept.account
            && let Ok(credentials) = serde_json::from_str::<AccountCredentials>(kept.expose())
        {
            return Ok(builder.from_credentials(credentials).await?);
        }
        let contact: Vec<&str> = self.settings.config.contact.as_deref().into_iter().collect();
        let wanted = NewAccount {
            contact: &contact,
            terms_of_service_agreed: true,
            only_return_existing: false,
        };
        let directory = self.settings.config.directory.clone();
        let (account, credentials) = builder.create(&wanted, directory, None).await?;
        self.kept.account = Some(SecretString::new(serde_json::to_string(&credentials)?));
        self.write_down().await?;
        Ok(account)
    }

    async fn write_down(&self) -> Result<(), AcmeError> {
        let (path, seal) = (self.settings.path.clone(), self.settings.seal.clone());
        let plain = self.kept.to_json();
        let written = spawn_blocking(move || {
            let sealed = seal.seal(CONTEXT, plain.expose().as_bytes());
            let sealed =
                sealed.ok_or_else(|| std::io::Error::other("the vault did not seal it"))?;
            replace(&path, &sealed)
        });
        written
            .await
            .map_err(std::io::Error::other)
            .and_then(|written| written)
            .map_err(AcmeError::Keep)
    }
}

impl Kept {
    /// Put together by hand, because a secret has no way into a serializer.
    fn to_json(&self) -> SecretString {
        let text = |text: &str| serde_json::Value::from(text).to_string();
        let secret = |secret: &Option<SecretString>| {
            secret.as_ref().map_or_else(|| "null".to_owned(), |secret| text(secret.expose()))
        };
        SecretString::new(format!(
            r#"{{"account":{},"names":{},"chain":{},"key":{}}}"#,
            secret(&self.account),
            serde_json::Value::from(self.names.clone()),
            text(&self.chain),
            secret(&self.key),
        ))
    }
}

/// Due in its last third, as RFC 8555 clients do it: an authority that is away for weeks does not
/// matter then.
fn is_due(validity: Option<(SystemTime, SystemTime)>, now: SystemTime) -> bool {
    let Some((from, until)) = validity else { return true };
    let third = until.duration_since(from).unwrap_or_default() / 3;
    now + third >= until
}

/// What the listener shows to an authority that looks whether a name is ours (RFC 8737, 3).
fn proof(name: &str, digest: &[u8]) -> Result<Arc<CertifiedKey>, AcmeError> {
    let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
    let mut parameters = CertificateParams::new(vec![name.to_owned()])?;
    parameters.custom_extensions = vec![CustomExtension::new_acme_identifier(digest)];
    let made = parameters.self_signed(&key)?;
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    // Not compared with its key as others are: the proof is critical, and no verifier knows it.
    let key = any_supported_type(&key).map_err(CertificateError::Unfit)?;
    Ok(Arc::new(CertifiedKey::new(vec![made.der().clone()], key)))
}

fn usable(chain: &str, key: &SecretString) -> Result<Arc<CertifiedKey>, CertificateError> {
    let not_pem = |what| CertificateError::NotPem { what, path: PathBuf::from("of the authority") };
    let chain: Vec<_> = CertificateDer::pem_slice_iter(chain.as_bytes())
        .collect::<Result<_, _>>()
        .map_err(|_| not_pem("certificate"))?;
    if chain.first().and_then(|first| validity(first)).is_none() {
        return Err(not_pem("certificate"));
    }
    let key = PrivateKeyDer::from_pem_slice(key.expose().as_bytes())
        .map_err(|_| not_pem("private key"))?;
    certified(chain, key)
}

/// Carries requests to the authority by the product's one HTTP client, with its limits and checks.
struct Carrier(Client);

type Carried = Pin<Box<dyn Future<Output = Result<BytesResponse, instant_acme::Error>> + Send>>;

impl HttpClient for Carrier {
    fn request(&self, request: http::Request<BodyWrapper<Bytes>>) -> Carried {
        let client = self.0.clone();
        Box::pin(async move {
            let (parts, body) = request.into_parts();
            // Its error is one that cannot happen.
            let body =
                body.collect().await.map_or_else(|never| match never {}, |all| all.to_bytes());
            let url = parts.uri.to_string();
            let answer = client
                .request(parts.method, &url, parts.headers, body)
                .await
                .map_err(|error| instant_acme::Error::Other(Box::new(error)))?;
            let mut response = http::Response::new(Full::new(answer.body));
            *response.status_mut() = answer.status;
            *response.headers_mut() = answer.headers;
            Ok(response.into())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// promise: D-12. A certificate is renewed while a third of its life is left.
    #[test]
    fn a_certificate_is_due_in_its_last_third() {
        let day = |number: u64| SystemTime::UNIX_EPOCH + Duration::from_secs(number * 86_400);
        let validity = Some((day(100), day(190)));
        assert!(!is_due(validity, day(159)));
        assert!(is_due(validity, day(160)));
        assert!(is_due(validity, day(200)), "it has ended");
        assert!(is_due(None, day(0)));
    }

    #[test]
    fn what_is_kept_is_read_again() {
        let kept = Kept {
            account: Some("{\"key\":\"a\"}".into()),
            names: vec!["hearth.test".into()],
            chain: "-----BEGIN".into(),
            key: None,
        };
        let again: Kept = serde_json::from_str(kept.to_json().expose()).expect("JSON");
        assert_eq!(again.account.expect("kept").expose(), "{\"key\":\"a\"}");
        assert_eq!((again.names, again.chain), (kept.names, kept.chain));
        assert!(again.key.is_none());
    }
}
