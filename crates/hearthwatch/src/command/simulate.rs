//! `simulate`: the simulated house alone.

use hearth_sim::{House, HouseSpec};

use crate::{failure::Failure, output, stop_signal::StopSignal};

/// Runs the demo house until SIGINT or SIGTERM; first prints how to reach everything in it.
pub(crate) async fn run(json: bool) -> Result<(), Failure> {
    let mut stop = StopSignal::catch()?;
    let house = House::start(HouseSpec::demo()).await.map_err(|error| Failure::start(&error))?;
    let description = house.describe();
    if json {
        output::json(&description)?;
    } else {
        output::line(&format!("SIMULATED {}", description.name))?;
        output::line(&format!("faults are posted to {}", description.control))?;
        let rows: Vec<Vec<String>> = description
            .cameras
            .into_iter()
            .map(|camera| vec![camera.name, camera.url, camera.username, camera.password])
            .collect();
        output::table(&["CAMERA", "URL", "USER", "PASSWORD"], &rows)?;
        let text = |text: Option<String>| text.unwrap_or_else(|| "-".to_owned());
        let rows: Vec<Vec<String>> = description
            .devices
            .into_iter()
            .map(|device| {
                vec![device.name, device.address, text(device.username), text(device.password)]
            })
            .collect();
        output::table(&["DEVICE", "ADDRESS", "USER", "PASSWORD"], &rows)?;
    }
    stop.received().await;
    house.stop().await;
    Ok(())
}
