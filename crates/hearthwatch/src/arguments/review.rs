//! `review`: pictures that people look at to correct the detector.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

#[derive(Debug, Subcommand)]
pub(crate) enum ReviewCommand {
    /// List pictures to look at, newest first
    List(ReviewListArguments),
    /// Save pictures that were looked at, with their labels, as an archive
    Export(ReviewExportArguments),
    /// Show how sure the detector is of what each camera sees, and was
    Drift,
}

#[derive(Debug, Args)]
pub(crate) struct ReviewListArguments {
    /// Only with this state
    #[arg(long, value_enum)]
    pub(crate) state: Option<ReviewStateArgument>,
    /// Name or id of a camera: only its pictures
    #[arg(long)]
    pub(crate) camera: Option<String>,
    /// At most so many
    #[arg(long, value_name = "N", default_value_t = 50)]
    pub(crate) limit: u32,
}

#[derive(Debug, Args)]
pub(crate) struct ReviewExportArguments {
    /// How labels are written down
    #[arg(long, value_enum, default_value_t = DatasetFormatArgument::Coco)]
    pub(crate) format: DatasetFormatArgument,
    /// With this state
    #[arg(long, value_enum, default_value_t = ReviewStateArgument::Done)]
    pub(crate) state: ReviewStateArgument,
    /// Where to
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: PathBuf,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum DatasetFormatArgument {
    /// One annotations.json
    Coco,
    /// A file of lines for each picture
    Yolo,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum ReviewStateArgument {
    /// Nobody has looked at it
    Waiting,
    /// Its labels are right
    Done,
    /// It is of no use
    Skipped,
}

impl DatasetFormatArgument {
    /// As the hub calls it.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Coco => "coco",
            Self::Yolo => "yolo",
        }
    }
}

impl ReviewStateArgument {
    /// As the hub calls it.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Done => "done",
            Self::Skipped => "skipped",
        }
    }
}
