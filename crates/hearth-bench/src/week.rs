//! `week`: a week of visitors, and whether the right visits, names, messages and clips come of it.
//!
//! People come to several doors at once, as near, as lit and as many as the dice say; who of them is
//! known was made known from other photographs. The hub is asked afterwards what it saw. Somebody
//! known whom it does not recognise is only counted: unsure is unknown.

mod tally;

use std::{sync::Arc, time::Duration};

use anyhow::Context;
use hearth_sim::{Visit, Visitor};
use serde_json::{Value, json};
use tokio::{
    task::JoinSet,
    time::{Instant, sleep, sleep_until},
};

use crate::{
    Bench,
    dice::Dice,
    door::Door,
    eyes::Eyes,
    figures::Report,
    footage::Footage,
    house::{HouseInputs, Hub, Place, SimulatedHouse},
    people::{People, Person},
    test_data::test_data,
    told::{Told, title},
};
use tally::{Case, Tally};

/// Seven days with twelve visits each.
const VISITS: usize = 84;

/// Every so often two people come together.
const TOGETHER: f64 = 0.2;

/// Every so often somebody rings; the others only stand there.
const RINGS: f64 = 0.6;

/// How bright faces are, and how tall people are in the picture: what a camera at a door sees. Half as
/// tall as the picture leaves about 20 pixels between the eyes.
const LIGHT: (f64, f64) = (0.4, 1.2);
const HEIGHT: (f64, f64) = (0.5, 1.4);

/// How long they stay.
const STAY_SECONDS: (f64, f64) = (3.0, 6.0);

/// Pictures a second at doors: one core may have to draw, code, record and look.
const FPS: u32 = 8;

/// Between the first visits of two doors.
const APART: Duration = Duration::from_secs(5);

/// Until the footage after the last visit is written.
const SETTLE: Duration = Duration::from_secs(20);

/// A clip lasts nearly as long as its visit: the last group of pictures may be missing.
const CLIP_SHORTER_MAX_SECONDS: f64 = 3.0;

#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Inputs {
    /// Visits, at all doors together.
    #[arg(long, default_value_t = VISITS)]
    visits: usize,
    /// Doors at once; more than the one thread of the eyes can look at make it miss people.
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u8).range(1..=16))]
    doors: u8,
    /// Chooses who is known, and who comes when and how.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// A folder of photographs, with one folder a person; without it, those of the test data.
    #[arg(long)]
    pictures: Option<std::path::PathBuf>,
    /// Without the object model of the test data, so that only faces and motion are seen.
    #[arg(long)]
    without_objects: bool,
}

/// Who comes, and how.
struct Appearance {
    /// Places among all people.
    who: Vec<usize>,
    visit: Visit,
    /// How long after they arrived somebody rings.
    rings_after: Option<f32>,
}

/// What the hub made of it.
struct Met {
    appearance: Appearance,
    visits: Vec<Value>,
}

pub(crate) async fn measure(bench: &Bench, inputs: &Inputs) -> anyhow::Result<Report> {
    let mut dice = Dice::new(inputs.seed);
    let people = People::read(inputs.pictures.as_deref(), &mut dice)?;
    let model = Some(test_data("models/yolox_nano.onnx"))
        .filter(|model| model.is_file() && !inputs.without_objects);
    let settings =
        model.as_ref().map(|model| format!("[eyes]\nmodel = {:?}\n", model.display().to_string()));
    let place = Place::fresh(bench, "week", &settings.unwrap_or_default())?;
    let doors = usize::from(inputs.doors);
    let visitors = people.photos.clone();
    let load = HouseInputs { fps: FPS, doors, visitors, ..HouseInputs::of(0) };
    let house = SimulatedHouse::start(&place, &load).await?;
    let hub = Hub::start(&bench.binary, &place).await?;
    people.enrol(&hub).await?;
    let told = Told::add(&hub, "no_picture").await?;
    let mut weeks: Vec<Vec<Appearance>> = (0..doors).map(|_| Vec::new()).collect();
    for number in 0..inputs.visits {
        weeks[number % doors].push(appearance(&people.all, &mut dice)?);
    }
    let mut waiting = Vec::new();
    for (camera, week) in house.cameras.iter().zip(weeks) {
        waiting.push((Door::add(&house, &hub, camera, "event").await?, week));
    }
    hub.wait_until_live().await?;

    let began = Instant::now();
    let mut standing = JoinSet::new();
    for (number, (door, week)) in (0..).zip(waiting) {
        standing.spawn(async move {
            sleep(APART * number).await;
            stand_at(&door, week).await
        });
    }
    let mut met = Vec::new();
    while let Some(week) = standing.join_next().await {
        met.extend(week??);
    }
    let took = began.elapsed();
    sleep(SETTLE).await;

    let mut tally = Tally::new(&people.all);
    for one in &met {
        tally.add(&case(&place, &hub, &told, &people.all, one).await?);
    }
    let eyes = Eyes::of(&place, &hub)?;
    let faces = hub.control.get("/api/v1/faces").await?;
    let mut figures = tally.json();
    figures["took_seconds"] = json!(took.as_secs());
    figures["eyes"] = eyes.json();
    figures["models"] = json!({
        "faces_sha256": faces["model"]["sha256"],
        "objects_sha256": model.map(|model| hash(&model)).transpose()?,
    });
    hub.program.stop().await?;
    place.remove()?;
    let goals = tally.goals();
    let inputs = json!({
        "house": load.json(), "visits": inputs.visits, "seed": inputs.seed,
        "people": people.json(), "light": LIGHT, "height": HEIGHT, "stay_seconds": STAY_SECONDS,
    });
    Ok(Report { inputs, figures, goals })
}

