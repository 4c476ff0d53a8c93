use super::*;

fn read<O: Operation>(inside: &str) -> Result<O::Answer, AnswerError> {
    let device = "http://192.168.1.9/onvif/device_service".parse().expect("valid");
    let answer =
        format!("<Envelope><Body><{0}Response>{inside}</{0}Response></Body></Envelope>", O::NAME);
    crate::soap::response::<O>(answer.as_bytes(), &device)
}

#[test]
fn both_editions_tell_the_same_profile() {
    let first = read::<GetProfiles>(
        "<Profiles token='p1' fixed='true'><Name>main</Name>\
         <VideoSourceConfiguration token='vsc'><SourceToken>vs</SourceToken></VideoSourceConfiguration>\
         <VideoEncoderConfiguration token='e1'><Name>enc</Name><Encoding>H264</Encoding>\
         <Resolution><Width>1920</Width><Height>1080</Height></Resolution>\
         <RateControl><FrameRateLimit>15</FrameRateLimit><BitrateLimit>2048</BitrateLimit></RateControl>\
         <H264><GovLength>30</GovLength><H264Profile>High</H264Profile></H264></VideoEncoderConfiguration>\
         <AudioEncoderConfiguration><Encoding>G711</Encoding></AudioEncoderConfiguration>\
         <PTZConfiguration><NodeToken>node</NodeToken></PTZConfiguration></Profiles>",
    );
    let second = read::<GetProfiles2>(
        "<Profiles token='p1'><Name>main</Name><Configurations>\
         <VideoSource token='vsc'><SourceToken>vs</SourceToken></VideoSource>\
         <VideoEncoder token='e1' GovLength='30' Profile='High'><Name>enc</Name><Encoding>H264</Encoding>\
         <Resolution><Width>1920</Width><Height>1080</Height></Resolution>\
         <RateControl><FrameRateLimit>15.0</FrameRateLimit><BitrateLimit>2048</BitrateLimit></RateControl></VideoEncoder>\
         <AudioEncoder><Encoding>G711</Encoding></AudioEncoder>\
         <PTZ><NodeToken>node</NodeToken></PTZ></Configurations></Profiles>",
    );
    assert_eq!(first, second);
    let profiles = first.expect("read");
    let encoder = profiles.first().and_then(|one| one.encoder.as_ref()).expect("there");
    assert_eq!((encoder.frame_rate, encoder.bitrate_kbit), (Some(15.0), Some(2048)));
    assert_eq!((encoder.group_length, encoder.codec_profile.as_deref()), (Some(30), Some("High")));
}

/// promise: K-03. Numbers that do not fit are errors.
#[test]
fn nonsense_in_a_profile_is_an_error() {
    assert_eq!(read::<GetProfiles>("<Profiles/>"), Err(AnswerError::Missing("token")));
    assert_eq!(read::<GetProfiles>("<Profiles token=''/>"), Err(AnswerError::Malformed("token")));
    let inside = "<Profiles token='p'><VideoEncoderConfiguration token='e'><Encoding>H264</Encoding>\
                  <Resolution><Width>99999</Width><Height>1</Height></Resolution>\
                  </VideoEncoderConfiguration></Profiles>";
    assert_eq!(read::<GetProfiles>(inside), Err(AnswerError::Malformed("Width")));
}

#[test]
fn stream_addresses_lose_credentials_and_stay_on_the_device() {
    let inside = |url: &str| format!("<MediaUri><Uri>{url}</Uri></MediaUri>");
    let url = read::<GetStreamUri>(&inside("rtsp://admin:pw@192.168.1.9:554/s?a=1&amp;b=2"));
    assert_eq!(url.map(|url| url.to_string()).as_deref(), Ok("rtsp://192.168.1.9:554/s?a=1&b=2"));
    for foreign in ["rtsp://elsewhere.example/s", "file:///etc/passwd"] {
        assert_eq!(read::<GetStreamUri>(&inside(foreign)), Err(AnswerError::ForeignUrl));
        let second = format!("<Uri>{foreign}</Uri>");
        assert_eq!(read::<GetStreamUri2>(&second), Err(AnswerError::ForeignUrl));
        assert_eq!(read::<GetSnapshotUri>(&inside(foreign)), Err(AnswerError::ForeignUrl));
    }
}

#[test]
fn options_of_both_editions_are_ranges() {
    let first = read::<GetEncoderOptions>(
        "<Options><H264><ResolutionsAvailable><Width>640</Width><Height>360</Height></ResolutionsAvailable>\
         <GovLengthRange><Min>1</Min><Max>100</Max></GovLengthRange>\
         <FrameRateRange><Min>1</Min><Max>30</Max></FrameRateRange></H264>\
         <Extension><H264><BitrateRange><Min>64</Min><Max>4096</Max></BitrateRange></H264></Extension></Options>",
    );
    let second = read::<GetEncoderOptions2>(
        "<Options GovLengthRange='1 100' FrameRatesSupported='30 15 1'><Encoding>H264</Encoding>\
         <ResolutionsAvailable><Width>640</Width><Height>360</Height></ResolutionsAvailable>\
         <BitrateRange><Min>64</Min><Max>4096</Max></BitrateRange></Options>",
    );
    assert_eq!(first, second);
    let upside_down = "<Options><H264><FrameRateRange><Min>30</Min><Max>1</Max></FrameRateRange></H264></Options>";
    assert_eq!(read::<GetEncoderOptions>(upside_down), Err(AnswerError::Malformed("a range")));
}
