//! The control of a house: `GET /` describes it, `POST /cameras/{name}/fault` breaks a camera,
//! `GET /cameras/{name}/heard` tells what was said to its loudspeaker, `POST /cameras/{name}/passers`
//! says who comes along it (`"nobody"`, or `"usual"` from the start), `POST /cameras/{name}/visit` lets
//! people come to it, `POST /devices/{name}/press` presses a device's button (in a name, `%20` stands
//! for a space).

use std::sync::Arc;

use serde_json::json;
use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinSet,
};

use super::{HttpRequest, read_request, respond};
use crate::{Fault, HouseError, Passers, Visit, house::Rooms};

/// Requests at the same time; whoever controls a house needs one.
const CONNECTIONS_MAX: usize = 16;

/// Serves the control for as long as it is polled.
pub(crate) async fn serve_control(listener: TcpListener, rooms: Arc<Rooms>) {
    let mut connections = JoinSet::new();
    loop {
        if connections.len() >= CONNECTIONS_MAX {
            connections.join_next().await;
        }
        if let Ok((wire, _)) = listener.accept().await {
            connections.spawn(serve(wire, Arc::clone(&rooms)));
        }
        while connections.try_join_next().is_some() {}
    }
}

async fn serve(mut wire: TcpStream, rooms: Arc<Rooms>) {
    let (status, body) = match read_request(&mut wire).await {
        Some(request) => answer(&request, &rooms).await,
        None => ("400 Bad Request", json!({"error": "not a request"})),
    };
    let headers = [("Content-Type", "application/json")];
    // Whoever asked may have gone without waiting for the answer.
    let _gone = respond(&mut wire, status, &headers, &body.to_string()).await;
}

/// What can be asked.
const HELP: &str = "GET /, GET /cameras/{name}/heard, POST /cameras/{name}/fault, \
                    POST /cameras/{name}/passers, POST /cameras/{name}/visit or \
                    POST /devices/{name}/press";

/// A status and what is said with it.
type Answer = (&'static str, serde_json::Value);

async fn answer(request: &HttpRequest, rooms: &Rooms) -> Answer {
    let path: Vec<&str> = request.path.split('/').skip(1).collect();
    let answered = match (request.method.as_str(), path.as_slice()) {
        ("GET", [""]) => Ok(json!(rooms.describe())),
        ("GET", ["cameras", camera, "heard"]) => heard(rooms, camera),
        ("POST", ["cameras", camera, "fault"]) => fault(rooms, camera, &request.body),
        ("POST", ["cameras", camera, "passers"]) => pass(rooms, camera, &request.body).await,
        ("POST", ["cameras", camera, "visit"]) => visit(rooms, camera, &request.body).await,
        ("POST", ["devices", device, "press"]) => press(rooms, &device.replace("%20", " ")),
        _ => Err(Refusal::Unknown),
    };
    match answered {
        Ok(done) => ("200 OK", done),
        Err(refusal) => (refusal.status(), json!({"error": refusal.to_string()})),
    }
}

/// Why a command was not obeyed.
#[derive(Debug, thiserror::Error)]
enum Refusal {
    #[error("{HELP}")]
    Unknown,
    #[error(transparent)]
    Body(#[from] serde_json::Error),
    #[error(transparent)]
    House(#[from] HouseError),
}

impl Refusal {
    fn status(&self) -> &'static str {
        match self {
            Self::Body(_) => "400 Bad Request",
            Self::Unknown
            | Self::House(HouseError::NoSuchCamera(_) | HouseError::NoSuchButton(_)) => {
                "404 Not Found"
            }
            Self::House(_) => "409 Conflict",
        }
    }
}

type Obeyed = Result<serde_json::Value, Refusal>;

fn heard(rooms: &Rooms, camera: &str) -> Obeyed {
    Ok(json!({"camera": camera, "heard": rooms.heard(camera)?}))
}

fn fault(rooms: &Rooms, camera: &str, body: &[u8]) -> Obeyed {
    let fault: Fault = serde_json::from_slice(body)?;
    rooms.fault(camera, fault)?;
    Ok(json!({"camera": camera, "fault": fault}))
}

async fn pass(rooms: &Rooms, camera: &str, body: &[u8]) -> Obeyed {
    let who: Passers = serde_json::from_slice(body)?;
    rooms.pass(camera, who).await?;
    Ok(json!({"camera": camera, "passers": who}))
}

async fn visit(rooms: &Rooms, camera: &str, body: &[u8]) -> Obeyed {
    let visit: Visit = serde_json::from_slice(body)?;
    Ok(json!({"camera": camera, "times": rooms.visit(camera, &visit).await?}))
}

fn press(rooms: &Rooms, device: &str) -> Obeyed {
    rooms.press(device)?;
    Ok(json!({"device": device, "pressed": true}))
}
