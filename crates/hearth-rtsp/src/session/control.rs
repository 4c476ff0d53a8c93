//! Control URLs (RFC 2326, C.1.1), resolved as cameras expect it rather than as RFC 3986 has it.

use hearth_model::SourceUrl;

use crate::message::Headers;

/// What relative URLs of a description belong to: `Content-Base`, `Content-Location` or the URL
/// asked for. Some cameras leave out the scheme, some send nonsense.
pub(super) fn base(request_url: &str, headers: &Headers) -> String {
    let named = headers.get("Content-Base").or_else(|| headers.get("Content-Location"));
    let Some(named) = named.map(str::trim).filter(|text| !text.is_empty()) else {
        return request_url.to_owned();
    };
    let named = SourceUrl::told_part(named);
    if is_absolute(&named) {
        return named;
    }
    let (scheme, rest) = request_url.split_once("://").unwrap_or(("rtsp", request_url));
    let authority = rest.split('/').next().unwrap_or_default();
    let (host, _) = authority.rsplit_once(':').unwrap_or((authority, ""));
    if named.starts_with('/') {
        format!("{scheme}://{authority}{named}")
    } else if named.starts_with(host) {
        format!("{scheme}://{named}")
    } else {
        request_url.to_owned()
    }
}

/// The URL of a track or, with `*` or nothing, of all of them.
///
/// A relative URL is put behind the base with a `/` between them, even behind a query: that is what
/// other clients do, and so what cameras were tested with.
pub(super) fn resolve(base: &str, control: Option<&str>) -> String {
    let control = SourceUrl::told_part(control.map(str::trim).unwrap_or_default());
    if control.is_empty() || control == "*" {
        return base.to_owned();
    }
    if is_absolute(&control) {
        return control;
    }
    let control = control.strip_prefix('/').unwrap_or(&control);
    let slash = if base.ends_with('/') { "" } else { "/" };
    format!("{base}{slash}{control}")
}

fn is_absolute(url: &str) -> bool {
    let scheme = url.split_once("://").map_or("", |(scheme, _)| scheme);
    scheme.eq_ignore_ascii_case("rtsp") || scheme.eq_ignore_ascii_case("rtsps")
}

#[cfg(test)]
mod tests {
    use super::*;

    const ASKED: &str = "rtsp://10.0.0.5:554/cam/1?sub=0";

    #[test]
    fn tracks_are_found_as_cameras_mean_it() {
        for (base, control, expected) in [
            ("rtsp://c/a/", Some("trackID=1"), "rtsp://c/a/trackID=1"),
            ("rtsp://c/a", Some("trackID=1"), "rtsp://c/a/trackID=1"),
            ("rtsp://c/a", Some("/trackID=1"), "rtsp://c/a/trackID=1"),
            (ASKED, Some("video"), "rtsp://10.0.0.5:554/cam/1?sub=0/video"),
            ("rtsp://c/a", Some("rtsp://c:554/b/track1"), "rtsp://c:554/b/track1"),
            ("rtsp://c/a", Some("*"), "rtsp://c/a"),
            ("rtsp://c/a", None, "rtsp://c/a"),
        ] {
            assert_eq!(resolve(base, control), expected);
        }
    }

    #[test]
    fn a_base_may_lack_its_scheme_or_its_sense() {
        let base_of = |value: &str| {
            let mut headers = Headers::new();
            headers.push("Content-Base", value);
            base(ASKED, &headers)
        };
        assert_eq!(base_of("rtsp://10.0.0.5/x/"), "rtsp://10.0.0.5/x/");
        assert_eq!(base_of("10.0.0.5:554/x/"), "rtsp://10.0.0.5:554/x/");
        assert_eq!(base_of("/x/"), "rtsp://10.0.0.5:554/x/");
        assert_eq!(base_of("nonsense"), ASKED);
        assert_eq!(base_of(" "), ASKED);
    }
}
