//! The shell of a device: HTTP, with or without TLS, one request a connection.

use std::{io, sync::Arc};

use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
    task::JoinSet,
};

use super::{
    OnvifFault, Proven,
    answer::{self, Answer},
    scan,
    state::State,
};
use crate::http::{HttpRequest, read_request, respond, respond_bytes};

/// Requests at the same time; pulls wait.
const CONNECTIONS_MAX: usize = 32;
/// What a flood sends.
const FLOOD_BYTES: usize = 16 * 1024 * 1024;

/// Serves a device for as long as it is polled.
pub(super) async fn serve(listener: TcpListener, state: Arc<State>) {
    let mut connections = JoinSet::new();
    loop {
        if connections.len() >= CONNECTIONS_MAX {
            connections.join_next().await;
        }
        if let Ok((wire, _)) = listener.accept().await {
            connections.spawn(client(wire, Arc::clone(&state)));
        }
        while connections.try_join_next().is_some() {}
    }
}

async fn client(wire: TcpStream, state: Arc<State>) {
    // Whoever asked may have gone without waiting for the answer.
    let _gone = match &state.certificate {
        None => one(wire, &state).await,
        Some(certificate) => match certificate.acceptor.accept(wire).await {
            Ok(wire) => one(wire, &state).await,
            Err(error) => Err(error),
        },
    };
}

async fn one(mut wire: impl AsyncRead + AsyncWrite + Unpin, state: &State) -> io::Result<()> {
    let Some(request) = read_request(&mut wire).await else { return Ok(()) };
    let fault = state.inner().fault.clone();
    match fault {
        Some(OnvifFault::Silent) => {
            std::future::pending::<()>().await;
            Ok(())
        }
        Some(OnvifFault::Flood) => {
            respond_bytes(&mut wire, "200 OK", "text/xml", &vec![b' '; FLOOD_BYTES]).await
        }
        _ if request.method == "GET" => picture(&mut wire, &request, state).await,
        fault => soap(&mut wire, &request, state, fault).await,
    }
}

async fn picture(
    wire: &mut (impl AsyncWrite + Unpin),
    request: &HttpRequest,
    state: &State,
) -> io::Result<()> {
    let (opens, challenges) = {
        let door = &state.inner().door;
        (door.opens_picture(request.authorization.as_deref()), door.picture_challenges())
    };
    if !opens {
        return respond(wire, "401 Unauthorized", &asking(&challenges), "").await;
    }
    if request.path != "/onvif/snapshot" {
        return respond(wire, "404 Not Found", &[], "").await;
    }
    respond_bytes(wire, "200 OK", "image/jpeg", &state.picture).await
}

fn asking(challenges: &[String]) -> Vec<(&str, &str)> {
    challenges.iter().map(|text| ("WWW-Authenticate", text.as_str())).collect()
}

async fn soap(
    wire: &mut (impl AsyncWrite + Unpin),
    request: &HttpRequest,
    state: &State,
    fault: Option<OnvifFault>,
) -> io::Result<()> {
    let body = String::from_utf8_lossy(&request.body).into_owned();
    let operation = scan::operation(&body).unwrap_or_default().to_owned();
    let verdict = state.judge(&operation, request.authorization.as_deref(), &body);
    let text = ("Content-Type", "application/soap+xml; charset=utf-8");
    if let Some(broken) = fault.as_ref().and_then(broken) {
        return respond(wire, "200 OK", &[text], &broken).await;
    }
    if let Some(OnvifFault::Refuse { code }) = &fault {
        let refusal = answer::fault("Receiver", code, "The simulated device refuses");
        return respond(wire, "500 Internal Server Error", &[text], &refusal).await;
    }
    if !answer::is_open(&operation) && (!verdict.passes || fault == Some(OnvifFault::BasicOnly)) {
        return refuse(wire, state, fault, verdict.proven).await;
    }
    match answer::answer(&operation, &body, &request.path, state).await {
        Answer::Done(inside) => respond(wire, "200 OK", &[text], &answer::envelope(&inside)).await,
        Answer::Fault { code, reason } => {
            let fault = answer::fault("Sender", code, reason);
            respond(wire, "400 Bad Request", &[text], &fault).await
        }
    }
}

async fn refuse(
    wire: &mut (impl AsyncWrite + Unpin),
    state: &State,
    fault: Option<OnvifFault>,
    proven: Proven,
) -> io::Result<()> {
    let mut challenges = state.inner().door.challenges();
    match fault {
        Some(OnvifFault::BasicOnly) => challenges = vec!["Basic realm=\"simulated\"".to_owned()],
        Some(OnvifFault::StaleNonces) if proven == Proven::Digest => {
            challenges.iter_mut().for_each(|challenge| challenge.push_str(", stale=true"));
        }
        _ => {}
    }
    let body = answer::fault("Sender", "NotAuthorized", "Sender not Authorized");
    // As the standard says: 401 with HTTP Digest, 400 with WS-UsernameToken alone.
    let status = if challenges.is_empty() { "400 Bad Request" } else { "401 Unauthorized" };
    let mut headers = asking(&challenges);
    headers.push(("Content-Type", "application/soap+xml; charset=utf-8"));
    respond(wire, status, &headers, &body).await
}

/// What a device says instead of an answer.
fn broken(fault: &OnvifFault) -> Option<String> {
    match fault {
        OnvifFault::CutXml => {
            let whole = answer::envelope("<tds:GetServicesResponse><tds:Service>");
            Some(whole.chars().take(whole.chars().count() / 2).collect())
        }
        OnvifFault::Bomb => {
            let mut text = String::from("<!DOCTYPE a [<!ENTITY a0 \"ha\">");
            for level in 1..10 {
                let inner = format!("&a{};", level - 1).repeat(10);
                text.push_str(&format!("<!ENTITY a{level} \"{inner}\">"));
            }
            Some(format!("{text}]><a>&a9;</a>"))
        }
        OnvifFault::DeepXml => Some(format!("{}{}", "<a>".repeat(1_000), "</a>".repeat(1_000))),
        _ => None,
    }
}
