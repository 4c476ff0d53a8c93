//! What an HTTP status says about a delivery.

use std::time::Duration;

use hearth_http::{HeaderMap, Response, StatusCode, header};

use crate::DeliveryError;

/// Longer than a service may ask for before somebody looks at it.
const RETRY_AFTER_MAX: Duration = Duration::from_secs(3600);

/// `Ok` for 2xx; what the others say (RFC 9110, 15) unless a service gives them another meaning.
pub(crate) fn taken(answer: &Response) -> Result<(), DeliveryError> {
    let status = answer.status;
    if status.is_success() {
        return Ok(());
    }
    Err(match status {
        StatusCode::TOO_MANY_REQUESTS => DeliveryError::TryAgain {
            reason: "The service asks to wait: too many messages.",
            after: retry_after(&answer.headers),
        },
        StatusCode::REQUEST_TIMEOUT => DeliveryError::try_again("The service was too slow."),
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
            DeliveryError::misconfigured("The service does not accept the secret.")
        }
        StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED => {
            DeliveryError::misconfigured("There is no such service at this address.")
        }
        StatusCode::GONE => {
            DeliveryError::never_again("The service says that this receiver is gone for good.")
        }
        _ if status.is_server_error() => DeliveryError::TryAgain {
            reason: "The service fails at the moment.",
            after: retry_after(&answer.headers),
        },
        _ if status.is_redirection() => {
            DeliveryError::misconfigured("The service moved to another address.")
        }
        _ => DeliveryError::never_again("The service refuses this message."),
    })
}

/// Seconds only: a date would need a clock that agrees with the service's.
pub(crate) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds = headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds).min(RETRY_AFTER_MAX))
}

/// The same for a number of seconds that stands elsewhere.
pub(crate) fn bounded_wait(seconds: u64) -> Duration {
    Duration::from_secs(seconds).min(RETRY_AFTER_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, retry_after: Option<&str>) -> Response {
        let mut headers = HeaderMap::new();
        if let Some(text) = retry_after {
            headers.insert(header::RETRY_AFTER, text.parse().expect("a header"));
        }
        let status = StatusCode::from_u16(status).expect("a status");
        Response { status, headers, body: Default::default(), certificate: None }
    }

    #[test]
    fn each_status_says_what_to_do_next() {
        assert_eq!(taken(&answer(204, None)), Ok(()));
        let code = |status| taken(&answer(status, None)).expect_err("a failure").code();
        for status in [408, 429, 500, 502, 503] {
            assert_eq!(code(status), "try_again", "{status}");
        }
        for status in [301, 401, 403, 404] {
            assert_eq!(code(status), "misconfigured", "{status}");
        }
        for status in [400, 410, 413, 422] {
            assert_eq!(code(status), "never_again", "{status}");
        }
    }

    #[test]
    fn a_service_may_ask_to_wait_but_not_for_ever() {
        let wait = |text| match taken(&answer(429, Some(text))) {
            Err(DeliveryError::TryAgain { after, .. }) => Some(after),
            _ => None,
        };
        assert_eq!(wait("7"), Some(Some(Duration::from_secs(7))));
        assert_eq!(wait("99999999"), Some(Some(RETRY_AFTER_MAX)));
        assert_eq!(wait("Wed, 21 Oct 2026 07:28:00 GMT"), Some(None));
        assert_eq!(wait("-1"), Some(None));
    }
}
