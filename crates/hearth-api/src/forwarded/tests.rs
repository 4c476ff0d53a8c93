use proptest::prelude::*;

use super::*;

fn proxies(headers: ProxyHeaders) -> Proxies {
    let trusted = ["10.0.0.0/8", "fd00::/8"].map(|text| text.parse().expect("a range"));
    Proxies::new(trusted.into(), headers)
}

fn headers(lines: &[(&'static str, &str)]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in lines {
        headers.append(*name, HeaderValue::from_str(value).expect("visible"));
    }
    headers
}

fn address(text: &str) -> IpAddr {
    text.parse().expect("an address")
}

fn seen(kind: ProxyHeaders, lines: &[(&'static str, &str)]) -> Client {
    proxies(kind).client(address("10.0.0.1"), &headers(lines))
}

/// promise: D-16. The right-most address that is no trusted proxy is the client, whatever stands to
/// the left of it.
#[test]
fn the_right_most_untrusted_hop_is_the_client() {
    for (line, client) in [
        ("203.0.113.7", "203.0.113.7"),
        ("1.1.1.1, 203.0.113.7", "203.0.113.7"),
        ("127.0.0.1, 10.0.0.9, 203.0.113.7, 10.0.0.2,10.0.0.3", "203.0.113.7"),
        ("203.0.113.7:4711", "203.0.113.7"),
        ("[2001:db8::7]:4711, fd00::2", "2001:db8::7"),
        ("2001:db8::7", "2001:db8::7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("10.0.0.5, 10.0.0.6", "10.0.0.5"),
        // What is no address ends the way at the proxy that wrote it.
        ("203.0.113.7, unknown", "10.0.0.1"),
        ("203.0.113.7, , 10.0.0.4", "10.0.0.4"),
        ("", "10.0.0.1"),
    ] {
        let client = address(client);
        assert_eq!(
            seen(ProxyHeaders::XForwarded, &[("x-forwarded-for", line)]).address,
            client,
            "{line}"
        );
    }
    let two = [("x-forwarded-for", "127.0.0.1"), ("x-forwarded-for", "203.0.113.7")];
    assert_eq!(seen(ProxyHeaders::XForwarded, &two).address, address("203.0.113.7"));
}

/// promise: D-16. `Forwarded` is read by its grammar; host and scheme are those the client used.
#[test]
fn the_standard_header_is_read_with_its_quotes() {
    let line = "for=1.2.3.4;host=evil.example, For=\"[2001:db8::7]:4711\";proto=https;by=_x;\
        host=\"hearth.lan\", for=10.0.0.3;proto=http;host=inner";
    let client = seen(ProxyHeaders::Forwarded, &[("forwarded", line)]);
    let expected = Client {
        address: address("2001:db8::7"),
        proto: Some("https".to_owned()),
        host: Some("hearth.lan".to_owned()),
    };
    assert_eq!(client, expected);
    let quoted = "for=\"1.2.3.4, for=203.0.113.9\", for=203.0.113.7";
    let client = seen(ProxyHeaders::Forwarded, &[("forwarded", quoted)]);
    assert_eq!(client.address, address("203.0.113.7"));
    for hidden in ["for=unknown", "for=_hidden", "by=203.0.113.7", "for"] {
        let client = seen(ProxyHeaders::Forwarded, &[("forwarded", hidden)]);
        assert_eq!(client.address, address("10.0.0.1"), "{hidden}");
    }
}

/// promise: D-16. The family that this house's proxy does not write is a stranger's, and not read.
#[test]
fn only_the_headers_of_the_proxy_are_read() {
    let other = seen(ProxyHeaders::XForwarded, &[("forwarded", "for=203.0.113.7;host=x")]);
    assert_eq!((other.address, other.host), (address("10.0.0.1"), None));
    let lines = [("x-forwarded-for", "203.0.113.7"), ("x-forwarded-host", "x")];
    let other = seen(ProxyHeaders::Forwarded, &lines);
    assert_eq!((other.address, other.host), (address("10.0.0.1"), None));
}

fn resolved(peer: &str, lines: &[(&'static str, &str)]) -> (IpAddr, HeaderMap) {
    let mut request = Request::new(());
    *request.headers_mut() = headers(lines);
    let via = Via::Network { peer: address(peer), local: address("10.0.0.100") };
    request.extensions_mut().insert(via);
    let names = HostNames::new(["hearth.lan".to_owned()]);
    proxies(ProxyHeaders::XForwarded).resolve(&mut request, &names).expect("acceptable");
    let Some(Via::Network { peer, .. }) = request.extensions().get::<Via>() else {
        unreachable!("it stays")
    };
    (*peer, request.headers().clone())
}

/// promise: D-16. From anybody else the headers are ignored, and nobody behind can read them.
#[test]
fn a_stranger_is_not_believed() {
    let lines = [
        ("host", "hearth.lan"),
        ("x-forwarded-for", "127.0.0.1"),
        ("x-forwarded-host", "evil.example"),
        ("x-forwarded-proto", "http"),
        ("forwarded", "for=127.0.0.1"),
    ];
    let (peer, left) = resolved("192.0.2.9", &lines);
    assert_eq!(peer, address("192.0.2.9"));
    assert_eq!(left, headers(&[("host", "hearth.lan")]));
}

/// promise: D-16. Behind a trusted proxy the request looks as the client sent it.
#[test]
fn a_proxy_is_believed() {
    let lines = [
        ("host", "10.0.0.100:8443"),
        ("x-forwarded-for", "203.0.113.7"),
        ("x-forwarded-host", "hearth.lan"),
        ("x-forwarded-proto", "https"),
    ];
    let (peer, left) = resolved("10.0.0.1", &lines);
    assert_eq!(peer, address("203.0.113.7"));
    assert_eq!(left, headers(&[("host", "hearth.lan")]));
}

/// promise: D-16. A proxy that was reached in the clear, or under a foreign name, is refused.
#[test]
fn a_proxied_request_in_the_clear_or_for_a_foreign_host_is_refused() {
    let names = HostNames::new(["hearth.lan".to_owned()]);
    for lines in [
        &[("host", "hearth.lan"), ("x-forwarded-proto", "http")][..],
        &[("host", "evil.example"), ("x-forwarded-host", "hearth.lan")],
        &[("x-forwarded-host", "hearth.lan")],
    ] {
        let mut request = Request::new(());
        *request.headers_mut() = headers(lines);
        let via = Via::Network { peer: address("10.0.0.1"), local: address("10.0.0.100") };
        request.extensions_mut().insert(via);
        proxies(ProxyHeaders::XForwarded).resolve(&mut request, &names).expect_err("refused");
    }
}

proptest! {
    /// Whatever a client puts in front, what the proxy appended decides.
    #[test]
    fn what_a_client_writes_changes_nothing(forged in "(for=9\\.9\\.9\\.9;x=)?[ -~]{0,40}[\"\\\\]{0,3}") {
        let mut map = headers(&[("x-forwarded-for", &forged)]);
        map.append("x-forwarded-for", HeaderValue::from_static("203.0.113.7"));
        let client = proxies(ProxyHeaders::XForwarded).client(address("10.0.0.1"), &map);
        prop_assert_eq!(client.address, address("203.0.113.7"));
        let mut map = headers(&[("forwarded", &forged)]);
        map.append("forwarded", HeaderValue::from_static("for=203.0.113.7"));
        let client = proxies(ProxyHeaders::Forwarded).client(address("10.0.0.1"), &map);
        prop_assert_eq!(client.address, address("203.0.113.7"));
        // The same, appended to the client's own line.
        let line = headers(&[("x-forwarded-for", &format!("{forged}, 203.0.113.7"))]);
        let client = proxies(ProxyHeaders::XForwarded).client(address("10.0.0.1"), &line);
        prop_assert_eq!(client.address, address("203.0.113.7"));
        for own in ["for=203.0.113.7", "for=\"203.0.113.7:99\""] {
            let line = headers(&[("forwarded", &format!("{forged}, {own}"))]);
            let client = proxies(ProxyHeaders::Forwarded).client(address("10.0.0.1"), &line);
            let proxy_or_client = [address("203.0.113.7"), address("10.0.0.1")];
            prop_assert!(proxy_or_client.contains(&client.address), "{:?}", client);
        }
    }

    #[test]
    fn any_header_is_read_without_panic(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
        let Ok(value) = HeaderValue::from_bytes(&bytes) else { return Ok(()) };
        let mut map = HeaderMap::new();
        map.insert("forwarded", value.clone());
        map.insert("x-forwarded-for", value);
        for kind in [ProxyHeaders::XForwarded, ProxyHeaders::Forwarded] {
            drop(proxies(kind).client(address("10.0.0.1"), &map));
        }
    }
}
