//! `people`: who is known, and how well faces are recognised.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use hearth_face::{OperatingPoint, Sha256Sum};
use hearth_model::{VisitId, WallTime};

#[derive(Debug, Subcommand)]
pub(crate) enum PeopleCommand {
    /// Measure recognition on labelled pictures; needs no hub and keeps nothing
    Eval(EvalArguments),
    /// Make a person known who agreed to it, or add pictures of them
    Enrol(EnrolArguments),
    /// List who is known
    List,
    /// Show one person with their consent and the pictures of their face
    Show {
        /// Name or id
        person: String,
    },
    /// Record that a person withdrew their consent: they are not recognised from now on
    Withdraw {
        /// Name or id
        person: String,
    },
    /// Print everything that is kept of a person, pictures included
    Export {
        /// Name or id
        person: String,
    },
    /// Erase a person: key, faces and pictures; their visits forget who it was
    Erase {
        /// Name or id
        person: String,
        /// Also what was recorded around their visits, with everybody else who is seen there
        #[arg(long)]
        footage: bool,
    },
    /// Give several people a name that rules can speak of
    #[command(subcommand)]
    Group(GroupCommand),
    /// People to look out for, whom nobody asked; a person looks before anybody is named
    #[command(subcommand)]
    Watch(WatchCommand),
}

#[derive(Debug, Subcommand)]
pub(crate) enum WatchCommand {
    /// List who is watched for, why and until when
    List,
    /// Put somebody on the list
    Add(WatchArguments),
    /// Take somebody off the list: key, faces, pictures
    Remove {
        /// Name or id
        person: String,
    },
    /// Compare faces with the list
    On,
    /// Compare faces with it no more
    Off,
    /// Read the published list now; it is chosen and switched on in the dashboard
    Read,
    /// Take everybody off whom a published list named, and read it no more
    Forget,
}

#[derive(Debug, Args)]
pub(crate) struct WatchArguments {
    /// What the person is called
    pub(crate) name: String,
    /// Pictures of their face, JPEG or PNG
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// Why they are watched for
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: String,
    /// Until when, a year ahead at most
    #[arg(long, value_name = "TIME")]
    pub(crate) until: WallTime,
    /// Which face of the pictures, counted from 0, if there are several
    #[arg(long, value_name = "N")]
    pub(crate) face: Option<usize>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum GroupCommand {
    /// List the groups with their members, and how many rules name them
    List,
    /// Make a group, or put others in the place of its members
    Set {
        /// What the group is called
        name: String,
        /// Names or ids of those who belong to it
        members: Vec<String>,
    },
    /// Remove a group; its people stay
    Remove {
        /// Name or id
        group: String,
    },
}

#[derive(Debug, Args)]
pub(crate) struct EnrolArguments {
    /// What the person is called
    pub(crate) name: String,
    /// Pictures of their face, JPEG or PNG
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// To what they agreed, in their words
    #[arg(long, value_name = "TEXT")]
    pub(crate) consent: String,
    /// Who agreed, if it was not the person
    #[arg(long, value_name = "NAME")]
    pub(crate) given_by: Option<String>,
    /// When the consent ends
    #[arg(long, value_name = "TIME")]
    pub(crate) until: Option<WallTime>,
    /// Which face of the pictures, counted from 0, if there are several
    #[arg(long, value_name = "N")]
    pub(crate) face: Option<usize>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum VisitCommand {
    /// List visits, newest first
    List {
        /// Only those with somebody unknown
        #[arg(long)]
        unknown: bool,
        /// At most so many
        #[arg(long, value_name = "N", default_value_t = 20)]
        limit: u32,
    },
    /// Show one visit
    Show {
        /// Its id
        visit: VisitId,
    },
    /// Mark a visit as seen
    Seen {
        /// Its id
        visit: VisitId,
    },
    /// Ring at a camera that looks at a door
    Ring {
        /// Name or id of the camera
        camera: String,
    },
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
