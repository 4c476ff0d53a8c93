use std::time::Duration;

use proptest::prelude::*;

use super::*;

fn read<O: Operation>(inside: &str) -> Result<O::Answer, AnswerError> {
    let device = "http://192.168.1.9/onvif/device_service".parse().expect("valid");
    let answer =
        format!("<Envelope><Body><{0}Response>{inside}</{0}Response></Body></Envelope>", O::NAME);
    crate::soap::response::<O>(answer.as_bytes(), &device)
}

/// Moves at any speed, goes to pan -0.5..0.5, and cannot zoom.
fn node() -> Node {
    let range = |name: &str, min: f32, max: f32| {
        format!("<{name}><Min>{min}</Min><Max>{max}</Max></{name}>")
    };
    let plane = |name: &str, x: f32| {
        format!("<{name}>{}{}</{name}>", range("XRange", -x, x), range("YRange", -1.0, 1.0))
    };
    let inside = format!(
        "<PTZNode token='n'><Name>node</Name><SupportedPTZSpaces>{}{}</SupportedPTZSpaces>\
         <MaximumNumberOfPresets>8</MaximumNumberOfPresets><HomeSupported>true</HomeSupported></PTZNode>",
        plane("AbsolutePanTiltPositionSpace", 0.5),
        plane("ContinuousPanTiltVelocitySpace", 1.0),
    );
    read::<GetNodes>(&inside).expect("read").remove(0)
}

fn profile() -> Token {
    "p".parse().expect("a token")
}

fn pan(x: f32) -> Vector {
    Vector { pan_tilt: Some((x, 0.0)), zoom: None }
}

#[test]
fn a_node_tells_its_limits() {
    let node = node();
    assert_eq!(node.presets_max, 8);
    assert!(node.has_home);
    assert_eq!(node.absolute.pan_tilt.map(|plane| plane.x), Some(Range { min: -0.5, max: 0.5 }));
    assert_eq!((node.relative, node.continuous.zoom), (Limits::default(), None));
}

/// promise: K-02. What the node cannot do never becomes a request.
#[test]
fn moves_are_checked_against_the_node() {
    let (node, second) = (node(), Duration::from_secs(1));
    assert!(AbsoluteMove::new(profile(), &node, pan(0.5)).is_ok());
    assert!(AbsoluteMove::new(profile(), &node, pan(0.51)).is_err());
    assert!(RelativeMove::new(profile(), &node, pan(0.1)).is_err());
    assert!(ContinuousMove::new(profile(), &node, pan(1.0), second).is_ok());
    let zoom = Vector { pan_tilt: None, zoom: Some(0.5) };
    assert!(ContinuousMove::new(profile(), &node, zoom, second).is_err());
    assert!(ContinuousMove::new(profile(), &node, pan(1.0), Duration::from_secs(61)).is_err());
    assert!(ContinuousMove::new(profile(), &node, pan(1.0), Duration::ZERO).is_err());
}

#[test]
fn what_cannot_move_is_left_out() {
    let still = Vector { pan_tilt: Some((0.25, 0.0)), zoom: Some(0.0) };
    let command =
        ContinuousMove::new(profile(), &node(), still, Duration::from_secs(2)).expect("possible");
    let written = crate::soap::request(&command, None, None);
    assert!(written.contains("<tt:PanTilt x=\"0.25\" y=\"0\"></tt:PanTilt>"), "{written}");
    assert!(written.contains("<o:Timeout>PT2S</o:Timeout>"));
    assert!(!written.contains("Zoom"));
}

#[test]
fn status_and_presets_are_read() {
    let status = read::<GetStatus>(
        "<PTZStatus><Position><PanTilt x='0.5' y='-1'/><Zoom x='0'/></Position>\
         <MoveStatus><PanTilt>MOVING</PanTilt><Zoom>UNKNOWN</Zoom></MoveStatus></PTZStatus>",
    )
    .expect("read");
    let position = Vector { pan_tilt: Some((0.5, -1.0)), zoom: Some(0.0) };
    assert_eq!(status.position, Some(position));
    assert_eq!((status.is_panning, status.is_zooming), (Some(true), None));
    let presets = read::<GetPresets>("<Preset token='1'><Name>door</Name></Preset>").expect("read");
    assert_eq!(presets.first().map(|one| one.name.as_str()), Some("door"));
    let endless = "<PTZStatus><Position><Zoom x='inf'/></Position></PTZStatus>";
    assert_eq!(read::<GetStatus>(endless), Err(AnswerError::Malformed("x")));
}

proptest! {
    /// promise: K-02. Whatever numbers are given, what is sent is inside the limits.
    #[test]
    fn what_is_sent_is_inside(x: f32, y: f32, zoom: Option<f32>) {
        let node = node();
        let vector = Vector { pan_tilt: Some((x, y)), zoom };
        if ContinuousMove::new(profile(), &node, vector, Duration::from_secs(1)).is_ok() {
            prop_assert!(x.abs() <= 1.0 && y.abs() <= 1.0 && zoom.is_none_or(|zoom| zoom == 0.0));
        }
    }
}
