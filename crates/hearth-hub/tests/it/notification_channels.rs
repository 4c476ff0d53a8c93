//! Channels that are replaced, deaf, slow or out of room.

use hearth_hub::{ChannelSettings, MatterKind, NewChannel, NewRecipient, Origin, Subscribed};
use hearth_model::Severity;
use hearth_sim::NotifyFault;

use crate::{
    home::{HOUR, Home, SECOND},
    notifications::{Told, is, managing, matter, recipient, ring},
    watching::poll,
};

fn channel(told: &Told, token: &str) -> NewChannel {
    NewChannel {
        name: "Family bot".to_owned(),
        enabled: true,
        settings: ChannelSettings::Telegram { api_url: told.api.url() },
        secret: Some(token.into()),
        private_network: false,
        certificate: Some(told.api.certificate_sha256().parse().expect("a fingerprint")),
    }
}

/// A ring after somebody came must be heard: it is a message of its own. What was known to be on a
/// picture and not shown yet is shown with the news.
#[tokio::test(flavor = "multi_thread")]
async fn a_ring_is_heard_and_a_picture_is_not_lost_with_news() {
    let told = Told::new().await;
    let visits =
        Subscribed { kind: MatterKind::Visit, severity: Severity::Info, cameras: Vec::new() };
    let mut ben = recipient("Ben", told.channel, Some("1"));
    ben.matters.push(visits);
    told.add(ben).await;
    told.hub.notify(matter(MatterKind::Visit, Severity::Info, "vis_1")).await;
    told.until_sent(1).await;
    told.api.fault(NotifyFault::Failing);
    let mut rang = matter(MatterKind::Ring, Severity::Info, "vis_1");
    rang.picture = Some(vec![0xff, 0xd8, 1, 2, 3].into());
    told.hub.notify(rang.clone()).await;
    told.api.wait_for_tries(2).await;
    rang.picture = None;
    rang.title = "Anna Example rings".to_owned();
    told.hub.notify(rang).await;
    told.api.fault(NotifyFault::None);
    told.home.step_clock(HOUR);
    told.until_sent(1).await;
    let taken = told.api.wait_for(2).await;
    let shown = &taken[1];
    assert_eq!((shown.method.as_str(), shown.is_quiet), ("sendPhoto", false));
    assert!(shown.text.contains("Anna Example rings") && shown.picture.is_some(), "{shown:?}");
    told.hub.shutdown().await;
    assert_eq!(told.api.taken().len(), 2);
}

/// What is taken while the hub ends is not told again by the next run.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_on_its_way_when_the_hub_ends_is_not_told_twice() {
    let told = Told::new().await;
    told.add_chat("Ben", "1").await;
    told.api.fault(NotifyFault::Slow);
    told.hub.notify(ring(1)).await;
    told.api.wait_for(1).await;
    told.hub.shutdown().await;
    let Told { home, hub, api, channel } = told;
    drop(hub);
    api.fault(NotifyFault::None);
    let hub = home.start().await;
    let told = Told { home, hub, api, channel };
    assert!(told.deliveries().await.iter().all(|one| is(one, "sent")));
    told.hub.notify(ring(2)).await;
    told.until_sent(2).await;
    assert_eq!(told.api.taken().len(), 2);
    told.hub.shutdown().await;
}

/// A bot that cannot be asked for commands says so, and is heard again soon; what is sent through it
/// is another matter.
#[tokio::test(flavor = "multi_thread")]
async fn a_deaf_bot_still_speaks_and_is_heard_again() {
    let told = Told::new().await;
    told.api.conflict(true);
    told.add(NewRecipient { commands: true, ..recipient("Ben", told.channel, Some("1")) }).await;
    told.api.wait_for_questions(1).await;
    told.hub.notify(ring(1)).await;
    told.until_sent(1).await;
    let view = || told.hub.channels(&managing(&told.hub)).remove(0);
    poll("it is said that it is deaf", async || {
        view().last_error.filter(|text| text.contains("Commands are not heard"))
    })
    .await;
    assert_eq!(view().state, hearth_hub::ChannelState::Working);
    told.api.conflict(false);
    told.api.write(1, "/status", told.now().as_micros() / SECOND);
    told.api.wait_for(2).await;
    assert_eq!(view().last_error, None);
    told.hub.shutdown().await;
}

/// What was read belongs to the bot: another one behind the same channel is heard from its first
/// message on.
#[tokio::test(flavor = "multi_thread")]
async fn a_new_bot_is_heard_from_the_beginning() {
    let told = Told::new().await;
    told.add(NewRecipient { commands: true, ..recipient("Ben", told.channel, Some("1")) }).await;
    let write = || told.api.write(1, "/help", told.now().as_micros() / SECOND);
    (0..3).for_each(|_| write());
    told.api.wait_for(3).await;
    let other = "654321:AnotherBotsToken";
    told.api.become_bot(other);
    write();
    let changed = channel(&told, other);
    told.hub.set_channel(&managing(&told.hub), told.channel, changed).await.expect("changed");
    told.api.wait_for(4).await;
    told.hub.shutdown().await;
}

/// Whatever people subscribe to: what is set up stays small enough to be written down, and who
/// manages the house can still change it.
#[tokio::test(flavor = "multi_thread")]
async fn recipients_fill_no_more_room_than_there_is() {
    let told = Told::new().await;
    let cameras: Vec<_> = (0..64).map(|_| hearth_model::CameraId::new()).collect();
    let large = Subscribed { kind: MatterKind::Ring, severity: Severity::Info, cameras };
    let grant = managing(&told.hub);
    let mut added = Vec::new();
    let refused = loop {
        let matters = vec![large.clone(); 4];
        let new = NewRecipient { matters, ..recipient("Ben", told.channel, Some("1")) };
        match told.hub.add_recipient(&grant, new).await {
            Ok(view) => added.push(view.id),
            Err(error) => break error,
        }
    };
    assert_eq!(refused.code, "too_many");
    let muted = Some(told.now().plus_micros(HOUR));
    let settling = crate::notifications::settling(&told.hub);
    told.hub.set_mute(&settling, muted).await.expect("there is room for silence");
    told.hub.remove_recipient(&grant, added.remove(0)).await.expect("removed");
    told.add_chat("Anna", "2").await;
    told.hub.shutdown().await;
}

/// A chat gets the whole address, a machine elsewhere too.
#[tokio::test(flavor = "multi_thread")]
async fn a_link_leads_to_the_dashboard() {
    let home = Home::new();
    let mut config = home.config();
    let origin: Origin = "https://house.example:8443".parse().expect("an origin");
    config.settings.network.dashboard = Some(origin);
    let told = Told::with(home, config).await;
    told.add_chat("Ben", "1").await;
    told.hub.notify(ring(1)).await;
    let taken = told.api.wait_for(1).await;
    assert!(taken[0].text.ends_with("\nhttps://house.example:8443/visits/1"), "{}", taken[0].text);
    told.hub.shutdown().await;
}
