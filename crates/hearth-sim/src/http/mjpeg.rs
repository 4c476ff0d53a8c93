//! Pictures over HTTP, one JPEG after the other in a multipart answer that never ends.

use std::{io, sync::Arc};

use tokio::{
    io::{AsyncRead, AsyncWrite, AsyncWriteExt as _},
    sync::broadcast::error::RecvError,
};

use super::{read_request, respond};
use crate::{camera::CameraState, chance::Chance, fault::Conditions};

/// Between the pictures.
const BOUNDARY: &str = "simulated-frame";

/// Serves one client until it goes or a fault closes it.
pub(crate) async fn serve_mjpeg<W: AsyncRead + AsyncWrite + Unpin>(
    mut wire: W,
    camera: Arc<CameraState>,
    seed: u64,
) {
    let mut conditions = camera.conditions();
    let generation = conditions.borrow_and_update().generation;
    let struck = |now: &Conditions| now.half_open || now.generation != generation;
    tokio::select! {
        _left = show(&mut wire, &camera, seed) => {}
        _ = conditions.wait_for(struck) => {}
    }
    if conditions.borrow().half_open {
        // Keeps the socket, so that the peer never hears of its end.
        std::future::pending::<()>().await;
    }
}

async fn show<W: AsyncRead + AsyncWrite + Unpin>(
    wire: &mut W,
    camera: &CameraState,
    seed: u64,
) -> io::Result<()> {
    let Some(request) = read_request(wire).await else { return Ok(()) };
    if !camera.opens(&request.method, &request.path, request.authorization.as_deref()) {
        let challenges = camera.challenges();
        let headers: Vec<(&str, &str)> =
            challenges.iter().map(|text| ("WWW-Authenticate", text.as_str())).collect();
        return respond(wire, "401 Unauthorized", &headers, "").await;
    }
    let Some(stream) = camera.stream(request.path.split('?').next().unwrap_or_default()) else {
        return respond(wire, "404 Not Found", &[], "").await;
    };
    let head = format!(
        "HTTP/1.1 200 OK\r\nConnection: close\r\nCache-Control: no-store\r\n\
         Content-Type: multipart/x-mixed-replace; boundary={BOUNDARY}\r\n\r\n"
    );
    wire.write_all(head.as_bytes()).await?;
    let mut deliveries = stream.listen();
    let conditions = camera.conditions();
    let mut chance = Chance::new(seed);
    loop {
        let delivery = match deliveries.recv().await {
            Ok(delivery) => delivery,
            Err(RecvError::Lagged(_)) => continue,
            Err(RecvError::Closed) => return Ok(()),
        };
        let now = *conditions.borrow();
        if now.stalled || chance.percent(now.loss_percent) {
            continue;
        }
        let part = part(&delivery.unit.data, &now, &mut chance);
        loop {
            wire.write_all(&part).await?;
            if !conditions.borrow().flooding || !deliveries.is_empty() {
                break;
            }
        }
    }
}

/// One picture with its head; a broken camera breaks one in three.
fn part(image: &[u8], conditions: &Conditions, chance: &mut Chance) -> Vec<u8> {
    let mut length = image.len();
    let mut image = image.to_vec();
    if conditions.breakage.is_some() && chance.next().is_multiple_of(3) {
        let middle = image.len() / 2;
        chance.fill(&mut image[middle..]);
        length += (chance.next() % 3) as usize * 1_000;
    }
    let head =
        format!("--{BOUNDARY}\r\nContent-Type: image/jpeg\r\nContent-Length: {length}\r\n\r\n");
    [head.as_bytes(), &image, b"\r\n"].concat()
}
