//! The control of a house: `GET /` describes it, `POST /cameras/{name}/fault` breaks a camera,
//! `GET /cameras/{name}/heard` tells what was said to its loudspeaker, `POST /cameras/{name}/passers`
//! says who comes along it (`"nobody"`, or `"usual"` from the start), `POST /devices/{name}/press`
//! presses a device's button (in a name, `%20` stands for a space).

use std::sync::Arc;

use serde_json::json;
use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinSet,
};

use super::{HttpRequest, read_request, respond};
use crate::{Fault, HouseError, Passers, house::Rooms};

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
                    POST /cameras/{name}/passers or POST /devices/{name}/press";

/// The name in the path of a command.
fn part_of<'a>(request: &'a HttpRequest, before: &str, after: &str) -> Option<&'a str> {
    (request.method == "POST").then(|| name_in(request, before, after))?
}

fn name_in<'a>(request: &'a HttpRequest, before: &str, after: &str) -> Option<&'a str> {
    request.path.strip_prefix(before)?.strip_suffix(after)
}

async fn answer(request: &HttpRequest, rooms: &Rooms) -> (&'static str, serde_json::Value) {
    if let Some(device) = part_of(request, "/devices/", "/press") {
        let device = device.replace("%20", " ");
        return match rooms.press(&device) {
            Ok(()) => ("200 OK", json!({"device": device, "pressed": true})),
            Err(error) => ("404 Not Found", json!({"error": error.to_string()})),
        };
    }
    if let Some(camera) = part_of(request, "/cameras/", "/passers") {
        let who = match serde_json::from_slice::<Passers>(&request.body) {
            Ok(who) => who,
            Err(error) => return ("400 Bad Request", json!({"error": error.to_string()})),
        };
        let passed = rooms.pass(camera, who).await;
        return obeyed(passed, json!({"camera": camera, "passers": who}));
    }
    if let Some(camera) = name_in(request, "/cameras/", "/heard") {
        return match rooms.heard(camera) {
            Ok(heard) => ("200 OK", json!({"camera": camera, "heard": heard})),
            Err(error) => ("404 Not Found", json!({"error": error.to_string()})),
        };
    }
    let Some(camera) = part_of(request, "/cameras/", "/fault") else {
        return match (request.method.as_str(), request.path.as_str()) {
            ("GET", "/") => ("200 OK", json!(rooms.describe())),
            _ => ("404 Not Found", json!({"error": HELP})),
        };
    };
    let fault = match serde_json::from_slice::<Fault>(&request.body) {
        Ok(fault) => fault,
        Err(error) => return ("400 Bad Request", json!({"error": error.to_string()})),
    };
    obeyed(rooms.fault(camera, fault), json!({"camera": camera, "fault": fault}))
}

/// What a camera made of a command.
fn obeyed(
    result: Result<(), HouseError>,
    done: serde_json::Value,
) -> (&'static str, serde_json::Value) {
    match result {
        Ok(()) => ("200 OK", done),
        Err(error @ HouseError::NoSuchCamera(_)) => {
            ("404 Not Found", json!({"error": error.to_string()}))
        }
        Err(error) => ("409 Conflict", json!({"error": error.to_string()})),
    }
}
