//! Headers every answer carries, whatever made it. Pure.
//!
//! The list is data; [`apply`] adds what an answer did not set itself. None of them lets another
//! origin read anything; what does is in `cors`. promise: V-05, V-06.

use http::{HeaderMap, HeaderName, HeaderValue, header};

/// The one content policy of the dashboard. Scripts and styles come as files from this origin; the
/// named Trusted Types policy admits the worker URLs and nothing else.
pub(crate) const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; \
    style-src 'self'; img-src 'self' blob:; media-src 'self' blob:; connect-src 'self'; \
    font-src 'self'; manifest-src 'self'; worker-src 'self'; base-uri 'none'; \
    form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'; \
    trusted-types hearth";

/// What API and media answers say about caches: no proxy and no disk may keep them.
pub(crate) const NO_STORE: HeaderValue = HeaderValue::from_static("private, no-store");

const SECURITY: [(HeaderName, &str); 8] = [
    (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
    (header::STRICT_TRANSPORT_SECURITY, "max-age=31536000"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (HeaderName::from_static("permissions-policy"), "camera=(), microphone=(self)"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    // For browsers that do not know `frame-ancestors`.
    (header::X_FRAME_OPTIONS, "DENY"),
];

/// Adds the security headers; and, unless the answer says otherwise, that nobody may keep it.
pub(crate) fn apply(headers: &mut HeaderMap) {
    for (name, value) in SECURITY {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.entry(header::CACHE_CONTROL).or_insert(NO_STORE);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// promise: V-06. No source but our own files, no inline script, no frame.
    #[test]
    fn the_content_policy_allows_nothing_inline_and_nothing_foreign() {
        let policy = CONTENT_SECURITY_POLICY;
        assert!(policy.starts_with("default-src 'none'; "));
        assert!(policy.contains("frame-ancestors 'none'"));
        for word in ["unsafe", "http:", "https:", "data:", "*", "  "] {
            assert!(!policy.contains(word), "{word}");
        }
    }
}
