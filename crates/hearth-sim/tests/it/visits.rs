//! People come when they are told to.

use std::sync::Arc;

use hearth_sim::{Content, House, HouseSpec, Portrait};

use crate::{
    client::{Client, ask_control},
    small_camera,
};

/// A door at which nobody is, and somebody who may come.
async fn house() -> House {
    let mut camera = small_camera("door");
    if let Content::Scene(reel) = &mut camera.main {
        reel.scene.crossings = Some(Vec::new());
    }
    let portrait = Portrait::new(2, 2, vec![120; 12]).expect("four pixels");
    let mut spec = HouseSpec::new("Test house", vec![camera]);
    spec.portraits = vec![Arc::new(portrait)];
    House::start(spec).await.expect("a house")
}

#[tokio::test]
async fn people_come_when_they_are_told_to_and_one_visit_at_a_time() {
    let house = house().await;
    let mut client = Client::playing(&house.camera("door").expect("the camera")).await;
    client.media().await.expect("media");
    let come = async |camera: &str, body: &str| {
        let length = body.len();
        let head = format!("POST /cameras/{camera}/visit HTTP/1.1\r\nHost: h");
        ask_control(&house, format!("{head}\r\nContent-Length: {length}\r\n\r\n{body}")).await
    };
    let one = r#"{"people":[{"portrait":0,"height":0.8}],"seconds":1}"#;
    assert!(come("none", one).await.starts_with("HTTP/1.1 404"));
    assert!(come("door", r#"{"people":"all"}"#).await.starts_with("HTTP/1.1 400"));
    let nobody = r#"{"people":[{"portrait":7}],"seconds":1}"#;
    assert!(come("door", nobody).await.starts_with("HTTP/1.1 409"));
    let begun = come("door", one).await;
    assert!(begun.starts_with("HTTP/1.1 200") && begun.contains(r#""arrived":2.5"#), "{begun}");
    let busy = come("door", one).await;
    assert!(busy.starts_with("HTTP/1.1 409") && busy.contains("already"), "{busy}");
    client.media().await.expect("it shows them");
}
