//! Every call of the reference library.

use hearth_netatmo::{Error, HomeId, Outcome, RoomId, TrueTemperature};

use crate::{KITCHEN, kitchen, start};

fn degrees(degrees: f64) -> TrueTemperature {
    TrueTemperature::new(degrees).expect("in range")
}

#[tokio::test]
async fn homes_state_and_rooms_are_read() {
    let (_netatmo, client) = start().await;
    let homes = client.homes().await.expect("homes");
    assert_eq!((homes.len(), homes[0].rooms.len()), (1, 4));
    assert_eq!(homes[0].modules[0].kind, "NATherm1");
    let status = client.status(None).await.expect("a state");
    assert_eq!(status.id, homes[0].id);
    let same = client.status(Some(&homes[0].id)).await.expect("a state");
    assert_eq!(status, same);
    let rooms = client.rooms(Some(&homes[0].id)).await.expect("rooms");
    let read: Vec<(&str, f64)> =
        rooms.iter().map(|room| (room.name.as_str(), room.measured.degrees())).collect();
    assert_eq!(read, [("Kitchen", 20.4), ("Bedroom", 17.9), ("Bedroom", 18.5)]);
}

#[tokio::test]
async fn a_true_temperature_is_set_once() {
    let (netatmo, client) = start().await;
    let set = client.set_true_temperature(None, &kitchen(), degrees(19.2)).await.expect("done");
    assert_eq!((set.outcome, set.is_large), (Outcome::Corrected, false));
    assert_eq!(netatmo.corrections(), [(KITCHEN.to_owned(), 20.4, 19.2)]);
    let again = client.set_true_temperature(None, &kitchen(), degrees(19.25)).await.expect("done");
    assert_eq!(again.outcome, Outcome::AlreadyTrue);
    assert_eq!(again.epoch_seconds, Some(1_700_000_000));
    assert_eq!(netatmo.corrections().len(), 1);
}

#[tokio::test]
async fn a_large_correction_is_made_and_marked() {
    let (netatmo, client) = start().await;
    let set = client.set_true_temperature(None, &kitchen(), degrees(-5.0)).await.expect("done");
    assert_eq!((set.outcome, set.is_large), (Outcome::Corrected, true));
    assert_eq!(netatmo.corrections().len(), 1);
}

/// promise: N-08. A room that is not there, or measures nothing, changes nothing.
#[tokio::test]
async fn a_room_that_cannot_be_corrected_changes_nothing() {
    let (netatmo, client) = start().await;
    let room = |id| RoomId::new(id).expect("an id");
    let none = client.set_true_temperature(None, &room("1"), degrees(20.0)).await;
    assert_eq!(none, Err(Error::NoSuchRoom));
    let cellar = client.set_true_temperature(None, &room("9876543210"), degrees(20.0)).await;
    assert_eq!(cellar, Err(Error::NotMeasured));
    let elsewhere = HomeId::new("5f0c").expect("an id");
    assert_eq!(client.rooms(Some(&elsewhere)).await, Err(Error::NoSuchHome));
    let wrong = client.set_true_temperature(Some(&elsewhere), &kitchen(), degrees(20.0)).await;
    assert_eq!(wrong, Err(Error::Vendor { status: 404, code: Some(9) }));
    assert!(netatmo.corrections().is_empty());
}

/// promise: N-08. Values out of range are refused before anything is sent, not even a sign-in.
#[tokio::test]
async fn bad_values_reach_nobody() {
    let (netatmo, _client) = start().await;
    assert!(TrueTemperature::new(50.1).is_err());
    assert!(RoomId::new(" ").is_err());
    assert!(HomeId::new("1&x=2").is_err());
    assert_eq!(netatmo.counts(), hearth_sim::NetatmoCounts::default());
}
