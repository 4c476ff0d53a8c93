//! Receives one stream several times over and tells what that costs.
//!
//! `cargo run --release -p hearth-stream --example receive -- URL [SOURCES] [SECONDS]`; one JSON
//! line on standard output. Measures receiving alone: frames are dropped as they come.

use std::{
    process::ExitCode,
    sync::Arc,
    time::{Duration, Instant},
};

use hearth_media::MediaTime;
use hearth_model::{AddressPolicy, SourceUrl, Transport};
use hearth_stream::{Credentials, SourceSpec, Timeline, connect};
use tokio::time::timeout_at;

struct Clock(Instant);

impl Timeline for Clock {
    fn now(&self) -> MediaTime {
        MediaTime::from_micros(i64::try_from(self.0.elapsed().as_micros()).unwrap_or(i64::MAX))
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let Some(Ok((url, user_info))) = arguments.next().map(|url| SourceUrl::parse(&url)) else {
        eprintln!("usage: receive URL [SOURCES] [SECONDS]");
        return ExitCode::from(2);
    };
    let mut number =
        |default| arguments.next().and_then(|text| text.parse().ok()).unwrap_or(default);
    let (sources, seconds) = (number(1), number(10));
    let credentials = user_info
        .map(|(username, password)| Credentials { username, password: password.as_str().into() });
    let transport = match std::env::var("TRANSPORT").as_deref() {
        Ok("udp") => Transport::Udp,
        _ => Transport::Tcp,
    };
    let spec = SourceSpec {
        url,
        credentials,
        transport,
        certificate_pin: None,
        addresses: AddressPolicy::DEVICES.with_this_machine(),
    };
    let timeline: Arc<dyn Timeline> = Arc::new(Clock(Instant::now()));
    let mut opened = Vec::new();
    for _ in 0..sources {
        match connect(&spec, timeline.clone()).await {
            Ok(source) => opened.push(source),
            Err(error) => {
                eprintln!("{error}");
                return ExitCode::FAILURE;
            }
        }
    }
    let began = cpu_micros();
    let end = tokio::time::Instant::now() + Duration::from_secs(seconds);
    let tasks: Vec<_> = opened
        .into_iter()
        .map(|mut source| {
            tokio::spawn(async move {
                while let Ok(Ok(_)) = timeout_at(end, source.next()).await {}
                source.stats()
            })
        })
        .collect();
    let (mut frames, mut bytes, mut losses) = (0, 0, 0);
    for task in tasks {
        let Ok(stats) = task.await else { return ExitCode::FAILURE };
        frames += stats.video_frames;
        bytes += stats.bytes;
        losses += stats.losses;
    }
    let cpu = cpu_micros().saturating_sub(began);
    let micros = seconds * 1_000_000 * sources;
    println!(
        "{{\"sources\":{sources},\"seconds\":{seconds},\"frames\":{frames},\"bytes\":{bytes},\
         \"losses\":{losses},\"cpu_micros\":{cpu},\"core_share_each\":{:.6}}}",
        ratio(cpu, micros)
    );
    ExitCode::SUCCESS
}

/// User and system time of this process.
fn cpu_micros() -> u64 {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    u64::try_from(now.tv_sec * 1_000_000 + now.tv_nsec / 1_000).unwrap_or(0)
}

fn ratio(part: u64, whole: u64) -> f64 {
    let float = |number: u64| f64::from(u32::try_from(number).unwrap_or(u32::MAX));
    float(part) / float(whole.max(1))
}
