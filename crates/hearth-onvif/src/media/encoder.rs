//! How pictures are encoded, and how they could be.

use hearth_model::SourceUrl;
use serde::Serialize;

use super::{NAMESPACE, NAMESPACE_2, profile::token};
use crate::{
    AnswerError, Range, Token,
    soap::{Operation, Service},
    xml::{Element, Writer, line},
};

/// More than any device has of anything here.
const ROWS_MAX: usize = 256;

/// The size of a picture in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Resolution {
    /// Its width.
    pub width: u16,
    /// Its height.
    pub height: u16,
}

impl Resolution {
    fn read(element: &Element) -> Result<Self, AnswerError> {
        Ok(Self {
            width: element.need_parsed(&["Width"])?,
            height: element.need_parsed(&["Height"])?,
        })
    }
}

/// An encoder as it is set.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct VideoEncoder {
    /// By which it is asked for.
    pub token: Token,
    /// What people call it.
    pub name: String,
    /// `H264`, `H265`, `JPEG` or another word of the device's.
    pub codec: String,
    /// The size of its pictures.
    pub resolution: Option<Resolution>,
    /// Pictures a second at most.
    pub frame_rate: Option<f32>,
    /// Kilobits a second at most.
    pub bitrate_kbit: Option<u32>,
    /// Pictures from one key frame to the next.
    pub group_length: Option<u32>,
    /// `High`, `Main` and the like.
    pub codec_profile: Option<String>,
}

impl VideoEncoder {
    /// Both editions; they differ in where group length and profile stand.
    pub(super) fn read(element: &Element) -> Result<Self, AnswerError> {
        let codec = line(element.need(&["Encoding"])?.text());
        let of_codec = |name: &str| element.text_at(&[codec.as_str(), name]);
        let group = element.attribute("GovLength").or_else(|| of_codec("GovLength"));
        let profile = element.attribute("Profile").or_else(|| of_codec("H264Profile"));
        let bitrate = element.parsed::<f64>(&["RateControl", "BitrateLimit"])?;
        Ok(Self {
            token: token(element)?,
            name: line(element.text_at(&["Name"]).unwrap_or_default()),
            resolution: element.child("Resolution").map(Resolution::read).transpose()?,
            frame_rate: element
                .parsed::<f32>(&["RateControl", "FrameRateLimit"])?
                .filter(|rate| rate.is_finite()),
            bitrate_kbit: bitrate.filter(|rate| *rate > 0.0).map(|rate| rate as u32),
            group_length: group.and_then(|text| text.parse().ok()),
            codec_profile: profile.map(line),
            codec,
        })
    }
}

/// What an encoder could be set to.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct EncoderOptions {
    /// For which codec.
    pub codec: String,
    /// The sizes it can make.
    pub resolutions: Vec<Resolution>,
    /// Pictures a second.
    pub frame_rates: Option<Range>,
    /// Kilobits a second.
    pub bitrates_kbit: Option<Range>,
    /// Pictures from one key frame to the next.
    pub group_lengths: Option<Range>,
}

fn resolutions(element: &Element) -> Result<Vec<Resolution>, AnswerError> {
    element.all("ResolutionsAvailable").take(ROWS_MAX).map(Resolution::read).collect()
}

fn range(element: &Element, name: &str) -> Result<Option<Range>, AnswerError> {
    element.child(name).map(Range::read).transpose()
}

/// Smallest and largest of numbers with blanks between them, as the second edition writes lists.
fn span(list: Option<&str>) -> Option<Range> {
    let numbers = list?.split_ascii_whitespace().take(ROWS_MAX);
    let numbers = numbers.filter_map(|text| text.parse::<f32>().ok()).filter(|one| one.is_finite());
    numbers.fold(None, |span: Option<Range>, one| {
        let span = span.unwrap_or(Range { min: one, max: one });
        Some(Range { min: span.min.min(one), max: span.max.max(one) })
    })
}

macro_rules! encoders {
    ($name:ident, $service:expr, $namespace:expr, $doc:literal) => {
        #[doc = $doc]
        #[derive(Clone, Copy, Debug)]
        pub struct $name;

        impl Operation for $name {
            type Answer = Vec<VideoEncoder>;
            const SERVICE: Service = $service;
            const NAME: &'static str = "GetVideoEncoderConfigurations";
            const NAMESPACE: &'static str = $namespace;

            fn write(&self, _: &mut Writer) {}

            fn read(answer: &Element, _: &SourceUrl) -> Result<Vec<VideoEncoder>, AnswerError> {
                answer.all("Configurations").take(ROWS_MAX).map(VideoEncoder::read).collect()
            }
        }
    };
}

encoders!(GetEncoders, Service::Media, NAMESPACE, "Asks for all encoders.");
encoders!(GetEncoders2, Service::Media2, NAMESPACE_2, "Asks for all encoders, second edition.");

/// Asks what an encoder could be set to.
#[derive(Clone, Debug)]
pub struct GetEncoderOptions {
    /// Which encoder.
    pub encoder: Token,
}

impl Operation for GetEncoderOptions {
    type Answer = Vec<EncoderOptions>;
    const SERVICE: Service = Service::Media;
    const NAME: &'static str = "GetVideoEncoderConfigurationOptions";
    const NAMESPACE: &'static str = NAMESPACE;

    fn write(&self, body: &mut Writer) {
        body.leaf("o:ConfigurationToken", &self.encoder);
    }

    fn read(answer: &Element, _: &SourceUrl) -> Result<Vec<EncoderOptions>, AnswerError> {
        let options = answer.need(&["Options"])?;
        let codecs =
            options.children().iter().filter(|one| matches!(one.name(), "JPEG" | "MPEG4" | "H264"));
        let rows = codecs.take(ROWS_MAX).map(|codec| {
            let name = codec.name();
            // The range of bitrates came later, in an extension with the same names.
            let extended = options.at(&["Extension", name]);
            Ok(EncoderOptions {
                codec: name.to_owned(),
                resolutions: resolutions(codec)?,
                frame_rates: range(codec, "FrameRateRange")?,
                bitrates_kbit: match extended {
                    Some(extended) => range(extended, "BitrateRange")?,
                    None => None,
                },
                group_lengths: range(codec, "GovLengthRange")?,
            })
        });
        rows.collect()
    }
}

/// Asks what an encoder could be set to, second edition.
#[derive(Clone, Debug)]
pub struct GetEncoderOptions2 {
    /// Which encoder.
    pub encoder: Token,
}

impl Operation for GetEncoderOptions2 {
    type Answer = Vec<EncoderOptions>;
    const SERVICE: Service = Service::Media2;
    const NAME: &'static str = "GetVideoEncoderConfigurationOptions";
    const NAMESPACE: &'static str = NAMESPACE_2;

    fn write(&self, body: &mut Writer) {
        body.leaf("o:ConfigurationToken", &self.encoder);
    }

    fn read(answer: &Element, _: &SourceUrl) -> Result<Vec<EncoderOptions>, AnswerError> {
        let rows = answer.all("Options").take(ROWS_MAX).map(|row| {
            Ok(EncoderOptions {
                codec: line(row.need(&["Encoding"])?.text()),
                resolutions: resolutions(row)?,
                frame_rates: span(row.attribute("FrameRatesSupported")),
                bitrates_kbit: range(row, "BitrateRange")?,
                group_lengths: span(row.attribute("GovLengthRange")),
            })
        });
        rows.collect()
    }
}
