//! What handlers take out of a request: grants, ids, queries, bodies. Each refuses with an
//! [`ApiError`], so that no refusal has a form of its own.

use std::{net::IpAddr, str::FromStr};

use axum::{
    Json,
    extract::{
        FromRef, FromRequest, FromRequestParts, Path, Query, RawPathParams, Request,
        rejection::{JsonRejection, QueryRejection},
    },
};
use hearth_auth::{
    AccountGrant, CameraAction, CameraGrant, HouseAction, HouseGrant, OwnerGrant, PasskeySite,
};
use hearth_hub::Peer;
use hearth_model::CameraId;
use hearth_secret::SecretString;
use http::{StatusCode, header, request::Parts};
use serde::de::DeserializeOwned;

use crate::{
    api::Api,
    cookie,
    error::ApiError,
    gate::{Caller, peer_of},
    listener::Via,
    site,
};

impl FromRequestParts<Api> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &Api) -> Result<Self, ApiError> {
        parts.extensions.get::<Self>().cloned().ok_or_else(ApiError::unauthenticated)
    }
}

/// The peer as sessions and throttles know it.
pub(crate) struct Visitor(pub(crate) Peer);

impl FromRequestParts<Api> for Visitor {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &Api) -> Result<Self, ApiError> {
        let address = match parts.extensions.get::<Via>() {
            Some(Via::Network { peer, .. }) => *peer,
            _ => IpAddr::V4(std::net::Ipv4Addr::LOCALHOST),
        };
        Ok(Self(peer_of(address, &parts.headers)))
    }
}

/// The id that the path names. A text that is no such id names nothing.
pub(crate) struct Named<Id>(pub(crate) Id);

impl<Id: FromStr> FromRequestParts<Api> for Named<Id> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self, ApiError> {
        let text = Path::<String>::from_request_parts(parts, api).await;
        let text = text.map_err(|_| ApiError::not_found())?;
        text.parse().map(Self).map_err(|_| ApiError::not_found())
    }
}

/// The two ids that the path names, one inside the other.
pub(crate) struct NamedWithin<Outer, Inner>(pub(crate) Outer, pub(crate) Inner);

impl<Outer: FromStr, Inner: FromStr> FromRequestParts<Api> for NamedWithin<Outer, Inner> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self, ApiError> {
        let texts = Path::<(String, String)>::from_request_parts(parts, api).await;
        let Path((outer, inner)) = texts.map_err(|_| ApiError::not_found())?;
        let outer = outer.parse().map_err(|_| ApiError::not_found())?;
        Ok(Self(outer, inner.parse().map_err(|_| ApiError::not_found())?))
    }
}

/// A grant on the camera that the path names.
pub(crate) struct OnCamera<A: CameraAction>(pub(crate) CameraGrant<A>);

impl<A: CameraAction> FromRequestParts<Api> for OnCamera<A> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self, ApiError> {
        let caller = Caller::from_request_parts(parts, api).await?;
        // By its name: a path may go on to something else.
        let named = RawPathParams::from_request_parts(parts, api).await;
        let named = named.map_err(|_| ApiError::not_found())?;
        let camera = named.iter().find(|(name, _)| *name == "camera").map(|(_, text)| text);
        let camera: Option<CameraId> = camera.and_then(|text| text.parse().ok());
        let camera = camera.ok_or_else(ApiError::not_found)?;
        Ok(Self(api.hub().policy().camera(&caller.principal, camera)?))
    }
}

/// A grant on the house.
pub(crate) struct OnHouse<A: HouseAction>(pub(crate) HouseGrant<A>);

impl<A: HouseAction> FromRequestParts<Api> for OnHouse<A> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self, ApiError> {
        let caller = Caller::from_request_parts(parts, api).await?;
        Ok(Self(api.hub().policy().house(&caller.principal)?))
    }
}

/// A grant on the account of whoever is signed in.
pub(crate) struct OnAccount(pub(crate) AccountGrant);

impl FromRequestParts<Api> for OnAccount {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self, ApiError> {
        let caller = Caller::from_request_parts(parts, api).await?;
        Ok(Self(api.hub().policy().account(&caller.principal)?))
    }
}

/// A grant of whoever runs the hub.
pub(crate) struct AsOwner(pub(crate) OwnerGrant);

impl FromRequestParts<Api> for AsOwner {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self, ApiError> {
        let caller = Caller::from_request_parts(parts, api).await?;
        Ok(Self(api.hub().policy().owner(&caller.principal)?))
    }
}

/// Under which name the page was opened. Passkeys are bound to it, and it cannot be an address
/// (WebAuthn, 5.1.2). The gate has checked that the name is ours.
pub(crate) struct OnSite(pub(crate) PasskeySite);

impl FromRequestParts<Api> for OnSite {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &Api) -> Result<Self, ApiError> {
        let host = parts.headers.get(header::HOST).and_then(|host| host.to_str().ok());
        let site = host.and_then(site::passkey_site);
        let nameless =
            "Passkeys work under a host name, not under an address. Open the hub by name.";
        site.map(Self).ok_or_else(|| ApiError::bad_input("name_needed", nameless))
    }
}

