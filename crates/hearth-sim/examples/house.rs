//! Runs a ready-made house until it is stopped, and prints its description.
//!
//! `cargo run -p hearth-sim --example house -- demo` or `... -- bench CAMERAS`

use hearth_sim::{House, HouseSpec};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let spec = match arguments.first().map(String::as_str) {
        Some("demo") => HouseSpec::demo(),
        Some("bench") => {
            let cameras = arguments.get(1).map_or(Ok(16), |text| text.parse())?;
            HouseSpec::bench(cameras, 1280, 720, 15, 2_000_000)
        }
        _ => return Err("usage: house demo | house bench [CAMERAS]".into()),
    };
    let started = std::time::Instant::now();
    let house = House::start(spec).await?;
    eprintln!("open after {:?}", started.elapsed());
    println!("{}", serde_json::to_string(&house.describe())?);
    std::future::pending::<()>().await;
    Ok(())
}