/// Somebody comes, or two who are not the same.
fn appearance(people: &[Person], dice: &mut Dice) -> anyhow::Result<Appearance> {
    let places = dice.shuffled((0..people.len()).collect());
    let count = if dice.is(TOGETHER) { 2 } else { 1 };
    let who: Vec<usize> = places.into_iter().take(count).collect();
    let mut visitors = Vec::new();
    // Beside each other, or one somewhere in the middle.
    let beside = [(0.25, 0.35), (0.65, 0.75)];
    let places = if who.len() == 2 { &beside[..] } else { &[(0.35, 0.65)] };
    for (person, (left, right)) in who.iter().zip(places) {
        let mut between = |from, to| dice.between(from, to) as f32;
        let (x, height) = (between(*left, *right), between(HEIGHT.0, HEIGHT.1));
        let light = between(LIGHT.0, LIGHT.1);
        let portrait = *dice.one_of(&people[*person].faces).context("somebody without a face")?;
        visitors.push(Visitor { portrait, x, height, light });
    }
    let seconds = dice.between(STAY_SECONDS.0, STAY_SECONDS.1) as f32;
    let rings_after = dice.is(RINGS).then(|| dice.between(0.0, 1.5) as f32);
    Ok(Appearance { who, visit: Visit { people: visitors, seconds }, rings_after })
}

/// One door's week.
async fn stand_at(door: &Door, week: Vec<Appearance>) -> anyhow::Result<Vec<Met>> {
    let mut met = Vec::new();
    for appearance in week {
        let before = door.newest().await?;
        let times = door.come(&appearance.visit).await?;
        let began = Instant::now();
        let until = |seconds: f32| sleep_until(began + Duration::from_secs_f32(seconds));
        if let Some(after) = appearance.rings_after {
            until(times.arrived + after).await;
            door.ring().await?;
        }
        until(times.over).await;
        let visits = door.over(before.as_deref()).await?;
        met.push(Met { appearance, visits });
    }
    Ok(met)
}

/// Everything that is known of one appearance.
async fn case<'a>(
    place: &Place,
    hub: &Hub,
    told: &Told,
    people: &'a [Person],
    met: &'a Met,
) -> anyhow::Result<Case<'a>> {
    let mut clips = Vec::new();
    let titles = |visit| told.of(visit).iter().map(|call| title(call).to_owned()).collect();
    for visit in &met.visits {
        clips.push(has_clip(place, hub, visit).await?);
    }
    Ok(Case {
        who: met.appearance.who.iter().map(|place| &people[*place]).collect(),
        shown: &met.appearance.visit,
        rang: met.appearance.rings_after.is_some(),
        visits: &met.visits,
        titles: met.visits.iter().map(titles).collect(),
        clips,
    })
}

/// Whether a visit's footage is there and lasts as long as the visit.
async fn has_clip(place: &Place, hub: &Hub, visit: &Value) -> anyhow::Result<bool> {
    let Some(clip) = visit["clip"].as_str() else { return Ok(false) };
    let file = Arc::new(place.file("clip.mp4"));
    let Ok(bytes) = hub.control.bytes(clip).await else { return Ok(false) };
    std::fs::write(&*file, bytes)?;
    let footage = tokio::task::spawn_blocking(move || Footage::read(&file)).await?;
    let Ok(footage) = footage else { return Ok(false) };
    let time = |key: &str| serde_json::from_value::<hearth_model::WallTime>(visit[key].clone());
    let lasted = time("ended_at")?.micros_since(time("started_at")?);
    let missing = (lasted - footage.micros) as f64 / 1e6;
    Ok(missing <= CLIP_SHORTER_MAX_SECONDS)
}

fn hash(file: &std::path::Path) -> anyhow::Result<String> {
    Ok(hearth_face::Sha256Sum::of(&std::fs::read(file)?).to_string())
}
