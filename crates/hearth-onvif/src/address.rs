//! Addresses that a device hands out must lead back to that device.
//!
//! Pure. A device tells where its services, streams and pictures are. Followed blindly, a malicious
//! one would make the hub send requests, with credentials, to any place it can reach (SSRF). So:
//! the device's own host is kept; a private or unspecified IP address is what a device behind a port
//! mapping or with two networks calls itself, and becomes the host by which it was reached; anything
//! else is refused. Encryption that was there does not get lost on the way (promise T-07).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use hearth_model::{SourceScheme, SourceUrl};

use crate::AnswerError;

/// Where a service, a picture or a subscription is.
///
/// # Errors
/// [`AnswerError::ForeignUrl`] if it is elsewhere or not HTTP.
pub fn service_url(device: &SourceUrl, text: &str) -> Result<SourceUrl, AnswerError> {
    let url = SourceUrl::told(text.trim()).map_err(|_| AnswerError::ForeignUrl)?;
    if !matches!(url.scheme(), SourceScheme::Http | SourceScheme::Https) {
        return Err(AnswerError::ForeignUrl);
    }
    let keeps_encryption = url.scheme().is_encrypted() || !device.scheme().is_encrypted();
    if is_same_host(device.host(), url.host()) && keeps_encryption {
        return Ok(url);
    }
    // Behind a port mapping the device's own idea of its port is as wrong as that of its address.
    own(device, &url, device.scheme(), device.port())
}

/// Where a stream is. The port stays: streams have one of their own.
///
/// # Errors
/// [`AnswerError::ForeignUrl`] if it is elsewhere, or nothing that comes over the network.
pub fn stream_url(device: &SourceUrl, text: &str) -> Result<SourceUrl, AnswerError> {
    let url = SourceUrl::told(text.trim()).map_err(|_| AnswerError::ForeignUrl)?;
    match url.scheme() {
        SourceScheme::Rtsp | SourceScheme::Rtsps | SourceScheme::Http | SourceScheme::Https => {
            own(device, &url, url.scheme(), url.port())
        }
        SourceScheme::File | SourceScheme::V4l2 => Err(AnswerError::ForeignUrl),
    }
}

/// The URL at the device's host.
fn own(
    device: &SourceUrl,
    url: &SourceUrl,
    scheme: SourceScheme,
    port: u16,
) -> Result<SourceUrl, AnswerError> {
    if !is_same_host(device.host(), url.host()) && !is_own_idea(url.host()) {
        return Err(AnswerError::ForeignUrl);
    }
    let host = device.host();
    let host = if host.contains(':') { format!("[{host}]") } else { host.to_owned() };
    let text = format!("{}://{host}:{port}{}", scheme.name(), url.path());
    SourceUrl::told(&text).map_err(|_| AnswerError::ForeignUrl)
}

fn is_same_host(one: &str, other: &str) -> bool {
    match (one.parse::<IpAddr>(), other.parse::<IpAddr>()) {
        (Ok(one), Ok(other)) => one.to_canonical() == other.to_canonical(),
        _ => one.eq_ignore_ascii_case(other),
    }
}

/// Whether a host may be what a device calls itself: an address that means nothing outside.
fn is_own_idea(host: &str) -> bool {
    match host.parse::<IpAddr>().map(|address| address.to_canonical()) {
        Ok(IpAddr::V4(address)) => is_inner_v4(address),
        Ok(IpAddr::V6(address)) => is_inner_v6(address),
        Err(_) => false,
    }
}

fn is_inner_v4(address: Ipv4Addr) -> bool {
    address.is_private()
        || address.is_link_local()
        || address.is_loopback()
        || address.is_unspecified()
}

