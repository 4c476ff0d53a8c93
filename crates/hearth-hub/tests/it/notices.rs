//! What devices tell by themselves: a button on a line of the machine, a doorbell in the network.

use hearth_hub::{DeviceName, Family, NewDevice};
use hearth_model::{EventBody, VisitTrigger};
use hearth_sim::{OnvifDevice, OnvifEvent, OnvifSpec, SimulatedButton};

use crate::{
    devices,
    home::Home,
    people::door,
    watching::{add, allowed, allowed_on, fact, facts, house, poll, still_camera, until_live},
};

pub(crate) fn device(name: &str, family: Family, address: &str) -> NewDevice {
    NewDevice {
        name: DeviceName::new(name).expect("a name"),
        room: None,
        family,
        address: address.parse().expect("an address"),
        account: None,
        camera: None,
        fingerprint: None,
    }
}

fn press(button: &SimulatedButton) {
    button.switch(true, 7);
}

/// promise: D-21, D-22. A button of the machine rings once for each press however its contact
/// bounces, its lamp shows it, and its lines are let go with the devices.
#[tokio::test(flavor = "multi_thread")]
async fn a_button_of_the_machine_rings() {
    let home = Home::new();
    let (hub, board) = home.start_with_board().await;
    let button = device("Bell", Family::GpioButton, "gpiochip0/17,low,up");
    let bell = devices::add(&hub, button).await.id;
    let lamp = devices::add(&hub, device("Lamp", Family::GpioLamp, "gpiochip0/18")).await.id;
    assert!(!board.button.is_free() && !board.lamp.is_free(), "claimed");
    let unnamed = hub.add_device(allowed(&hub), device("Air", Family::BoardSensor, "board")).await;
    assert!(unnamed.expect_err("which?").fault.message.contains("iio:device0"));
    let air = device("Air", Family::BoardSensor, "board/iio:device0");
    let air = devices::add(&hub, air).await;
    assert!(air.readings.iter().any(|reading| reading.key == "humidity"), "{air:?}");
    press(&board.button);
    let rung = fact(&hub, "a ring", |body| matches!(body, EventBody::Ring { .. })).await;
    let EventBody::Ring { camera, device: by, name } = rung.detail.body else { panic!("a ring") };
    assert_eq!((camera, by, name.as_str()), (None, Some(bell), "Bell"));
    poll("the lamp blinks", async || board.lamp.shown().contains(&false).then_some(())).await;
    let again = device("Other", Family::GpioButton, "gpiochip0/17");
    let refused = hub.add_device(allowed(&hub), again).await.expect_err("somebody has it");
    assert_eq!(refused.code, "device_unreachable");
    for id in [bell, lamp] {
        hub.remove_device(allowed(&hub), id).await.expect("removed");
    }
    assert!(board.button.is_free() && board.lamp.is_free(), "let go");
    let rings = facts(&hub).await;
    let rings = rings.iter().filter(|body| matches!(body, EventBody::Ring { .. })).count();
    assert_eq!(rings, 1, "bounces are one press");
    hub.shutdown().await;
}

/// promise: D-22. The red lamp is dark until a camera is not seen through, and a chime sounds once for
/// each ring.
#[tokio::test(flavor = "multi_thread")]
async fn lamps_and_chimes_of_the_machine_each_show_their_own() {
    let (home, cameras) = (Home::new(), house(vec![still_camera("door")]).await);
    let (hub, board) = home.start_with_board().await;
    let door = door(&hub, &cameras, "door", false).await;
    until_live(&hub, door).await;
    let red = device("Red", Family::GpioLampAlert, "gpiochip0/20");
    let red = devices::add(&hub, red).await.id;
    poll("it is dark", async || (!board.lamp.shown().is_empty()).then_some(())).await;
    assert!(!board.lamp.shown().contains(&true), "all is well");
    cameras.stop().await;
    poll("it flashes", async || board.lamp.shown().contains(&true).then_some(())).await;
    hub.remove_device(allowed(&hub), red).await.expect("removed");

    let mut chime = device("Chime", Family::GpioChime, "gpiochip0/21");
    chime.camera = Some(door);
    let heard = board.lamp.shown().len();
    devices::add(&hub, chime).await;
    for ring in 1..=2 {
        hub.ring(allowed_on(&hub, door), VisitTrigger::Button).await.expect("rung");
        poll("it sounds", async || {
            let strokes = board.lamp.shown()[heard..].iter().filter(|is_on| **is_on).count();
            let is_over = board.lamp.shown().last() == Some(&false);
            (strokes == ring && is_over).then_some(())
        })
        .await;
    }
    hub.shutdown().await;
}

/// promise: D-22. A doorbell in the network rings at the camera it belongs to, its detections are
/// told as what they are, and it is let go with the device.
#[tokio::test(flavor = "multi_thread")]
async fn a_doorbell_rings_at_its_camera() {
    let (home, cameras) = (Home::new(), house(vec![still_camera("door")]).await);
    let spec = OnvifSpec { encrypted: true, ..OnvifSpec::new("bell") };
    let bell = OnvifDevice::start(spec.clone()).await.expect("it starts");
    let hub = home.start().await;
    let door = add(&hub, &cameras, "door").await;
    let address = bell.url().split_once("://").expect("a scheme").1.to_owned();
    let mut new = device("Doorbell", Family::Onvif, &address);
    new.account = Some((spec.username, spec.password.as_str().into()));
    new.camera = Some(door);
    let id = devices::add(&hub, new).await.id;
    poll("a subscription", async || (bell.subscriptions() == 1).then_some(())).await;
    bell.notice(OnvifEvent::Doorbell(true));
    bell.notice(OnvifEvent::Doorbell(false));
    let rung = fact(&hub, "a ring", |body| matches!(body, EventBody::Ring { .. })).await;
    assert_eq!((rung.camera, rung.detail.body.camera()), (Some(door), Some(door)));
    bell.notice(OnvifEvent::Person(true));
    fact(&hub, "a person", |body| {
        matches!(body, EventBody::DeviceNoticed { what, camera, .. }
            if what == "person" && *camera == Some(door))
    })
    .await;
    hub.remove_camera(allowed_on(&hub, door)).await.expect("removed");
    let left = hub.device(&allowed(&hub), id).expect("it stays");
    assert_eq!(left.camera, None, "it belongs to a camera that is gone");
    hub.remove_device(allowed(&hub), id).await.expect("removed");
    assert_eq!(bell.subscriptions(), 0, "it takes its subscription with it");
    hub.shutdown().await;
}