/// Where the page was opened that asks, as `https://host:port`. The gate has checked that it is ours.
pub(crate) struct OnOrigin(pub(crate) String);

impl FromRequestParts<Api> for OnOrigin {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &Api) -> Result<Self, ApiError> {
        let host = parts.headers.get(header::HOST).and_then(|host| host.to_str().ok());
        let origin = host.map(|host| format!("https://{}", host.to_ascii_lowercase()));
        let nameless = "The request does not say for which host it is.";
        origin.map(Self).ok_or_else(|| ApiError::bad_input("host_needed", nameless))
    }
}

/// What a browser keeps while its user is at the sign-in provider.
pub(crate) struct Binding(pub(crate) SecretString);

impl FromRequestParts<Api> for Binding {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &Api) -> Result<Self, ApiError> {
        let elsewhere = "This browser did not ask, or it asked too long ago. Begin again.";
        cookie::asked(&parts.headers)
            .map(Self)
            .ok_or_else(|| ApiError::new(StatusCode::UNAUTHORIZED, "provider_refused", elsewhere))
    }
}

/// The query, read into a type.
pub(crate) struct Asked<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequestParts<Api> for Asked<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self, ApiError> {
        match Query::<T>::from_request_parts(parts, api).await {
            Ok(Query(query)) => Ok(Self(query)),
            Err(QueryRejection::FailedToDeserializeQueryString(error)) => Err(ApiError::bad_input(
                "bad_query",
                format!("The query is not valid: {}.", cause(&error)),
            )),
            Err(_) => Err(ApiError::bad_input("bad_query", "The query is not valid.")),
        }
    }
}

/// The JSON body, read into a type.
///
/// Its content type must be JSON: a form of a foreign page cannot send that (promise D-09).
pub(crate) struct Sent<T>(pub(crate) T);

impl<T, S> FromRequest<S> for Sent<T>
where
    T: DeserializeOwned,
    S: Send + Sync,
    Api: FromRef<S>,
{
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        // Nothing is unpacked here, so that a few bytes cannot become many.
        if request.headers().contains_key(header::CONTENT_ENCODING) {
            return Err(ApiError::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "encoded",
                "The body must not be compressed.",
            ));
        }
        match Json::<T>::from_request(request, state).await {
            Ok(Json(body)) => Ok(Self(body)),
            Err(rejection) => Err(refused(&rejection)),
        }
    }
}

/// A photograph as the body. Its content type must be that of a picture: a form of a foreign page
/// cannot send that (promise D-09).
pub(crate) struct Photo(pub(crate) bytes::Bytes);

impl<S: Send + Sync> FromRequest<S> for Photo {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        let text = "The body must be a JPEG or PNG picture.";
        file(request, state, &["image/jpeg", "image/png"], "not_a_picture", text).await.map(Self)
    }
}

/// A sound file as the body, as [`Photo`] is a picture.
pub(crate) struct SoundFile(pub(crate) bytes::Bytes);

impl<S: Send + Sync> FromRequest<S> for SoundFile {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        // What browsers and programs call the same thing (RFC 2361 has the last one).
        let kinds = ["audio/wav", "audio/x-wav", "audio/wave", "audio/vnd.wave"];
        let text = "The body must be a WAV file.";
        file(request, state, &kinds, "not_a_sound", text).await.map(Self)
    }
}

/// A body of one of these content types.
async fn file<S: Send + Sync>(
    request: Request,
    state: &S,
    kinds: &[&str],
    code: &'static str,
    text: &str,
) -> Result<bytes::Bytes, ApiError> {
    let kind = request.headers().get(header::CONTENT_TYPE).map(http::HeaderValue::as_bytes);
    let fits = kind.is_some_and(|kind| kinds.iter().any(|known| known.as_bytes() == kind));
    if !fits || request.headers().contains_key(header::CONTENT_ENCODING) {
        return Err(ApiError::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, code, text));
    }
    let body = bytes::Bytes::from_request(request, state).await;
    body.map_err(|rejection| match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => too_large(),
        _ => ApiError::bad_input("bad_body", "The body could not be read."),
    })
}

pub(crate) fn too_large() -> ApiError {
    let text = "The body is larger than this route accepts.";
    ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, "body_too_large", text)
}

fn refused(rejection: &JsonRejection) -> ApiError {
    match rejection {
        JsonRejection::JsonDataError(error) => {
            ApiError::bad_input("bad_body", format!("The body is not valid: {}.", cause(error)))
        }
        JsonRejection::JsonSyntaxError(_) => {
            ApiError::bad_input("bad_json", "The body is not valid JSON.")
        }
        JsonRejection::MissingJsonContentType(_) => ApiError::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "not_json",
            "The body's content type must be application/json.",
        ),
        _ if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE => too_large(),
        _ => ApiError::bad_input("bad_body", "The body could not be read."),
    }
}

/// What the parser itself says: the field and what was expected, without the framework's preamble.
fn cause(error: &dyn std::error::Error) -> String {
    let mut innermost = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    innermost.to_string()
}
