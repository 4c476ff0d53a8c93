//! What a device is asked and told when all is well.

use std::time::Duration;

use hearth_onvif::{
    Service,
    device::{
        GetDeviceInformation, GetHostname, GetNetworkInterfaces, GetNetworkProtocols, GetUsers,
        SystemReboot,
    },
    imaging::{GetImagingSettings, GetOptions, ImagingChange, SetImagingSettings},
    media::{
        GetEncoderOptions, GetEncoderOptions2, GetEncoders, GetEncoders2, GetProfiles,
        GetProfiles2, GetSnapshotUri, GetSnapshotUri2, GetStreamUri, GetStreamUri2,
        StreamTransport,
    },
    ptz::{
        AbsoluteMove, ContinuousMove, GetNodes, GetPresets, GetStatus, GotoHomePosition,
        GotoPreset, RelativeMove, RemovePreset, SetPreset, Stop, Vector,
    },
};
use hearth_sim::{OnvifAccess, OnvifSpec};

use crate::support::{connect, device, start, token};

#[tokio::test]
async fn a_device_tells_what_it_is() {
    let simulated = device(OnvifAccess::Digest).await;
    let device = connect(&simulated).await.expect("it answers");
    let information = device.ask(&GetDeviceInformation).await.expect("an answer");
    assert_eq!(information.manufacturer, "Hearthwatch (simulated)");
    assert_eq!(information.model, "door");
    assert_eq!(device.services().offered().count(), 6);
    let host = device.ask(&GetHostname).await.expect("an answer");
    assert_eq!(host.name.as_deref(), Some("door"));
    let users = device.ask(&GetUsers).await.expect("an answer");
    assert_eq!(users.first().map(|user| user.level.as_str()), Some("Administrator"));
    let interfaces = device.ask(&GetNetworkInterfaces).await.expect("an answer");
    assert_eq!(
        interfaces.first().map(|one| one.ipv4.clone()),
        Some(vec!["127.0.0.1/8".to_owned()])
    );
    let protocols = device.ask(&GetNetworkProtocols).await.expect("an answer");
    assert_eq!(protocols.first().map(|one| one.name.as_str()), Some("HTTP"));
    assert!(device.ask(&SystemReboot).await.expect("an answer").contains("simulated"));
}

#[tokio::test]
async fn both_editions_of_the_media_service_agree() {
    let simulated = device(OnvifAccess::UsernameToken).await;
    let device = connect(&simulated).await.expect("it answers");
    let profiles = device.ask(&GetProfiles).await.expect("an answer");
    assert_eq!(profiles, device.ask(&GetProfiles2).await.expect("an answer"));
    assert_eq!(profiles.len(), 2);
    let main = profiles.first().expect("two");
    let encoder = main.encoder.as_ref().expect("there");
    assert_eq!(encoder.resolution.map(|size| (size.width, size.height)), Some((1920, 1080)));
    let profile = main.token.clone();
    let stream = device.ask(&GetStreamUri { profile: profile.clone() }).await.expect("an answer");
    assert_eq!(stream.to_string(), "rtsp://127.0.0.1:8554/main");
    let transport = StreamTransport::Rtsp;
    let second = GetStreamUri2 { profile: profile.clone(), transport };
    assert_eq!(device.ask(&second).await.expect("an answer"), stream);
    let picture =
        device.ask(&GetSnapshotUri { profile: profile.clone() }).await.expect("an answer");
    let second = device.ask(&GetSnapshotUri2 { profile }).await.expect("an answer");
    assert_eq!(picture, second);
    let encoders = device.ask(&GetEncoders).await.expect("an answer");
    assert_eq!(encoders, device.ask(&GetEncoders2).await.expect("an answer"));
    let encoder = encoder.token.clone();
    let options =
        device.ask(&GetEncoderOptions { encoder: encoder.clone() }).await.expect("an answer");
    assert!(options.iter().all(|one| one.resolutions.len() == 2));
    assert_eq!(device.ask(&GetEncoderOptions2 { encoder }).await.expect("an answer").len(), 1);
}

#[tokio::test]
async fn a_picture_is_fetched_with_a_proof() {
    let simulated = device(OnvifAccess::UsernameToken).await;
    let device = connect(&simulated).await.expect("it answers");
    let url = device.ask(&GetSnapshotUri { profile: token("main") }).await.expect("an answer");
    let picture = device.picture(&url).await.expect("a picture");
    assert!(picture.starts_with(&[0xFF, 0xD8]) && picture.ends_with(&[0xFF, 0xD9]));
}

