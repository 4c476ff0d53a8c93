//! Whose certificate is accepted.

use hearth_http::{Client, Error, Fingerprint, HeaderMap, Method, Trust};

use crate::server::{End, Server};

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi";

async fn get(trust: Trust, url: &str) -> Result<hearth_http::Response, Error> {
    let client = Client::builder().trust(trust).build();
    client.request(Method::GET, url, HeaderMap::new(), "").await
}

/// promise: T-08, K-01. The first use tells the certificate; pinned, it is accepted again.
#[tokio::test]
async fn the_certificate_of_the_first_use_can_be_pinned() {
    let mut server = Server::encrypted(OK, End::Close).await;
    let client = Client::builder().trust(Trust::FirstUse).build();
    let seen = client.certificate(&server.url("/")).await.expect("a certificate");
    assert_eq!(Some(seen), server.certificate);
    assert!(server.asked().is_empty(), "a handshake sends no request");
    for trust in [Trust::FirstUse, Trust::Pinned(seen)] {
        let response = get(trust, &server.url("/")).await.expect("an answer");
        assert_eq!(response.certificate, server.certificate);
    }
}

/// promise: T-08, K-01. Another certificate than the pinned one gets no request.
#[tokio::test]
async fn another_certificate_gets_no_request() {
    let mut server = Server::encrypted(OK, End::Close).await;
    let pinned = Fingerprint([7; 32]);
    let seen = server.certificate.expect("encrypted");
    let refused = get(Trust::Pinned(pinned), &server.url("/")).await;
    assert_eq!(refused, Err(Error::CertificateChanged { pinned, seen }));
    assert!(server.asked().is_empty());
}

/// promise: T-08. By default only what a public authority signed is accepted.
#[tokio::test]
async fn a_certificate_of_its_own_is_not_trusted_by_default() {
    let mut server = Server::encrypted(OK, End::Close).await;
    let refused = get(Trust::default(), &server.url("/")).await;
    assert!(matches!(refused, Err(Error::Untrusted(_))), "{refused:?}");
    assert!(server.asked().is_empty());
}

#[tokio::test]
async fn a_peer_that_speaks_no_tls_gets_no_request() {
    let server = Server::plain(OK, End::Close).await;
    let url = server.url("/").replace("http:", "https:");
    // The greeting is no request, so the server waits for more; the client must give up by itself.
    let client = Client::builder().deadline(std::time::Duration::from_millis(200)).build();
    let refused = client.certificate(&url).await;
    assert!(matches!(refused, Err(Error::Handshake(_) | Error::TimedOut)), "{refused:?}");
}
