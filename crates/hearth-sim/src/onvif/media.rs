//! Both editions of the media service: two profiles of one source.

use super::{
    OnvifFault,
    answer::Answer,
    scan::{self, escape},
    state::State,
};

/// Token, name, width, height, pictures a second, kilobits a second.
const PROFILES: [(&str, &str, u32, u32, u32, u32); 2] =
    [("main", "Main stream", 1920, 1080, 15, 2048), ("sub", "Small stream", 640, 360, 10, 512)];
/// The only video source.
pub(super) const SOURCE: &str = "source";
/// The only PTZ node.
pub(super) const NODE: &str = "node";

/// A small grey picture.
pub(super) fn picture() -> Option<Vec<u8>> {
    let (width, height) = (64_u16, 36_u16);
    let samples = vec![128; usize::from(width) * usize::from(height)];
    let mut file = Vec::new();
    let encoder = jpeg_encoder::Encoder::new(&mut file, 70);
    encoder.encode(&samples, width, height, jpeg_encoder::ColorType::Luma).ok()?;
    Some(file)
}

/// Answers what is the media services' business; the path says which edition is meant.
pub(super) fn answer(operation: &str, body: &str, path: &str, state: &State) -> Option<Answer> {
    let is_second = path.ends_with("/media2");
    if is_second && !state.spec.has_media2 {
        return None;
    }
    let asked = scan::text(body, "ProfileToken");
    let is_known = |token: &Option<String>| {
        token.as_deref().is_some_and(|token| PROFILES.iter().any(|row| row.0 == token))
    };
    let inside = match operation {
        "GetProfiles" if is_second => PROFILES.iter().map(|row| second(row, state)).collect(),
        "GetProfiles" => PROFILES.iter().map(|row| first(row, state)).collect(),
        "GetStreamUri" | "GetSnapshotUri" if !is_known(&asked) => return Some(Answer::INVALID),
        "GetStreamUri" => uri(&stream_url(state), is_second),
        "GetSnapshotUri" => uri(&state.url("snapshot"), is_second),
        "GetVideoEncoderConfigurations" => PROFILES
            .iter()
            .map(|row| {
                encoder(
                    row,
                    if is_second { "tr2:Configurations" } else { "trt:Configurations" },
                    is_second,
                )
            })
            .collect(),
        "GetVideoEncoderConfigurationOptions" => options(is_second),
        _ => return None,
    };
    let prefix = if is_second { "tr2" } else { "trt" };
    Some(Answer::Done(format!(
        "<{prefix}:{operation}Response>{inside}</{prefix}:{operation}Response>"
    )))
}

fn stream_url(state: &State) -> String {
    match &state.inner().fault {
        Some(OnvifFault::ForeignUrls { host }) => format!("rtsp://{host}/main"),
        _ => state.spec.stream_url.clone(),
    }
}

fn uri(uri: &str, is_second: bool) -> String {
    let uri = escape(uri);
    if is_second {
        return format!("<tr2:Uri>{uri}</tr2:Uri>");
    }
    format!(
        "<trt:MediaUri><tt:Uri>{uri}</tt:Uri><tt:InvalidAfterConnect>false</tt:InvalidAfterConnect>\
         <tt:InvalidAfterReboot>false</tt:InvalidAfterReboot><tt:Timeout>PT0S</tt:Timeout></trt:MediaUri>"
    )
}

type Row = (&'static str, &'static str, u32, u32, u32, u32);

const SOURCE_INSIDE: &str = "<tt:Name>source</tt:Name><tt:UseCount>2</tt:UseCount>\
    <tt:SourceToken>source</tt:SourceToken><tt:Bounds x=\"0\" y=\"0\" width=\"1920\" height=\"1080\"/>";
const PTZ_INSIDE: &str =
    "<tt:Name>ptz</tt:Name><tt:UseCount>2</tt:UseCount><tt:NodeToken>node</tt:NodeToken>";

fn first(row: &Row, state: &State) -> String {
    let (token, name, ..) = row;
    let ptz = if state.spec.has_ptz {
        format!("<tt:PTZConfiguration token=\"ptz\">{PTZ_INSIDE}</tt:PTZConfiguration>")
    } else {
        String::new()
    };
    format!(
        "<trt:Profiles token=\"{token}\" fixed=\"true\"><tt:Name>{name}</tt:Name>\
         <tt:VideoSourceConfiguration token=\"{SOURCE}\">{SOURCE_INSIDE}</tt:VideoSourceConfiguration>\
         {}{ptz}</trt:Profiles>",
        encoder(row, "tt:VideoEncoderConfiguration", false)
    )
}

