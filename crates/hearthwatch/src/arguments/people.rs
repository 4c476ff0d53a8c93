//! `people`: who is known, and how well faces are recognised.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use hearth_face::{OperatingPoint, Sha256Sum};

#[derive(Debug, Subcommand)]
pub(crate) enum PeopleCommand {
    /// Measure recognition on labelled pictures; needs no hub and keeps nothing
    Eval(EvalArguments),
}

#[derive(Debug, Args)]
pub(crate) struct EvalArguments {
    /// A folder with a folder of pictures for each person, or a CSV file with a header and rows
    /// file_x,file_y,Yes|No
    pub(crate) path: PathBuf,
    /// Distance up to which two pictures show one person
    #[arg(long, value_name = "DISTANCE", default_value_t = OperatingPoint::PAIR_THRESHOLD,
        value_parser = distance)]
    pub(crate) threshold: f32,
    /// Find faces with this YuNet model instead of the built-in detector
    #[arg(long, value_name = "FILE.onnx")]
    pub(crate) detector: Option<PathBuf>,
    /// The detector's SHA-256, if it is not the model Hearthwatch was measured with
    #[arg(long, value_name = "HEX", requires = "detector", value_parser = sha256)]
    pub(crate) detector_sha256: Option<Sha256Sum>,
}

fn distance(text: &str) -> Result<f32, String> {
    let distance = text.parse().ok().filter(|distance| (0.0..=2.0).contains(distance));
    distance.ok_or_else(|| "a distance is a number from 0 to 2".to_owned())
}

fn sha256(text: &str) -> Result<Sha256Sum, String> {
    Sha256Sum::from_hex(text).ok_or_else(|| "a SHA-256 has 64 hexadecimal digits".to_owned())
}
