//! How a picture looks: brightness and the like, night vision, focus and exposure modes.
//!
//! Pure. A change is checked against the device's own options before it becomes a request.

use hearth_model::SourceUrl;
use serde::Serialize;

use crate::{
    AnswerError, Token,
    range::{OutOfRange, Range},
    soap::{Operation, Service},
    xml::{Element, Writer, line},
};

const NAMESPACE: &str = "http://www.onvif.org/ver20/imaging/wsdl";
/// More modes than any device has.
const MODES_MAX: usize = 32;

/// Settings as they are. What a device does not have is `None`.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct ImagingSettings {
    /// Brightness in the device's units.
    pub brightness: Option<f32>,
    /// Colour saturation in the device's units.
    pub saturation: Option<f32>,
    /// Contrast in the device's units.
    pub contrast: Option<f32>,
    /// Sharpness in the device's units.
    pub sharpness: Option<f32>,
    /// Infrared cut filter: `ON` by day, `OFF` at night, `AUTO`.
    pub ir_cut_filter: Option<String>,
    /// `AUTO` or `MANUAL`.
    pub exposure_mode: Option<String>,
    /// `AUTO` or `MANUAL`.
    pub focus_mode: Option<String>,
    /// `ON` or `OFF`.
    pub wide_dynamic_range: Option<String>,
}

/// Settings as they could be.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct ImagingOptions {
    /// Brightness.
    pub brightness: Option<Range>,
    /// Colour saturation.
    pub saturation: Option<Range>,
    /// Contrast.
    pub contrast: Option<Range>,
    /// Sharpness.
    pub sharpness: Option<Range>,
    /// Infrared cut filter.
    pub ir_cut_filter: Vec<String>,
    /// Exposure.
    pub exposure_modes: Vec<String>,
    /// Focus.
    pub focus_modes: Vec<String>,
    /// Wide dynamic range.
    pub wide_dynamic_range: Vec<String>,
}

/// Asks for the settings of a video source.
#[derive(Clone, Debug)]
pub struct GetImagingSettings {
    /// Which source.
    pub source: Token,
}

impl Operation for GetImagingSettings {
    type Answer = ImagingSettings;
    const SERVICE: Service = Service::Imaging;
    const NAME: &'static str = "GetImagingSettings";
    const NAMESPACE: &'static str = NAMESPACE;

    fn write(&self, body: &mut Writer) {
        body.leaf("o:VideoSourceToken", &self.source);
    }

    fn read(answer: &Element, _: &SourceUrl) -> Result<ImagingSettings, AnswerError> {
        let settings = answer.need(&["ImagingSettings"])?;
        let number = |name: &'static str| match settings.parsed::<f32>(&[name])? {
            Some(number) if !number.is_finite() => Err(AnswerError::Malformed(name)),
            number => Ok(number),
        };
        let word = |path: &[&str]| settings.text_at(path).map(line);
        Ok(ImagingSettings {
            brightness: number("Brightness")?,
            saturation: number("ColorSaturation")?,
            contrast: number("Contrast")?,
            sharpness: number("Sharpness")?,
            ir_cut_filter: word(&["IrCutFilter"]),
            exposure_mode: word(&["Exposure", "Mode"]),
            focus_mode: word(&["Focus", "AutoFocusMode"]),
            wide_dynamic_range: word(&["WideDynamicRange", "Mode"]),
        })
    }
}

/// Asks what the settings of a video source could be.
#[derive(Clone, Debug)]
pub struct GetOptions {
    /// Which source.
    pub source: Token,
}

impl Operation for GetOptions {
    type Answer = ImagingOptions;
    const SERVICE: Service = Service::Imaging;
    const NAME: &'static str = "GetOptions";
    const NAMESPACE: &'static str = NAMESPACE;

    fn write(&self, body: &mut Writer) {
        body.leaf("o:VideoSourceToken", &self.source);
    }

    fn read(answer: &Element, _: &SourceUrl) -> Result<ImagingOptions, AnswerError> {
        let options = answer.need(&["ImagingOptions"])?;
        let range = |name: &str| options.child(name).map(Range::read).transpose();
        let modes = |path: &[&str], name: &str| {
            let inside = options.at(path);
            let rows = inside.into_iter().flat_map(|inside| inside.all(name)).take(MODES_MAX);
            rows.map(|row| line(row.text())).collect()
        };
        Ok(ImagingOptions {
            brightness: range("Brightness")?,
            saturation: range("ColorSaturation")?,
            contrast: range("Contrast")?,
            sharpness: range("Sharpness")?,
            ir_cut_filter: modes(&[], "IrCutFilterModes"),
            exposure_modes: modes(&["Exposure"], "Mode"),
            focus_modes: modes(&["Focus"], "AutoFocusModes"),
            wide_dynamic_range: modes(&["WideDynamicRange"], "Mode"),
        })
    }
}

