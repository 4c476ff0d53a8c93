//! Profiles: which source, encoder and PTZ node belong together.

use hearth_model::SourceUrl;
use serde::Serialize;

use super::{NAMESPACE, NAMESPACE_2, VideoEncoder};
use crate::{
    AnswerError, Token,
    soap::{Operation, Service},
    xml::{Element, Writer, line},
};

/// A recorder with 64 channels has three profiles each.
const PROFILES_MAX: usize = 256;

/// A profile.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Profile {
    /// By which it is asked for.
    pub token: Token,
    /// What people call it.
    pub name: String,
    /// Its video source, which is what imaging is asked about.
    pub video_source: Option<Token>,
    /// How its pictures are encoded.
    pub encoder: Option<VideoEncoder>,
    /// How its sound is encoded: `G711`, `AAC` or another word of the device's.
    pub audio: Option<String>,
    /// The PTZ node that moves it, if it can be moved.
    pub ptz_node: Option<Token>,
}

/// Asks for the profiles.
#[derive(Clone, Copy, Debug)]
pub struct GetProfiles;

impl Operation for GetProfiles {
    type Answer = Vec<Profile>;
    const SERVICE: Service = Service::Media;
    const NAME: &'static str = "GetProfiles";
    const NAMESPACE: &'static str = NAMESPACE;

    fn write(&self, _: &mut Writer) {}

    fn read(answer: &Element, _: &SourceUrl) -> Result<Vec<Profile>, AnswerError> {
        const NAMES: Names = Names {
            source: &["VideoSourceConfiguration", "SourceToken"],
            encoder: &["VideoEncoderConfiguration"],
            audio: &["AudioEncoderConfiguration", "Encoding"],
            ptz: &["PTZConfiguration", "NodeToken"],
        };
        answer.all("Profiles").take(PROFILES_MAX).map(|row| profile(row, &NAMES)).collect()
    }
}

/// Asks for the profiles with all their configurations, second edition.
#[derive(Clone, Copy, Debug)]
pub struct GetProfiles2;

impl Operation for GetProfiles2 {
    type Answer = Vec<Profile>;
    const SERVICE: Service = Service::Media2;
    const NAME: &'static str = "GetProfiles";
    const NAMESPACE: &'static str = NAMESPACE_2;

    fn write(&self, body: &mut Writer) {
        body.leaf("o:Type", "All");
    }

    fn read(answer: &Element, _: &SourceUrl) -> Result<Vec<Profile>, AnswerError> {
        const NAMES: Names = Names {
            source: &["Configurations", "VideoSource", "SourceToken"],
            encoder: &["Configurations", "VideoEncoder"],
            audio: &["Configurations", "AudioEncoder", "Encoding"],
            ptz: &["Configurations", "PTZ", "NodeToken"],
        };
        answer.all("Profiles").take(PROFILES_MAX).map(|row| profile(row, &NAMES)).collect()
    }
}

/// Where things stand in a profile; that is all in which the editions differ.
struct Names {
    source: &'static [&'static str],
    encoder: &'static [&'static str],
    audio: &'static [&'static str],
    ptz: &'static [&'static str],
}

fn profile(row: &Element, names: &Names) -> Result<Profile, AnswerError> {
    Ok(Profile {
        token: token(row)?,
        name: line(row.text_at(&["Name"]).unwrap_or_default()),
        video_source: row.parsed(names.source)?,
        encoder: row.at(names.encoder).map(VideoEncoder::read).transpose()?,
        audio: row.text_at(names.audio).map(line),
        ptz_node: row.parsed(names.ptz)?,
    })
}

/// The attribute `token` of an element.
pub(crate) fn token(element: &Element) -> Result<Token, AnswerError> {
    let text = element.attribute("token").ok_or(AnswerError::Missing("token"))?;
    text.parse().map_err(|_| AnswerError::Malformed("token"))
}
