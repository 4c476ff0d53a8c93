//! `press`: from a ring at a door to the message that says so, while cameras are recorded.
//!
//! Somebody known walks up and rings once in each visit: a second ring of the same visit with the same
//! words is no news. Times end when a receiver beside the hub has the whole request, which is later
//! than its being handed to the channel. Two receivers are told, of whom one gets pictures.

use std::time::{Duration, Instant};

use anyhow::Context;
use hearth_sim::{HookCall, Visit, Visitor};
use serde_json::{Value, json};
use tokio::time::{sleep, sleep_until};

use crate::{
    Bench,
    dice::Dice,
    door::Door,
    eyes::Eyes,
    figures::{Goal, Report, Sample, short},
    house::{HouseInputs, Hub, Place, SimulatedHouse},
    people::{People, Person},
    told::{Told, title},
    usage,
};

/// From the press to the message.
const GOAL_MS: f64 = 1000.0;

/// What the eyes may take for four cameras, one of them at a door with faces (`ARCHITECTURE.md`).
const EYES_MB_MAX: f64 = 256.0;

/// When they ring, in seconds after they arrived: sometimes the hub knows already who it is.
const RINGS_AFTER: (f64, f64) = (0.0, 1.5);

/// They wait a while for somebody to open.
const STAY_SECONDS: f32 = 5.0;

/// Until every camera has its first file and the eyes know what stands still.
const SETTLE: Duration = Duration::from_secs(10);

#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Inputs {
    /// Rings, each in a visit of its own.
    #[arg(long, default_value_t = 40)]
    presses: usize,
    /// Cameras that are recorded, one of them at the door.
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u8).range(1..=64))]
    cameras: u8,
    /// Chooses who is known, and who comes when.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// A folder of photographs, with one folder a person; without it, those of the test data.
    #[arg(long)]
    pictures: Option<std::path::PathBuf>,
}

/// A visit, and when somebody rang.
struct Rung {
    name: String,
    visit: Value,
    pressed: Instant,
}

/// From a press to what was told of it, in milliseconds.
#[derive(Default)]
struct Delays {
    first: Sample,
    named: Sample,
    with_picture: u64,
    missing: u64,
}

pub(crate) async fn measure(bench: &Bench, inputs: &Inputs) -> anyhow::Result<Report> {
    let mut dice = Dice::new(inputs.seed);
    let people = People::read(inputs.pictures.as_deref(), &mut dice)?;
    let place = Place::fresh(bench, "press", "")?;
    let (streets, visitors) = (usize::from(inputs.cameras) - 1, people.photos.clone());
    let load = HouseInputs { doors: 1, visitors, ..HouseInputs::of(streets) };
    let house = SimulatedHouse::start(&place, &load).await?;
    let hub = Hub::start(&bench.binary, &place).await?;
    people.enrol(&hub).await?;
    let full = Told::add(&hub, "full").await?;
    let words = Told::add(&hub, "no_picture").await?;
    let (at_door, others) = house.cameras.split_last().context("no camera")?;
    for camera in others {
        hub.add(camera).await?;
    }
    let door = Door::add(&house, &hub, at_door, "continuous").await?;
    hub.wait_until_live().await?;
    sleep(SETTLE).await;

    let known: Vec<&Person> = people.all.iter().filter(|person| person.is_known()).collect();
    let (mut with, mut without) = (Delays::default(), Delays::default());
    for _ in 0..inputs.presses {
        let person = dice.one_of(&known).context("nobody is known")?;
        let rung = ring(&door, person, &mut dice).await?;
        with.add(&full.of(&rung.visit), &rung);
        without.add(&words.of(&rung.visit), &rung);
    }
    let eyes = Eyes::of(&place, &hub)?;
    let core = usage::of_process(hub.program.id()?)?;
    let losses: u64 =
        hub.cameras().await?.iter().filter_map(|camera| camera["losses"].as_u64()).sum();
    hub.program.stop().await?;
    place.remove()?;
    let megabytes = |bytes: u64| bytes as f64 / 1e6;
    let figures = json!({
        "with_picture": with.json(),
        "without_picture": without.json(),
        "eyes": eyes.json(),
        "hub": {
            "resident_mb_max": short(megabytes(core.resident_bytes_max)),
            "cpu_seconds": core.cpu.as_secs(),
        },
        "losses": losses,
    });
    let goals = vec![
        Goal::at_most("with_picture_ms_p95", GOAL_MS, with.first.at(0.95)),
        Goal::at_most("without_picture_ms_p95", GOAL_MS, without.first.at(0.95)),
        Goal::at_most("messages_missing", 0.0, (with.missing + without.missing) as f64),
        Goal::at_most("eyes_resident_mb_max", EYES_MB_MAX, eyes.resident_mb_max()),
    ];
    let inputs = json!({
        "house": load.json(), "presses": inputs.presses, "seed": inputs.seed,
        "people": people.json(),
    });
    Ok(Report { inputs, figures, goals })
}

/// Somebody comes and rings; returns when their visit is over.
async fn ring(door: &Door, person: &Person, dice: &mut Dice) -> anyhow::Result<Rung> {
    let portrait = *dice.one_of(&person.faces).context("somebody without a face")?;
    let visitor = Visitor { portrait, x: 0.5, height: 1.0, light: 1.0 };
    let before = door.newest().await?;
    let times = door.come(&Visit { people: vec![visitor], seconds: STAY_SECONDS }).await?;
    let began = tokio::time::Instant::now();
    let after = dice.between(RINGS_AFTER.0, RINGS_AFTER.1) as f32;
    sleep_until(began + Duration::from_secs_f32(times.arrived + after)).await;
    let pressed = Instant::now();
    let visit = door.ring().await?;
    sleep_until(began + Duration::from_secs_f32(times.over)).await;
    door.over(before.as_deref()).await?;
    Ok(Rung { name: person.name.clone(), visit, pressed })
}

impl Delays {
    fn add(&mut self, calls: &[HookCall], rung: &Rung) {
        // What was told of their coming may still be on its way.
        let mut own = calls
            .iter()
            .filter(|call| call.arrived >= rung.pressed && title(call).contains(" ring"))
            .peekable();
        let passed = |call: &HookCall| (call.arrived - rung.pressed).as_secs_f64() * 1e3;
        let Some(first) = own.peek() else {
            self.missing += 1;
            return;
        };
        self.first.push(passed(first));
        self.with_picture += u64::from(first.body["picture_jpeg_base64"].is_string());
        if let Some(named) = own.find(|call| title(call).contains(&rung.name)) {
            self.named.push(passed(named));
        }
    }

    fn json(&self) -> Value {
        json!({
            "first_message_ms": self.first.json(),
            "message_with_the_name_ms": self.named.json(),
            "first_messages_with_a_picture": self.with_picture,
            "messages_missing": self.missing,
        })
    }
}
