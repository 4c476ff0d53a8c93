//! `reply`: what the house says at a door.

use std::path::PathBuf;

use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub(crate) enum ReplyCommand {
    /// List what can be said
    List,
    /// Add something to say
    Add {
        /// What it is called
        name: String,
        /// A WAV file of at most 15 seconds
        file: PathBuf,
    },
    /// Remove something to say
    Remove {
        /// Name or id
        name: String,
    },
    /// Say something through the loudspeaker of a camera, and wait until it was said
    Play {
        /// Name or id of the camera
        camera: String,
        /// Name or id of what is said
        name: String,
    },
}
