//! Netatmo as its user sees it: against the simulated one, over HTTPS.

mod faults;
mod rooms;
mod session;
mod weather;

use std::path::Path;

use hearth_netatmo::{Client, ClientBuilder, Credentials, Endpoints, RoomId};
use hearth_sim::Netatmo;

const KITCHEN: &str = "2255031728";

fn builder_with(netatmo: &Netatmo, password: &str) -> ClientBuilder {
    let description = netatmo.describe();
    let endpoints = Endpoints::new(&description.url, &description.url).expect("https");
    let certificate = description.certificate_sha256.parse().expect("a fingerprint");
    let credentials = Credentials::new(&description.username, password.into());
    Client::builder(credentials).endpoints(endpoints, certificate)
}

fn builder(netatmo: &Netatmo) -> ClientBuilder {
    builder_with(netatmo, &netatmo.describe().password)
}

async fn start() -> (Netatmo, Client) {
    let netatmo = Netatmo::start().await.expect("it starts");
    let client = builder(&netatmo).build();
    (netatmo, client)
}

fn with_file(netatmo: &Netatmo, file: &Path) -> Client {
    builder(netatmo).session_file(file.to_owned()).build()
}

fn kitchen() -> RoomId {
    RoomId::new(KITCHEN).expect("an id")
}
