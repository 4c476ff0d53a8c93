//! Lists the cameras and sensors of this machine; with a chip and two lines, makes a button light a
//! lamp until it is pressed again.
//!
//! `cargo run -p hearth-capture --example board [-- /dev/gpiochip0 BUTTON LAMP]`; the button connects
//! its line to ground.

use std::path::Path;

use hearth_capture::{
    LampKeeper, LineWatch,
    camera::cameras,
    debounce::SETTLE,
    gpio::{Chip, Pull},
    lamp::Part,
    sensor::sensors,
};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let root = Path::new("/sys");
    for camera in cameras(root) {
        println!("{}: {} {:?}", camera.path.display(), camera.name, camera.formats);
    }
    for sensor in sensors(root) {
        println!("{}: {:?} {:?}", sensor.name, sensor.kind, sensor.read());
    }
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [chip, button, lamp] = arguments.as_slice() else { return Ok(()) };
    let chip = Chip::open(chip)?;
    let line = chip.claim_input(button.parse()?, true, Pull::Up)?;
    let mut button = LineWatch::start(Box::new(line), SETTLE)?;
    let lamp = LampKeeper::start(Box::new(chip.claim_output(lamp.parse()?, false)?), Part::Whole)?;
    let mut has_alert = false;
    while let Some(is_pressed) = button.next().await {
        println!("{}", if is_pressed { "pressed" } else { "let go" });
        if is_pressed {
            has_alert = !has_alert;
            if has_alert { lamp.alert() } else { lamp.acknowledge() }
        }
    }
    Ok(())
}
