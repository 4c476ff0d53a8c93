//! Peers that are absent, silent, endless or talk nonsense.

use std::time::Duration;

use hearth_http::{Client, ClientBuilder, Error, HeaderMap, Method};
use tokio::net::TcpListener;

use crate::server::{End, Server};

async fn get(client: ClientBuilder, url: &str) -> Result<hearth_http::Response, Error> {
    client.allow_plain_http().build().request(Method::GET, url, HeaderMap::new(), "").await
}

#[tokio::test]
async fn a_peer_that_is_not_there_is_unreachable() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}/", listener.local_addr().expect("an address"));
    drop(listener);
    let refused = get(Client::builder(), &url).await;
    assert!(matches!(refused, Err(Error::Unreachable(_))), "{refused:?}");
}

/// promise: T-10. A peer that stops at any point costs no more than the deadline.
#[tokio::test(start_paused = true)]
async fn a_silent_peer_costs_no_more_than_the_deadline() {
    for said in
        ["", "HTTP/1.1 200 OK\r\nContent-Le", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"]
    {
        let server = Server::plain(said, End::Silence).await;
        let client = Client::builder().deadline(Duration::from_secs(3));
        assert_eq!(get(client, &server.url("/")).await, Err(Error::TimedOut), "{said:?}");
    }
}

/// promise: T-10. A peer that accepts and never shakes hands costs no more than the deadline.
#[tokio::test]
async fn a_peer_that_never_shakes_hands_costs_no_more_than_the_deadline() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("https://{}/", listener.local_addr().expect("an address"));
    let client = Client::builder().deadline(Duration::from_millis(100)).build();
    assert_eq!(client.certificate(&url).await, Err(Error::TimedOut));
}

/// promise: D-19. Neither a body nor a head grows beyond its limit.
#[tokio::test]
async fn an_answer_beyond_the_limits_is_too_large() {
    let length = format!("HTTP/1.1 200 OK\r\nContent-Length: 101\r\n\r\n{}", "x".repeat(101));
    let chunks = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".to_owned()
        + &format!("32\r\n{}\r\n", "x".repeat(50)).repeat(3);
    let headers = "HTTP/1.1 200 OK\r\n".to_owned() + &"A: b\r\n".repeat(65) + "\r\n";
    let head = format!("HTTP/1.1 200 OK\r\nA: {}\r\n\r\n", "x".repeat(64 << 10));
    for answer in [length, chunks, headers, head] {
        let server = Server::plain(answer.as_str(), End::Close).await;
        let refused = get(Client::builder().body_bytes_max(100), &server.url("/")).await;
        assert_eq!(refused, Err(Error::TooLarge), "{answer:.60}");
    }
}

#[tokio::test]
async fn an_answer_that_is_no_http_is_malformed() {
    for answer in [
        "SSH-2.0-dropbear\r\n\r\n",
        "HTTP/1.1 abc\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
    ] {
        let server = Server::plain(answer, End::Close).await;
        let refused = get(Client::builder(), &server.url("/")).await;
        assert_eq!(refused, Err(Error::Malformed), "{answer:?}");
    }
}

#[tokio::test]
async fn an_answer_that_is_cut_short_is_no_answer() {
    for answer in ["", "HTTP/1.1 200", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"] {
        let server = Server::plain(answer, End::Close).await;
        let refused = get(Client::builder(), &server.url("/")).await;
        assert_eq!(refused, Err(Error::Closed), "{answer:?}");
    }
}
