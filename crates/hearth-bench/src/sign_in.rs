//! `sign-in`: what it costs to check a password, which is meant to cost something, and what to know a
//! signed-in person again at each request, which is not.
//!
//! Requests that everybody may make and requests that need a sign-in go over the same connection in
//! turns, many at once. What the second kind takes longer is the check of who asks and of what they
//! may, together with an answer that says it: more than the check alone.

use std::time::{Duration, Instant};

use anyhow::ensure;
use bytes::BytesMut;
use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};
use tokio_rustls::client::TlsStream;

use crate::{
    Bench,
    answer::take_answer,
    figures::{Goal, Report, Sample, short},
    house::{Hub, Place, WITHOUT_EYES},
    viewer::{Knocker, Visitor},
};

/// Milliseconds that checking a password takes on a machine of this class.
const GOAL_SIGN_IN_MS: (f64, f64) = (50.0, 250.0);

/// Microseconds that a request may take longer because somebody is signed in.
const GOAL_KNOWN_MICROS: f64 = 20.0;

/// Requests at once.
const AT_ONCE: usize = 16;

const DEADLINE: Duration = Duration::from_secs(15);

#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Inputs {
    /// Sign-ins; an address may make 60 before it has to wait.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u64).range(1..=50))]
    sign_ins: u64,
    /// How often many requests are made at once, each way; an address may make 1,000 requests.
    #[arg(long, default_value_t = 28, value_parser = clap::value_parser!(u64).range(1..=28))]
    rounds: u64,
}

pub(crate) async fn measure(bench: &Bench, inputs: &Inputs) -> anyhow::Result<Report> {
    let place = Place::fresh(bench, "sign-in", WITHOUT_EYES)?;
    let hub = Hub::start(&bench.binary, &place).await?;
    let mut visitor = Visitor::sign_in(hub.address, "admin", &hub.password).await?;
    let mut sign_ins = Sample::default();
    for _ in 0..inputs.sign_ins {
        let began = Instant::now();
        visitor = Visitor::sign_in(hub.address, "admin", &hub.password).await?;
        sign_ins.push(began.elapsed().as_secs_f64() * 1e3);
    }
    let request = |path: &str, cookie: &str| {
        let head = format!("GET {path} HTTP/1.1\r\nHost: {}\r\n", hub.address);
        format!("{head}Cookie: {cookie}\r\n\r\n").repeat(AT_ONCE)
    };
    let anybody = request("/healthz", "other=0");
    let known = request("/api/v1/session", visitor.cookie());
    let mut stream = Knocker::new(hub.address)?.connect().await?;
    let (mut open, mut checked) = (Sample::default(), Sample::default());
    for _ in 0..inputs.rounds {
        open.push(ask(&mut stream, &anybody).await?);
        checked.push(ask(&mut stream, &known).await?);
    }
    hub.program.stop().await?;
    place.remove()?;
    let more = checked.at(0.5) - open.at(0.5);
    let figures = json!({
        "sign_in_ms": sign_ins.json(), "open_micros": open.json(), "known_micros": checked.json(),
        "p50_more_micros": short(more),
    });
    let (least, most) = GOAL_SIGN_IN_MS;
    let goals = vec![
        Goal::at_least("sign_in_ms_p50_least", least, sign_ins.at(0.5)),
        Goal::at_most("sign_in_ms_p50_most", most, sign_ins.at(0.5)),
        Goal::at_most("p50_more_micros", GOAL_KNOWN_MICROS, more),
    ];
    let inputs = json!({
        "sign_ins": inputs.sign_ins, "rounds": inputs.rounds, "at_once": AT_ONCE,
    });
    Ok(Report { inputs, figures, goals })
}

/// Microseconds that each of many requests at once took.
async fn ask(stream: &mut TlsStream<TcpStream>, requests: &str) -> anyhow::Result<f64> {
    let began = Instant::now();
    timeout(DEADLINE, stream.write_all(requests.as_bytes())).await??;
    timeout(DEADLINE, stream.flush()).await??;
    let mut buffer = BytesMut::new();
    let mut left = AT_ONCE;
    while left > 0 {
        match take_answer(&mut buffer)? {
            Some(200) => left -= 1,
            Some(status) => anyhow::bail!("an answer with status {status}"),
            None => {
                let read = timeout(DEADLINE, stream.read_buf(&mut buffer)).await??;
                ensure!(read > 0, "the hub hung up");
            }
        }
    }
    Ok(began.elapsed().as_secs_f64() * 1e6 / AT_ONCE as f64)
}