#[tokio::test]
async fn a_head_turns_and_remembers() {
    let simulated = device(OnvifAccess::DigestSha256).await;
    let device = connect(&simulated).await.expect("it answers");
    let profile = token("main");
    let nodes = device.ask(&GetNodes).await.expect("an answer");
    let node = nodes.first().expect("one");
    let to = Vector { pan_tilt: Some((0.5, -0.25)), zoom: Some(0.75) };
    let command = AbsoluteMove::new(profile.clone(), node, to).expect("possible");
    device.ask(&command).await.expect("done");
    assert_eq!(simulated.position(), (0.5, -0.25, 0.75));
    let name = token("gate <1>");
    let set = SetPreset { profile: profile.clone(), name: name.clone(), preset: None };
    let preset = device.ask(&set).await.expect("done");
    let step = Vector { pan_tilt: Some((0.25, 0.25)), zoom: None };
    let command = RelativeMove::new(profile.clone(), node, step).expect("possible");
    device.ask(&command).await.expect("done");
    assert_eq!(simulated.position(), (0.75, 0.0, 0.75));
    device.ask(&GotoHomePosition { profile: profile.clone() }).await.expect("done");
    let presets = device.ask(&GetPresets { profile: profile.clone() }).await.expect("an answer");
    assert_eq!(presets.first().map(|one| one.name.clone()), Some(name.to_string()));
    let go = GotoPreset { profile: profile.clone(), preset: preset.clone() };
    device.ask(&go).await.expect("done");
    let status = device.ask(&GetStatus { profile: profile.clone() }).await.expect("an answer");
    assert_eq!((status.position, status.is_panning), (Some(to), Some(false)));
    device.ask(&RemovePreset { profile, preset }).await.expect("done");
    let error = device.ask(&go).await.expect_err("it is forgotten");
    assert_eq!(error.code(), "fault");
}

#[tokio::test]
async fn a_continuous_move_goes_on_until_it_is_stopped() {
    let simulated = device(OnvifAccess::Open).await;
    let device = connect(&simulated).await.expect("it answers");
    let profile = token("main");
    let nodes = device.ask(&GetNodes).await.expect("an answer");
    let speed = Vector { pan_tilt: Some((1.0, 0.0)), zoom: Some(0.0) };
    let node = nodes.first().expect("one");
    let command = ContinuousMove::new(profile.clone(), node, speed, Duration::from_secs(30))
        .expect("possible");
    device.ask(&command).await.expect("done");
    let status = device.ask(&GetStatus { profile: profile.clone() }).await.expect("an answer");
    assert_eq!(status.is_panning, Some(true));
    device.ask(&Stop { profile: profile.clone() }).await.expect("done");
    let status = device.ask(&GetStatus { profile }).await.expect("an answer");
    assert_eq!(status.is_panning, Some(false));
    assert!(simulated.position().0 > 0.0);
}

#[tokio::test]
async fn a_picture_is_made_brighter() {
    let simulated = device(OnvifAccess::UsernameToken).await;
    let device = connect(&simulated).await.expect("it answers");
    let source = token("source");
    let options = device.ask(&GetOptions { source: source.clone() }).await.expect("an answer");
    let change = ImagingChange {
        brightness: Some(70.0),
        ir_cut_filter: Some("OFF".to_owned()),
        ..Default::default()
    };
    let command = SetImagingSettings::new(source.clone(), change, &options).expect("possible");
    device.ask(&command).await.expect("done");
    let settings = device.ask(&GetImagingSettings { source }).await.expect("an answer");
    assert_eq!((settings.brightness, settings.contrast), (Some(70.0), Some(50.0)));
    assert_eq!(settings.ir_cut_filter.as_deref(), Some("OFF"));
}

#[tokio::test]
async fn what_a_device_does_not_have_is_said_and_not_asked() {
    let simulated =
        start(OnvifSpec { has_ptz: false, has_media2: false, ..OnvifSpec::new("door") }).await;
    let device = connect(&simulated).await.expect("it answers");
    let before = simulated.seen().len();
    let error = device.ask(&GetNodes).await.expect_err("it cannot move");
    assert_eq!(error, hearth_onvif::Error::NotOffered(Service::Ptz));
    assert!(error.is_not_supported());
    assert!(device.ask(&GetProfiles2).await.is_err());
    assert_eq!(simulated.seen().len(), before);
}
