//! Why a command failed, in words that say what to do next, and with which exit code.

use std::{error::Error, fmt::Display, io, path::PathBuf, process::ExitCode};

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// The command line asks for something that makes no sense.
    #[error("{0}")]
    Usage(String),
    /// Nobody answers on the control socket.
    #[error("The hub is not running. Start it with: hearthwatch serve --data {}", .0.display())]
    NotRunning(PathBuf),
    /// The control socket is somebody else's.
    #[error("The hub in {} belongs to another user. Run this command as that user.", .0.display())]
    NotOwner(PathBuf),
    /// The hub said no.
    #[error("{message}")]
    Refused {
        /// Stable code.
        code: String,
        /// What happened and what to do next.
        message: String,
    },
    /// The hub went away, or said something that is no answer.
    #[error("{0}")]
    Broken(&'static str),
    /// A file could not be written.
    #[error("{path} could not be written: {source}")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file could not be read.
    #[error("{path} could not be read: {source}")]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The terminal or pipe that takes the output is gone.
    #[error("the output could not be written: {0}")]
    Output(#[from] io::Error),
    /// The hub or the simulated house did not start.
    #[error("{0}")]
    Start(String),
    /// Everything worked, and the result is bad; it has been printed.
    #[error("a check failed")]
    Checked,
}

impl Failure {
    /// A failure at start with all its causes: whoever starts the hub may see paths.
    pub(crate) fn start(error: &dyn Error) -> Self {
        Self::Start(chain(error))
    }

    /// 2 for wrong usage, 1 for everything else.
    pub(crate) fn exit_code(&self) -> ExitCode {
        match self {
            Self::Usage(_) => ExitCode::from(2),
            _ => ExitCode::FAILURE,
        }
    }

    /// For programs.
    pub(crate) fn code(&self) -> &str {
        match self {
            Self::Usage(_) => "usage",
            Self::NotRunning(_) => "not_running",
            Self::NotOwner(_) => "not_owner",
            Self::Refused { code, .. } => code,
            Self::Broken(_) => "broken",
            Self::File { .. } | Self::Unreadable { .. } => "file",
            Self::Output(_) => "output",
            Self::Start(_) => "start",
            Self::Checked => "check_failed",
        }
    }

    /// Whether there is nothing left to say: the result is on stdout, or stdout was closed by
    /// whoever had read enough (`events | head`).
    pub(crate) fn is_silent(&self) -> bool {
        match self {
            Self::Checked => true,
            Self::Output(error) => error.kind() == io::ErrorKind::BrokenPipe,
            _ => false,
        }
    }
}

/// An error with its causes, each once.
pub(crate) fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let more = error.to_string();
        if !text.ends_with(&more) {
            append(&mut text, &more);
        }
        cause = error.source();
    }
    text
}

fn append(text: &mut String, more: &dyn Display) {
    use std::fmt::Write;
    // Writing to a string cannot fail.
    write!(text, ": {more}").unwrap_or_default();
}
