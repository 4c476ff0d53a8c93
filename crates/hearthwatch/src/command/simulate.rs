//! `simulate`: the simulated house alone.

use std::{path::Path, sync::Arc};

use hearth_eyes::read_photo;
use hearth_face::{FACE_MODEL_SHA256, FaceFinder, FaceModel, Thorough, embedded_face_model};
use hearth_sim::{House, HouseSpec, Portrait};

use crate::{arguments::SimulateArguments, failure::Failure, output, stop_signal::StopSignal};

/// Portraits are at most so many pixels wide and high: nobody comes nearer to a simulated door.
const PORTRAIT_SIDE_MAX: usize = 400;

/// Runs the demo house until SIGINT or SIGTERM; first prints how to reach everything in it.
pub(crate) async fn run(arguments: SimulateArguments, json: bool) -> Result<(), Failure> {
    let mut stop = StopSignal::catch()?;
    let portraits = portraits(&arguments)?;
    let house = House::start(HouseSpec::demo_with(portraits)).await;
    let house = house.map_err(|error| Failure::start(&error))?;
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

/// The largest face of each photograph.
fn portraits(arguments: &SimulateArguments) -> Result<Vec<Arc<Portrait>>, Failure> {
    if arguments.visitors.is_empty() {
        return Ok(Vec::new());
    }
    let unfit = |text: String| Failure::Usage(text);
    let file = embedded_face_model()
        .ok_or_else(|| unfit("This build has no face model: it finds no faces.".to_owned()))?;
    let model = FaceModel::load(file, &FACE_MODEL_SHA256)
        .map_err(|error| unfit(format!("The face model can't be used: {error}.")))?;
    let portrait = |file: &Path| {
        portrait(&model, file)
            .map(Arc::new)
            .ok_or_else(|| unfit(format!("No face was found in {}.", file.display())))
    };
    arguments.visitors.iter().map(|file| portrait(file)).collect()
}

fn portrait(model: &FaceModel, file: &Path) -> Option<Portrait> {
    let photo = read_photo(&std::fs::read(file).ok()?).ok()?;
    let found = Thorough(&model.finder).find(&photo);
    let face = found.iter().max_by(|a, b| a.area().total_cmp(&b.area()))?;
    let part = photo.portrait(face, PORTRAIT_SIDE_MAX)?;
    Portrait::new(part.width(), part.height(), part.rgb().to_vec())
}