/// Why a change is not sent.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum ImagingError {
    /// A number is out of range.
    #[error(transparent)]
    OutOfRange(#[from] OutOfRange),
    /// The device does not have that setting.
    #[error("the device has no setting for {0}")]
    NoSuchSetting(&'static str),
    /// The device does not have that mode.
    #[error("{what} can be: {modes}", modes = modes.join(", "))]
    NoSuchMode {
        /// Which setting.
        what: &'static str,
        /// What it can be.
        modes: Vec<String>,
    },
    /// Nothing would change.
    #[error("no setting was given")]
    Nothing,
}

/// What shall change; what is `None` stays.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ImagingChange {
    /// Brightness in the device's units.
    pub brightness: Option<f32>,
    /// Colour saturation in the device's units.
    pub saturation: Option<f32>,
    /// Contrast in the device's units.
    pub contrast: Option<f32>,
    /// Sharpness in the device's units.
    pub sharpness: Option<f32>,
    /// Infrared cut filter: `ON`, `OFF` or `AUTO`.
    pub ir_cut_filter: Option<String>,
}

/// Changes settings of a video source.
#[derive(Clone, Debug, PartialEq)]
pub struct SetImagingSettings {
    source: Token,
    change: ImagingChange,
}

impl SetImagingSettings {
    /// A change that the device can make, for good: it stays after a restart.
    ///
    /// # Errors
    /// If the device does not have a setting, or not that value of it.
    pub fn new(
        source: Token,
        change: ImagingChange,
        options: &ImagingOptions,
    ) -> Result<Self, ImagingError> {
        if change == ImagingChange::default() {
            return Err(ImagingError::Nothing);
        }
        for (what, value, range) in [
            ("brightness", change.brightness, options.brightness),
            ("saturation", change.saturation, options.saturation),
            ("contrast", change.contrast, options.contrast),
            ("sharpness", change.sharpness, options.sharpness),
        ] {
            if let Some(value) = value {
                range.ok_or(ImagingError::NoSuchSetting(what))?.check(what, value)?;
            }
        }
        if let Some(mode) = &change.ir_cut_filter {
            let what = "the infrared cut filter";
            match options.ir_cut_filter.as_slice() {
                [] => return Err(ImagingError::NoSuchSetting(what)),
                modes if modes.contains(mode) => {}
                modes => return Err(ImagingError::NoSuchMode { what, modes: modes.to_vec() }),
            }
        }
        Ok(Self { source, change })
    }
}

impl Operation for SetImagingSettings {
    type Answer = ();
    const SERVICE: Service = Service::Imaging;
    const NAME: &'static str = "SetImagingSettings";
    const NAMESPACE: &'static str = NAMESPACE;

    /// In the order of the schema, which is a sequence (`tt:ImagingSettings20`).
    fn write(&self, body: &mut Writer) {
        body.leaf("o:VideoSourceToken", &self.source);
        body.element("o:ImagingSettings", |settings| {
            settings.leaf_if("tt:Brightness", self.change.brightness);
            settings.leaf_if("tt:ColorSaturation", self.change.saturation);
            settings.leaf_if("tt:Contrast", self.change.contrast);
            settings.leaf_if("tt:IrCutFilter", self.change.ir_cut_filter.as_ref());
            settings.leaf_if("tt:Sharpness", self.change.sharpness);
        });
        body.leaf("o:ForcePersistence", true);
    }

    fn read(_: &Element, _: &SourceUrl) -> Result<(), AnswerError> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options() -> ImagingOptions {
        ImagingOptions {
            brightness: Some(Range { min: 0.0, max: 100.0 }),
            ir_cut_filter: vec!["ON".to_owned(), "AUTO".to_owned()],
            ..ImagingOptions::default()
        }
    }

    fn set(change: ImagingChange) -> Result<SetImagingSettings, ImagingError> {
        SetImagingSettings::new("source".parse().expect("a token"), change, &options())
    }

    /// promise: K-02. What the device cannot do is not sent.
    #[test]
    fn a_change_is_checked_against_the_options() {
        assert!(set(ImagingChange { brightness: Some(100.0), ..Default::default() }).is_ok());
        assert!(
            set(ImagingChange { ir_cut_filter: Some("AUTO".to_owned()), ..Default::default() })
                .is_ok()
        );
        for change in [
            ImagingChange { brightness: Some(100.1), ..Default::default() },
            ImagingChange { brightness: Some(f32::NAN), ..Default::default() },
            ImagingChange { contrast: Some(1.0), ..Default::default() },
            ImagingChange { ir_cut_filter: Some("off".to_owned()), ..Default::default() },
            ImagingChange::default(),
        ] {
            assert!(set(change.clone()).is_err(), "{change:?}");
        }
    }
}
