//! Sample descriptions: codec parameters from the entries of `stsd`.

use hearth_media::{AudioParameters, VideoParameters, h264, h265};

use super::{Atom, Fields, atoms, find};
use crate::Mp4Error;

/// Entries beyond this many are refused: one a parameter set, in files that were joined.
const ENTRIES_MAX: usize = 256;
/// Bytes of a visual sample entry before its boxes.
const VISUAL_HEAD_BYTES: usize = 78;
/// Bytes of an audio sample entry before its boxes (version 0).
const AUDIO_HEAD_BYTES: usize = 28;
/// What QuickTime's version 1 of an audio entry adds.
const AUDIO_HEAD_BYTES_QUICKTIME_1: usize = 16;
/// `objectTypeIndication` values.
const OBJECT_TYPE_JPEG: u8 = 0x6C;
const OBJECT_TYPES_AAC: [u8; 4] = [0x40, 0x66, 0x67, 0x68];

/// How the samples of a track are to be understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Description {
    /// Pictures; NAL units have lengths of so many bytes before them (0 for MJPEG).
    Video(VideoParameters, u8),
    /// Sound.
    Audio(AudioParameters),
}

/// The entries of an `stsd` box; `None` for one of a codec that is not handled.
pub(crate) fn read_descriptions(stsd: &[u8]) -> Result<Vec<Option<Description>>, Mp4Error> {
    let mut fields = Fields::new(stsd, "stsd");
    fields.version()?;
    let count = fields.count(8)?;
    if count > ENTRIES_MAX {
        return Err(Mp4Error::TooLarge("stsd"));
    }
    atoms(fields.rest()).take(count).map(|atom| read_entry(atom?)).collect()
}

fn read_entry(atom: Atom<'_>) -> Result<Option<Description>, Mp4Error> {
    let description = match &atom.kind {
        b"avc1" | b"avc3" | b"hvc1" | b"hev1" | b"mp4v" | b"jpeg" => read_video(atom),
        b"mp4a" | b"Opus" | b"ulaw" | b"alaw" => read_audio(atom),
        _ => Ok(None),
    };
    match description {
        // A codec that cannot be handled is no reason to refuse the rest of the file.
        Err(Mp4Error::Unsupported(_)) => Ok(None),
        other => other,
    }
}

fn read_video(atom: Atom<'_>) -> Result<Option<Description>, Mp4Error> {
    let mut fields = Fields::new(atom.body, "a visual sample entry");
    let head = fields.take(VISUAL_HEAD_BYTES)?;
    let mut size = Fields::new(&head[24..28], "a visual sample entry");
    let (width, height) = (size.u16()?, size.u16()?);
    let boxes = fields.rest();
    match &atom.kind {
        b"avc1" | b"avc3" => {
            let record = super::require(boxes, b"avcC", "avcC")?;
            let length_bytes = h264::ConfigRecord::parse(record)?.nal_length_bytes;
            Ok(Some(Description::Video(VideoParameters::from_avcc(record)?, length_bytes)))
        }
        b"hvc1" | b"hev1" => {
            let record = super::require(boxes, b"hvcC", "hvcC")?;
            let length_bytes = h265::ConfigRecord::parse(record)?.nal_length_bytes;
            Ok(Some(Description::Video(VideoParameters::from_hvcc(record)?, length_bytes)))
        }
        b"mp4v" => {
            let esds = super::require(boxes, b"esds", "esds")?;
            let is_jpeg = read_esds(esds)?.0 == OBJECT_TYPE_JPEG;
            let mjpeg = || Description::Video(VideoParameters::mjpeg(width, height), 0);
            Ok(is_jpeg.then(mjpeg))
        }
        _ => Ok(Some(Description::Video(VideoParameters::mjpeg(width, height), 0))),
    }
}

fn read_audio(atom: Atom<'_>) -> Result<Option<Description>, Mp4Error> {
    let mut fields = Fields::new(atom.body, "an audio sample entry");
    let mut head = Fields::new(fields.take(AUDIO_HEAD_BYTES)?, "an audio sample entry");
    head.take(8)?;
    let quicktime_version = head.u16()?;
    head.take(6)?;
    let channels = u8::try_from(head.u16()?).map_err(|_| Mp4Error::Unsupported("channels"))?;
    head.take(6)?;
    let rate = head.u32()? >> 16;
    if quicktime_version == 1 {
        fields.take(AUDIO_HEAD_BYTES_QUICKTIME_1)?;
    }
    let boxes = fields.rest();
    let parameters = match &atom.kind {
        b"mp4a" => {
            let esds = match find(boxes, b"esds")? {
                Some(esds) => esds,
                // QuickTime puts it one level deeper.
                None => match find(boxes, b"wave")? {
                    Some(wave) => super::require(wave, b"esds", "esds")?,
                    None => return Ok(None),
                },
            };
            let (object_type, config) = read_esds(esds)?;
            if !OBJECT_TYPES_AAC.contains(&object_type) {
                return Ok(None);
            }
            AudioParameters::from_aac_config(config).map_err(|error| match error {
                hearth_media::ParameterError::Unsupported(what) => Mp4Error::Unsupported(what),
                other => other.into(),
            })?
        }
        b"Opus" => AudioParameters::opus(channels),
        b"ulaw" => AudioParameters::pcmu(rate, channels),
        _ => AudioParameters::pcma(rate, channels),
    };
    Ok(Some(Description::Audio(parameters)))
}

/// `objectTypeIndication` and `DecoderSpecificInfo` (ISO/IEC 14496-1, 7.2.6).
fn read_esds(esds: &[u8]) -> Result<(u8, &[u8]), Mp4Error> {
    let mut fields = Fields::new(esds, "esds");
    fields.version()?;
    let mut stream = Fields::new(descriptor(&mut fields, 3)?, "esds");
    stream.u16()?; // ES_ID
    let flags = stream.u8()?;
    if flags & 0x80 != 0 {
        stream.u16()?; // dependsOn_ES_ID
    }
    if flags & 0x40 != 0 {
        let length = stream.u8()?;
        stream.take(usize::from(length))?; // URL
    }
    if flags & 0x20 != 0 {
        stream.u16()?; // OCR_ES_Id
    }
    let mut config = Fields::new(descriptor(&mut stream, 4)?, "esds");
    let object_type = config.u8()?;
    config.take(12)?;
    let specific = if config.rest().is_empty() { &[] } else { descriptor(&mut config, 5)? };
    Ok((object_type, specific))
}

/// The body of the next descriptor, which must have this tag.
fn descriptor<'a>(fields: &mut Fields<'a>, tag: u8) -> Result<&'a [u8], Mp4Error> {
    if fields.u8()? != tag {
        return Err(Mp4Error::Malformed("esds"));
    }
    let mut length = 0usize;
    for _ in 0..4 {
        let byte = fields.u8()?;
        length = length << 7 | usize::from(byte & 0x7F);
        if byte & 0x80 == 0 {
            break;
        }
    }
    fields.take(length)
}
