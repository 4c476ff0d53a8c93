//! What a provider publishes, fetched seldom and by one at a time, and the trade of codes.

use std::time::{Duration, Instant};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hearth_auth::{AuthorizationRequest, OidcError, ProviderKeys, ProviderMetadata};
use hearth_http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use hearth_model::FaultKind;
use hearth_secret::SecretString;

use super::{NewProvider, Provider};
use crate::{error::UseCaseError, network::host_and_port};

/// Documents are asked for again after so long.
const AGE_MAX: Duration = Duration::from_secs(3600);
/// A provider that rotates its keys publishes the new one before it signs with it; a token with an
/// unheard-of key name asks no more often than this.
const KEYS_AGE_MIN: Duration = Duration::from_secs(30);
/// A provider that failed is left alone for so long, however many people try.
const PAUSE_AFTER_FAILURE: Duration = Duration::from_secs(5);

/// Why the provider did not help.
#[derive(Debug, thiserror::Error)]
pub(super) enum DocumentError {
    /// It did not answer, or not in a way that says anything.
    #[error("the provider cannot be asked: {0}")]
    Asking(#[from] hearth_http::Error),
    /// It refused.
    #[error("the provider answered with status {0}")]
    Status(StatusCode),
    /// Its answer is not believed.
    #[error("the provider's answer is not believed: {0}")]
    Answer(#[from] OidcError),
    /// It failed a moment ago.
    #[error("the provider failed a moment ago")]
    Paused,
}

impl DocumentError {
    /// For whoever sets the provider.
    pub(super) fn told(self) -> UseCaseError {
        tracing::warn!(error = %self, "the sign-in provider did not help");
        match self {
            Self::Asking(
                hearth_http::Error::CertificateChanged { .. } | hearth_http::Error::Untrusted(_),
            ) => UseCaseError::unavailable(
                "provider_not_trusted",
                "The sign-in provider shows a certificate that is not trusted. If it signed it itself, give its SHA-256.",
            ),
            Self::Asking(_) | Self::Paused => UseCaseError::unavailable(
                "provider_unreachable",
                "The sign-in provider does not answer. Sign in with your password meanwhile.",
            ),
            Self::Status(_) | Self::Answer(_) => UseCaseError::new(
                FaultKind::BadInput,
                "provider_wrong",
                "There is no OpenID Connect provider of this name at this address.",
            ),
        }
    }
}

/// What was fetched.
#[derive(Default)]
pub(super) struct Documents(tokio::sync::Mutex<Fetched>);

#[derive(Default)]
struct Fetched {
    metadata: Option<(ProviderMetadata, Instant)>,
    keys: Option<(ProviderKeys, Instant)>,
    failed_at: Option<Instant>,
}

impl Provider {
    /// What it says about itself.
    pub(super) async fn metadata(&self) -> Result<ProviderMetadata, DocumentError> {
        let mut fetched = self.documents.0.lock().await;
        self.metadata_in(&mut fetched).await
    }

    /// Its keys, among them the named one if it publishes that.
    pub(super) async fn keys(&self, kid: Option<&str>) -> Result<ProviderKeys, DocumentError> {
        let mut fetched = self.documents.0.lock().await;
        if let Some((keys, at)) = &fetched.keys {
            let age_max = if keys.knows(kid) { AGE_MAX } else { KEYS_AGE_MIN };
            if at.elapsed() < age_max {
                return Ok(keys.clone());
            }
        }
        let metadata = self.metadata_in(&mut fetched).await?;
        let document = self.fetch(&metadata.jwks_uri, &mut fetched).await?;
        let keys = ProviderKeys::parse(&document)?;
        fetched.keys = Some((keys.clone(), Instant::now()));
        Ok(keys)
    }

    async fn metadata_in(&self, fetched: &mut Fetched) -> Result<ProviderMetadata, DocumentError> {
        if let Some((metadata, at)) = &fetched.metadata
            && at.elapsed() < AGE_MAX
        {
            return Ok(metadata.clone());
        }
        let issuer = &self.settings.issuer;
        let document = self.fetch(&ProviderMetadata::address(issuer), fetched).await?;
        let metadata = ProviderMetadata::parse(issuer, &document)?;
        fetched.metadata = Some((metadata.clone(), Instant::now()));
        Ok(metadata)
    }

    async fn fetch(&self, address: &str, fetched: &mut Fetched) -> Result<Vec<u8>, DocumentError> {
        if fetched.failed_at.is_some_and(|at| at.elapsed() < PAUSE_AFTER_FAILURE) {
            return Err(DocumentError::Paused);
        }
        let answer = self.client.request(Method::GET, address, HeaderMap::new(), "").await;
        let answer = answer.inspect_err(|_| fetched.failed_at = Some(Instant::now()))?;
        if answer.status != StatusCode::OK {
            return Err(DocumentError::Status(answer.status));
        }
        fetched.failed_at = None;
        Ok(answer.body.to_vec())
    }

    /// Trades a code for the provider's word (Core 1.0, 3.1.3). A code is worth one try.
    pub(super) async fn trade(
        &self,
        request: &AuthorizationRequest,
        code: &SecretString,
        redirect_uri: &str,
    ) -> Result<SecretString, DocumentError> {
        #[derive(serde::Deserialize)]
        struct Traded {
            id_token: SecretString,
        }
        let metadata = self.metadata().await?;
        let form = request.trade(code, &self.settings.client_id, redirect_uri);
        let mut headers = HeaderMap::new();
        let kind = HeaderValue::from_static("application/x-www-form-urlencoded");
        headers.insert(header::CONTENT_TYPE, kind);
        if let Some(proof) = proof(&self.settings) {
            headers.insert(header::AUTHORIZATION, proof);
        }
        let body = form.expose().clone();
        let endpoint = &metadata.token_endpoint;
        let answer = self.client.request(Method::POST, endpoint, headers, body).await?;
        if answer.status != StatusCode::OK {
            return Err(DocumentError::Status(answer.status));
        }
        let traded: Traded = serde_json::from_slice(&answer.body)
            .map_err(|_| OidcError::Malformed("the answer to the code"))?;
        Ok(traded.id_token)
    }

    /// Hosts and ports of everything that is asked.
    pub(super) async fn hosts(&self) -> Vec<(String, u16)> {
        let fetched = self.documents.0.lock().await;
        let mut addresses = vec![self.settings.issuer.clone()];
        if let Some((metadata, _)) = &fetched.metadata {
            addresses.extend([metadata.token_endpoint.clone(), metadata.jwks_uri.clone()]);
        }
        addresses.iter().filter_map(|address| host_and_port(address)).collect()
    }
}

/// Client id and secret as `Authorization: Basic` (RFC 6749, 2.3.1: both form-encoded first).
fn proof(settings: &NewProvider) -> Option<HeaderValue> {
    let secret = settings.client_secret.as_ref()?;
    let encode =
        |text: &str| -> String { form_urlencoded::byte_serialize(text.as_bytes()).collect() };
    let pair = format!("{}:{}", encode(&settings.client_id), encode(secret.expose()));
    let mut value = HeaderValue::try_from(format!("Basic {}", STANDARD.encode(pair))).ok()?;
    value.set_sensitive(true);
    Some(value)
}