fn second(row: &Row, state: &State) -> String {
    let (token, name, ..) = row;
    let ptz = if state.spec.has_ptz {
        format!("<tr2:PTZ token=\"ptz\">{PTZ_INSIDE}</tr2:PTZ>")
    } else {
        String::new()
    };
    format!(
        "<tr2:Profiles token=\"{token}\" fixed=\"true\"><tr2:Name>{name}</tr2:Name><tr2:Configurations>\
         <tr2:VideoSource token=\"{SOURCE}\">{SOURCE_INSIDE}</tr2:VideoSource>{}{ptz}</tr2:Configurations></tr2:Profiles>",
        encoder(row, "tr2:VideoEncoder", true)
    )
}

fn encoder(row: &Row, element: &str, is_second: bool) -> String {
    let (token, name, width, height, rate, bitrate) = row;
    let head = format!(
        "<tt:Name>{name}</tt:Name><tt:UseCount>1</tt:UseCount><tt:Encoding>H264</tt:Encoding>"
    );
    let size = format!(
        "<tt:Resolution><tt:Width>{width}</tt:Width><tt:Height>{height}</tt:Height></tt:Resolution>"
    );
    if is_second {
        return format!(
            "<{element} token=\"enc-{token}\" GovLength=\"30\" Profile=\"High\">{head}{size}\
             <tt:RateControl ConstantBitRate=\"false\"><tt:FrameRateLimit>{rate}</tt:FrameRateLimit>\
             <tt:BitrateLimit>{bitrate}</tt:BitrateLimit></tt:RateControl><tt:Quality>4</tt:Quality></{element}>"
        );
    }
    format!(
        "<{element} token=\"enc-{token}\">{head}{size}<tt:Quality>4</tt:Quality>\
         <tt:RateControl><tt:FrameRateLimit>{rate}</tt:FrameRateLimit>\
         <tt:EncodingInterval>1</tt:EncodingInterval><tt:BitrateLimit>{bitrate}</tt:BitrateLimit></tt:RateControl>\
         <tt:H264><tt:GovLength>30</tt:GovLength><tt:H264Profile>High</tt:H264Profile></tt:H264>\
         <tt:Multicast><tt:Address><tt:Type>IPv4</tt:Type><tt:IPv4Address>0.0.0.0</tt:IPv4Address></tt:Address>\
         <tt:Port>0</tt:Port><tt:TTL>0</tt:TTL><tt:AutoStart>false</tt:AutoStart></tt:Multicast>\
         <tt:SessionTimeout>PT60S</tt:SessionTimeout></{element}>"
    )
}

fn options(is_second: bool) -> String {
    let sizes: String = PROFILES
        .iter()
        .map(|(_, _, width, height, ..)| {
            format!(
                "<tt:ResolutionsAvailable><tt:Width>{width}</tt:Width><tt:Height>{height}</tt:Height></tt:ResolutionsAvailable>"
            )
        })
        .collect();
    let range = |name: &str, min: u32, max: u32| {
        format!("<tt:{name}><tt:Min>{min}</tt:Min><tt:Max>{max}</tt:Max></tt:{name}>")
    };
    if is_second {
        return format!(
            "<tr2:Options GovLengthRange=\"1 100\" FrameRatesSupported=\"30 15 10\" ProfilesSupported=\"Main High\">\
             <tt:Encoding>H264</tt:Encoding>{}{sizes}{}</tr2:Options>",
            range("QualityRange", 1, 6),
            range("BitrateRange", 64, 4096)
        );
    }
    let inside = format!(
        "{sizes}{}{}{}<tt:H264ProfilesSupported>High</tt:H264ProfilesSupported>",
        range("GovLengthRange", 1, 100),
        range("FrameRateRange", 1, 30),
        range("EncodingIntervalRange", 1, 1)
    );
    format!(
        "<trt:Options>{}<tt:H264>{inside}</tt:H264><tt:Extension><tt:H264>{inside}{}</tt:H264></tt:Extension></trt:Options>",
        range("QualityRange", 1, 6),
        range("BitrateRange", 64, 4096)
    )
}
