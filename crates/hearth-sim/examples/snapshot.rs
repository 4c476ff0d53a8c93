//! Draws frames of all places into JPEG files and prints what drawing costs.
//!
//! `cargo run -p hearth-sim --example snapshot -- FOLDER`

use std::{path::Path, time::Instant};

use hearth_sim::{Light, Scene, SceneKind, SceneSpec};

/// The place, its light, and the second of the loop to show.
const SHOTS: [(&str, SceneKind, Light, u64); 8] = [
    ("street", SceneKind::Street, Light::Day, 4),
    ("street-people", SceneKind::Street, Light::Day, 22),
    ("front-door", SceneKind::FrontDoor, Light::Day, 8),
    ("front-door-back", SceneKind::FrontDoor, Light::Day, 14),
    ("garden", SceneKind::Garden, Light::Day, 9),
    ("garden-night", SceneKind::Garden, Light::Night, 24),
    ("garage", SceneKind::Garage, Light::Day, 6),
    ("garage-night", SceneKind::Garage, Light::Night, 29),
];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = std::env::args().nth(1).ok_or("usage: snapshot FOLDER")?;
    for (name, kind, light, second) in SHOTS {
        for (width, height) in [(640, 360), (1280, 720)] {
            let spec = SceneSpec { light, ..SceneSpec::new(kind, width, height, 15) };
            let started = Instant::now();
            let scene = Scene::new(spec);
            let prepared = started.elapsed();
            let mut picture = scene.picture();
            let started = Instant::now();
            let frames = scene.frames().min(150);
            for frame in 0..frames {
                scene.draw(frame, &mut picture);
            }
            let drawing = started.elapsed() / frames as u32;
            println!("{name} {width}x{height}: prepared in {prepared:?}, a frame in {drawing:?}");
            scene.draw(second * 15, &mut picture);
            if height == 720 {
                let file = Path::new(&folder).join(format!("scene-{name}.jpg"));
                std::fs::write(file, picture.to_jpeg(92))?;
            }
        }
    }
    Ok(())
}
