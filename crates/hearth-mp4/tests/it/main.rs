//! Behaviour of the container code: on made-up streams, on files, and as ffmpeg sees it.

mod clip;
mod hostile;
mod media_file;
mod oracle;
mod round_trip;
mod stream;
