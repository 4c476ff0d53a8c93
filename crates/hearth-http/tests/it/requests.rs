//! What goes out and what comes back.

use hearth_http::{
    AddressPolicy, Client, Error, HeaderMap, HeaderValue, Method, StatusCode, header,
};

use crate::server::{End, Server};

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nSet-Cookie: a=b\r\n\r\nhi";

async fn get(client: Client, url: &str) -> Result<hearth_http::Response, Error> {
    client.request(Method::GET, url, HeaderMap::new(), "").await
}

#[tokio::test]
async fn a_request_is_sent_whole_and_its_answer_read_whole() {
    let mut server = Server::plain(OK, End::Silence).await;
    let client = Client::builder().allow_plain_http().build();
    let mut headers = HeaderMap::new();
    headers.insert(header::REFERER, HeaderValue::from_static("x"));
    let url = server.url("/a/b?c=d");
    let response = client.request(Method::POST, &url, headers, "body").await.expect("an answer");
    assert_eq!(response.status, StatusCode::OK);
    assert_eq!(response.body.as_ref(), b"hi");
    assert_eq!(response.headers[header::SET_COOKIE], "a=b");
    assert_eq!(response.certificate, None);
    let asked = server.asked().join("");
    assert!(asked.starts_with("POST /a/b?c=d HTTP/1.1\r\n"), "{asked}");
    for line in ["Referer: x", "Connection: close", "Content-Length: 4"] {
        assert!(asked.contains(&format!("{line}\r\n")), "{line} in {asked}");
    }
    assert!(asked.contains(&format!("Host: {}\r\n", server.address)));
    assert!(asked.ends_with("\r\n\r\nbody"));
}

#[tokio::test]
async fn a_status_of_failure_or_a_redirect_is_an_answer() {
    for (line, status) in [("401 No", 401), ("302 Found\r\nLocation: /there", 302), ("500 X", 500)]
    {
        let answer = format!("HTTP/1.1 {line}\r\nContent-Length: 0\r\n\r\n");
        let mut server = Server::plain(answer, End::Close).await;
        let client = Client::builder().allow_plain_http().build();
        let response = get(client, &server.url("/")).await.expect("an answer");
        assert_eq!(response.status.as_u16(), status);
        assert_eq!(server.asked().len(), 1, "nothing is followed or repeated");
    }
}

#[tokio::test]
async fn an_answer_without_length_ends_with_the_connection() {
    let server = Server::plain("HTTP/1.0 200 OK\r\n\r\nall of it", End::Close).await;
    let client = Client::builder().allow_plain_http().build();
    let response = get(client, &server.url("/")).await.expect("an answer");
    assert_eq!(response.body.as_ref(), b"all of it");
}

/// promise: N-04, T-07. Plain HTTP is refused before anything is sent, unless it was asked for.
#[tokio::test]
async fn plain_http_is_refused_unless_asked_for() {
    let mut server = Server::plain(OK, End::Close).await;
    assert_eq!(get(Client::builder().build(), &server.url("/")).await, Err(Error::PlainHttp));
    let client = Client::builder().allow_plain_http().build();
    assert_eq!(client.certificate(&server.url("/")).await, Err(Error::PlainHttp));
    assert!(server.asked().is_empty());
}

/// promise: K-04. An address outside of the policy is never connected to.
#[tokio::test]
async fn an_address_outside_of_the_policy_is_refused() {
    let mut server = Server::plain(OK, End::Close).await;
    let client = Client::builder().allow_plain_http();
    let public = client.address_policy(AddressPolicy::Public).build();
    let refused = get(public, &server.url("/")).await;
    assert_eq!(refused, Err(Error::Address(server.address.ip())));
    let private = client.address_policy(AddressPolicy::Private).build();
    assert!(get(private.clone(), &server.url("/")).await.is_ok());
    let refused = get(private, "http://192.0.2.1/").await;
    assert_eq!(refused, Err(Error::Address("192.0.2.1".parse().expect("an address"))));
    assert_eq!(server.asked().len(), 1);
}

/// promise: T-01. A URL that makes no sense is refused with what is wrong with it.
#[tokio::test]
async fn a_url_that_makes_no_sense_is_refused() {
    for url in [
        "",
        "/path",
        "ftp://host/",
        "https://",
        "https://user:password@host/",
        "https://host:99999/",
        "https://host:x/",
        "https://ho st/",
    ] {
        let refused = get(Client::builder().build(), url).await;
        assert!(matches!(refused, Err(Error::Request(_))), "{url}: {refused:?}");
    }
}

/// promise: K-07. Headers and bodies carry tokens; a debug print shows neither.
#[tokio::test]
async fn a_debug_print_of_an_answer_shows_no_token() {
    let answer = "HTTP/1.1 200 OK\r\nSet-Cookie: s=planted\r\nContent-Length: 7\r\n\r\nplanted";
    let server = Server::plain(answer, End::Close).await;
    let client = Client::builder().allow_plain_http().build();
    let response = get(client, &server.url("/")).await.expect("an answer");
    assert!(!format!("{response:?}").contains("planted"));
}
