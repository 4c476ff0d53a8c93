//! Doors: simulated people who come to them when told to, and the hub's cameras that look at them.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use anyhow::{Context, ensure};
use bytes::Bytes;
use hearth_eyes::read_photo;
use hearth_face::{FACE_MODEL_SHA256, FaceFinder, FaceModel, Thorough, embedded_face_model};
use hearth_sim::{Portrait, Visit, VisitTimes};
use http::{Method, Request, header};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::{net::TcpStream, time::timeout};

use crate::{
    control::Control,
    house::{Hub, SimulatedCamera, SimulatedHouse},
};

/// Portraits are at most so many pixels wide and high: nobody comes nearer to a simulated door.
const PORTRAIT_SIDE_MAX: usize = 400;

/// Until the simulated house has drawn and encoded a visit, on a loaded machine.
const DEADLINE: Duration = Duration::from_secs(180);

/// A visit that never ends is a fault of the product.
const OVER_LIMIT: Duration = Duration::from_secs(120);

/// Between two looks whether it is over.
const OVER_POLL: Duration = Duration::from_millis(300);

/// Whoever was not noticed by then was missed.
const NOTICED_LIMIT: Duration = Duration::from_secs(4);

/// Visits of one door that are looked at: more do not fit between two looks.
const VISITS_LOOKED_AT: usize = 10;

/// The largest face of each photograph.
pub(crate) fn portraits(photos: &[PathBuf]) -> anyhow::Result<Vec<Arc<Portrait>>> {
    if photos.is_empty() {
        return Ok(Vec::new());
    }
    let file = embedded_face_model().context("built without a face model: cargo xtask models")?;
    let model = FaceModel::load(file, &FACE_MODEL_SHA256)?;
    let portrait = |file: &PathBuf| {
        portrait(&model, file).with_context(|| format!("no face in {}", file.display()))
    };
    photos.iter().map(portrait).collect()
}

fn portrait(model: &FaceModel, file: &Path) -> anyhow::Result<Arc<Portrait>> {
    let photo = read_photo(&std::fs::read(file)?)?;
    let found = Thorough(&model.finder).find(&photo);
    let largest = found.iter().max_by(|a, b| a.area().total_cmp(&b.area())).context("no face")?;
    let part = photo.portrait(largest, PORTRAIT_SIDE_MAX).context("a face outside the picture")?;
    let portrait = Portrait::new(part.width(), part.height(), part.rgb().to_vec());
    Ok(Arc::new(portrait.context("an empty picture")?))
}

/// A door of the simulated house and the hub's camera that looks at it.
#[derive(Clone)]
pub(crate) struct Door {
    house: String,
    camera: String,
    hub: Control,
    /// The hub's id of the camera.
    pub(crate) id: String,
}

impl Door {
    /// Lets the hub look at a door, for visits and faces.
    pub(crate) async fn add(
        house: &SimulatedHouse,
        hub: &Hub,
        camera: &SimulatedCamera,
        record: &str,
    ) -> anyhow::Result<Self> {
        let SimulatedCamera { name, url, username, password } = camera;
        let id = hub
            .add_as(&json!({
                "name": name, "url": url, "username": username, "password": password,
                "record": record,
            }))
            .await?;
        let settings = json!({ "detection": { "visits": true, "faces": true } });
        hub.control.patch(&format!("/api/v1/cameras/{id}"), &settings).await?;
        let (house, camera, hub) = (house.control.clone(), name.clone(), hub.control.clone());
        Ok(Self { house, camera, hub, id })
    }

    /// Lets people come; returns when the camera begins to show it.
    pub(crate) async fn come(&self, visit: &Visit) -> anyhow::Result<VisitTimes> {
        let target = format!("/cameras/{}/visit", self.camera);
        let answer = timeout(DEADLINE, post(&self.house, &target, &json!(visit))).await??;
        Ok(serde_json::from_value(answer["times"].clone())?)
    }

    /// Rings; the visit.
    pub(crate) async fn ring(&self) -> anyhow::Result<Value> {
        self.hub.post(&format!("/api/v1/cameras/{}/ring", self.id), &json!({})).await
    }

    /// The newest visit, if there was any.
    pub(crate) async fn newest(&self) -> anyhow::Result<Option<String>> {
        let visits = self.visits().await?;
        Ok(visits.first().and_then(|visit| visit["id"].as_str()).map(str::to_owned))
    }

    /// The visits since a former one, once they are over; none if nobody was noticed.
    pub(crate) async fn over(&self, before: Option<&str>) -> anyhow::Result<Vec<Value>> {
        let waiting = async {
            let began = tokio::time::Instant::now();
            loop {
                let is_new = |visit: &Value| visit["id"].as_str() != before;
                let visits = self.visits().await?;
                let new: Vec<Value> = visits.into_iter().take_while(is_new).collect();
                let is_over = new.iter().all(|visit| visit["at_the_door"] == false);
                if is_over && (!new.is_empty() || began.elapsed() > NOTICED_LIMIT) {
                    return anyhow::Ok(new);
                }
                tokio::time::sleep(OVER_POLL).await;
            }
        };
        timeout(OVER_LIMIT, waiting).await.context("a visit did not end")?
    }

    async fn visits(&self) -> anyhow::Result<Vec<Value>> {
        let target = format!("/api/v1/visits?camera={}&limit={VISITS_LOOKED_AT}", self.id);
        let page = self.hub.get(&target).await?;
        Ok(page["visits"].as_array().context("no list of visits")?.clone())
    }
}

/// Tells the simulated house something.
async fn post(house: &str, target: &str, body: &Value) -> anyhow::Result<Value> {
    let address = house.strip_prefix("http://").context("the house's control has no address")?;
    let stream = TcpStream::connect(address).await.context("the simulated house")?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    // It ends with the answer's body.
    tokio::spawn(connection);
    let request = Request::builder()
        .method(Method::POST)
        .uri(target)
        .header(header::HOST, address)
        .body(Full::new(Bytes::from(body.to_string())))?;
    let response = sender.send_request(request).await?;
    let status = response.status();
    let answer = response.into_body().collect().await?.to_bytes();
    ensure!(status.is_success(), "{target}: {status} {}", String::from_utf8_lossy(&answer));
    Ok(serde_json::from_slice(&answer)?)
}
