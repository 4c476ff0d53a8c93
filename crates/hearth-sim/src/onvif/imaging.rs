//! The imaging service.

use super::{answer::Answer, media::SOURCE, scan, state::State};

/// Numbers from 0 to 100, in the order of the schema, and the infrared cut filter.
#[derive(Debug)]
pub(super) struct Image {
    brightness: f32,
    saturation: f32,
    contrast: f32,
    sharpness: f32,
    ir_cut_filter: String,
}

impl Default for Image {
    fn default() -> Self {
        Self {
            brightness: 50.0,
            saturation: 50.0,
            contrast: 50.0,
            sharpness: 50.0,
            ir_cut_filter: "AUTO".to_owned(),
        }
    }
}

/// Answers what is the imaging service's business.
pub(super) fn answer(operation: &str, body: &str, state: &State) -> Option<Answer> {
    if !matches!(operation, "GetImagingSettings" | "GetOptions" | "SetImagingSettings") {
        return None;
    }
    if scan::text(body, "VideoSourceToken").as_deref() != Some(SOURCE) {
        return Some(Answer::INVALID);
    }
    let image = &mut state.inner().image;
    let inside = match operation {
        "GetImagingSettings" => {
            format!("<timg:ImagingSettings>{}</timg:ImagingSettings>", settings(image))
        }
        "GetOptions" => format!("<timg:ImagingOptions>{}</timg:ImagingOptions>", options()),
        _ => match set(image, body) {
            Some(()) => String::new(),
            None => return Some(Answer::INVALID),
        },
    };
    Some(Answer::Done(format!("<timg:{operation}Response>{inside}</timg:{operation}Response>")))
}

fn settings(image: &Image) -> String {
    let Image { brightness, saturation, contrast, sharpness, ir_cut_filter } = image;
    format!(
        "<tt:Brightness>{brightness}</tt:Brightness><tt:ColorSaturation>{saturation}</tt:ColorSaturation>\
         <tt:Contrast>{contrast}</tt:Contrast><tt:IrCutFilter>{ir_cut_filter}</tt:IrCutFilter>\
         <tt:Sharpness>{sharpness}</tt:Sharpness>"
    )
}

fn options() -> String {
    let range =
        |name: &str| format!("<tt:{name}><tt:Min>0</tt:Min><tt:Max>100</tt:Max></tt:{name}>");
    let modes: String = ["ON", "OFF", "AUTO"]
        .map(|mode| format!("<tt:IrCutFilterModes>{mode}</tt:IrCutFilterModes>"))
        .concat();
    format!(
        "{}{}{}{modes}{}",
        range("Brightness"),
        range("ColorSaturation"),
        range("Contrast"),
        range("Sharpness")
    )
}

/// All or nothing.
fn set(image: &mut Image, body: &str) -> Option<()> {
    let number = |name: &str, old: f32| match scan::text(body, name) {
        Some(text) => text.parse::<f32>().ok().filter(|value| (0.0..=100.0).contains(value)),
        None => Some(old),
    };
    let ir_cut_filter =
        scan::text(body, "IrCutFilter").unwrap_or_else(|| image.ir_cut_filter.clone());
    if !matches!(ir_cut_filter.as_str(), "ON" | "OFF" | "AUTO") {
        return None;
    }
    *image = Image {
        brightness: number("Brightness", image.brightness)?,
        saturation: number("ColorSaturation", image.saturation)?,
        contrast: number("Contrast", image.contrast)?,
        sharpness: number("Sharpness", image.sharpness)?,
        ir_cut_filter,
    };
    Some(())
}
