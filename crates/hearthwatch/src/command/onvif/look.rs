//! `onvif imaging`: how pictures look.

use hearth_onvif::{
    Device,
    imaging::{GetImagingSettings, GetOptions, ImagingChange, ImagingError, SetImagingSettings},
};
use serde_json::json;

use super::profile;
use crate::{arguments::onvif::ImagingArguments, failure::Failure, output};

impl From<ImagingError> for Failure {
    fn from(error: ImagingError) -> Self {
        Self::Usage(format!("{error}."))
    }
}

/// Changes what was given, and shows how it is then, as the device tells.
pub(super) async fn run(
    device: &Device,
    arguments: ImagingArguments,
    json: bool,
) -> Result<(), Failure> {
    let ImagingArguments {
        profile: wanted,
        brightness,
        saturation,
        contrast,
        sharpness,
        ir_cut_filter,
    } = arguments;
    let profile = profile(device, wanted, |one| one.video_source.is_some()).await?;
    let source = profile.video_source.ok_or_else(|| Failure::Refused {
        code: "no_video_source".to_owned(),
        message: "That profile shows no video source.".to_owned(),
    })?;
    let options = device.ask(&GetOptions { source: source.clone() }).await?;
    let change = ImagingChange { brightness, saturation, contrast, sharpness, ir_cut_filter };
    if change != ImagingChange::default() {
        device.ask(&SetImagingSettings::new(source.clone(), change, &options)?).await?;
    }
    let settings = device.ask(&GetImagingSettings { source }).await?;
    if json {
        return Ok(output::json(&json!({ "settings": settings, "options": options }))?);
    }
    for (name, value, range) in [
        ("brightness", settings.brightness, options.brightness),
        ("saturation", settings.saturation, options.saturation),
        ("contrast", settings.contrast, options.contrast),
        ("sharpness", settings.sharpness, options.sharpness),
    ] {
        if let (Some(value), Some(range)) = (value, range) {
            output::line(&format!("{name:<12} {value} ({} to {})", range.min, range.max))?;
        }
    }
    if let Some(mode) = settings.ir_cut_filter {
        output::line(&format!("{:<12} {mode} ({})", "ir-cut", options.ir_cut_filter.join(", ")))?;
    }
    Ok(())
}