fn is_inner_v6(address: Ipv6Addr) -> bool {
    address.is_unique_local()
        || address.is_unicast_link_local()
        || address.is_loopback()
        || address.is_unspecified()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn device(text: &str) -> SourceUrl {
        text.parse().expect("valid")
    }

    fn service(from: &str, text: &str) -> Result<String, AnswerError> {
        service_url(&device(from), text).map(|url| url.to_string())
    }

    /// promise: V-24. A device cannot ask to be sent the password where it only has to see it proved.
    #[test]
    fn nothing_is_put_into_what_a_device_tells() {
        let from = device("http://192.168.1.9/onvif");
        let told = stream_url(&from, "rtsp://192.168.1.9/{username}?pwd={password}");
        assert!(!told.expect("its own").wants_password());
    }

    #[test]
    fn the_devices_own_addresses_are_kept() {
        let from = "http://192.168.1.9:2020/onvif/device_service";
        assert_eq!(
            service(from, "http://192.168.1.9:2021/onvif/service").as_deref(),
            Ok("http://192.168.1.9:2021/onvif/service")
        );
        let stream = stream_url(&device(from), "rtsp://admin:pw@192.168.1.9:554/stream1");
        assert_eq!(
            stream.map(|url| url.to_string()).as_deref(),
            Ok("rtsp://192.168.1.9:554/stream1")
        );
    }

    #[test]
    fn what_a_device_behind_a_port_mapping_calls_itself_becomes_its_host() {
        let from = "http://camera.example:8080/onvif/device_service";
        assert_eq!(
            service(from, "http://10.0.0.7/onvif/ptz?x=1").as_deref(),
            Ok("http://camera.example:8080/onvif/ptz?x=1")
        );
        let stream = stream_url(&device(from), "rtsp://0.0.0.0:8554/a");
        assert_eq!(
            stream.map(|url| url.to_string()).as_deref(),
            Ok("rtsp://camera.example:8554/a")
        );
    }

    /// promise: T-04. No address in an answer takes a request, and so a proof, to another host.
    #[test]
    fn foreign_addresses_are_refused() {
        for text in [
            "http://evil.example/onvif",
            "http://93.184.216.34/onvif",
            "http://[2001:db8::1]/onvif",
            "http://192.168.1.9.evil.example/",
            "http://192.168.1.9@evil.example/",
            "file:///etc/passwd",
            "v4l2:///dev/video0",
            "gopher://192.168.1.9/",
            "//192.168.1.9/",
            "",
        ] {
            let from = device("http://192.168.1.9/onvif/device_service");
            assert_eq!(service_url(&from, text), Err(AnswerError::ForeignUrl), "{text}");
            assert_eq!(stream_url(&from, text), Err(AnswerError::ForeignUrl), "{text}");
        }
        let from = device("http://192.168.1.9/onvif/device_service");
        assert_eq!(service_url(&from, "rtsp://192.168.1.9/"), Err(AnswerError::ForeignUrl));
    }

    /// promise: T-07. A device that was reached over TLS is not left for its own plain address.
    #[test]
    fn encryption_does_not_get_lost() {
        let from = "https://192.168.1.9:8443/onvif/device_service";
        assert_eq!(
            service(from, "http://192.168.1.9/onvif/media").as_deref(),
            Ok("https://192.168.1.9:8443/onvif/media")
        );
        let from = "http://192.168.1.9/onvif/device_service";
        assert_eq!(
            service(from, "https://192.168.1.9/onvif/media").as_deref(),
            Ok("https://192.168.1.9:443/onvif/media")
        );
    }

    proptest! {
        #[test]
        fn whatever_is_followed_is_on_the_devices_host(text in "(http|https|rtsp|file|://|@|:|/|\\[|\\]|10\\.0\\.0\\.1|a\\.b|::1|80|\\PC){0,10}") {
            let from = device("https://192.168.1.9:8443/");
            for url in [service_url(&from, &text), stream_url(&from, &text)].into_iter().flatten() {
                prop_assert_eq!(url.host(), "192.168.1.9");
            }
        }
    }
}
