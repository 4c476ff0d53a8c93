//! A camera as its user sees it: against the simulated one, over HTTPS.

mod commands;
mod faults;
mod logs;

use hearth_kasa::{Camera, CameraAddress, Credentials, Error};
use hearth_sim::{KasaCamera, KasaDescription, KasaProtocol};

fn address(description: &KasaDescription) -> CameraAddress {
    CameraAddress::new(&description.host, description.port).expect("an address")
}

/// Connects with what the description says; the first certificate is pinned.
async fn connect(simulated: &KasaCamera) -> Result<Camera, Error> {
    let description = simulated.describe();
    let address = address(&description);
    match description.protocol {
        KasaProtocol::Linkie2 => Camera::connect_public(address, None).await,
        KasaProtocol::Linkie => {
            let password = description.password.as_str().into();
            let credentials = Credentials::new(&description.username, password);
            Camera::connect(address, credentials, None).await
        }
    }
}

async fn start(protocol: KasaProtocol) -> (KasaCamera, Camera) {
    let simulated = KasaCamera::start(protocol).await.expect("it starts");
    let camera = connect(&simulated).await.expect("it shakes hands");
    (simulated, camera)
}
