//! Commands from chats with a bot: only from chats that may, each at most once, and none that is
//! old: what was right five minutes ago may be wrong now.

use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant},
};

use futures_util::future::join_all;
use hearth_audit::{Actor, ActorKind, Class, Entry, Origin, Outcome};
use hearth_auth::{Principal, ask};
use hearth_model::{CameraState, WallTime};
use hearth_notify::{Backoff, Command, Content, DeliveryError, Picture, Telegram, Update};
use tokio::time::sleep;

use super::{
    desk::bot,
    settings::{Kept, KeptChannel, KeptRecipient},
};
use crate::{Hub, house::House};

/// Setting that says what was read: channel id to number.
const READ: &str = "notification_commands_read";
/// A command that waited longer for the hub is not done any more.
const AGE_MAX_SECONDS: i64 = 300;
/// Time between two questions whether there are commands.
const ASK_EVERY_MIN: Duration = Duration::from_secs(1);
/// Cameras in one answer.
const CAMERAS_SAID_MAX: usize = 32;

/// Runs until the hub ends.
pub(crate) async fn answer_commands(house: Arc<House>) {
    let hub = Hub(Arc::clone(&house));
    let mut changes = house.desk.changes();
    loop {
        let kept = changes.borrow_and_update().clone();
        let bots = kept.channels.iter().filter_map(|channel| {
            let may_send = |one: &KeptRecipient| may_command(one, channel);
            let bot = channel.enabled.then(|| bot(channel, house.simulated)).flatten()?;
            kept.recipients.iter().any(may_send).then_some((channel, bot))
        });
        let listening = bots.map(|(channel, bot)| {
            let (kept, channel) = (Arc::clone(&kept), Arc::new(channel.clone()));
            listen(&hub, kept, channel, Arc::new(bot))
        });
        let listening = join_all(listening);
        tokio::select! {
            () = house.ended() => return,
            changed = changes.changed() => if changed.is_err() { return },
            // Ends only where there is nobody to listen to: then there is a change to wait for.
            _ = async { listening.await; std::future::pending::<()>().await } => {}
        }
    }
}

fn may_command(recipient: &KeptRecipient, channel: &KeptChannel) -> bool {
    recipient.enabled && recipient.commands && recipient.channel == channel.id
}

async fn listen(hub: &Hub, kept: Arc<Kept>, channel: Arc<KeptChannel>, bot: Arc<Telegram>) {
    let house = hub.house();
    let mut backoff = Backoff::default();
    let mut offset = read_so_far(house).await.get(&channel.id.to_string()).copied().unwrap_or(0);
    loop {
        let asked_at = Instant::now();
        let updates = match bot.updates(offset).await {
            Ok(updates) => updates,
            Err(error) => {
                house.desk.went(&channel, Err(&error), house.clock.wall_now());
                let asked = match &error {
                    DeliveryError::TryAgain { after, .. } => *after,
                    // Nothing changes until somebody sets it right, and that begins anew here.
                    _ => Some(Duration::from_secs(300)),
                };
                sleep(backoff.failed(asked, u32::MAX / 2)).await;
                continue;
            }
        };
        backoff.succeeded();
        for update in updates {
            offset = offset.max(update.id.saturating_add(1));
            // Noted first: a command that ends the hub is not found again by the next run.
            note_read(house, &channel, offset).await;
            let (hub, kept) = (hub.clone(), Arc::clone(&kept));
            let (channel, bot) = (Arc::clone(&channel), Arc::clone(&bot));
            // A task of its own: a command that changes settings must not cut off its own answer.
            let answered =
                tokio::spawn(async move { answer(&hub, &kept, &channel, &bot, &update).await });
            if let Err(error) = answered.await {
                tracing::error!(%error, "a command was not answered");
            }
        }
        // A service that holds no request open is not asked in a row without a pause.
        sleep(ASK_EVERY_MIN.saturating_sub(asked_at.elapsed())).await;
    }
}

async fn read_so_far(house: &House) -> BTreeMap<String, i64> {
    house.store.setting(READ).await.ok().flatten().unwrap_or_default()
}

async fn note_read(house: &House, channel: &KeptChannel, offset: i64) {
    let mut read = read_so_far(house).await;
    read.insert(channel.id.to_string(), offset);
    if let Err(error) = house.store.put_setting(READ, &read).await {
        tracing::warn!(%error, "how far a bot was read is not noted");
    }
}

/// Answers whoever may ask; says nothing to others, so that nobody learns what the bot is.
async fn answer(hub: &Hub, kept: &Kept, channel: &KeptChannel, bot: &Telegram, update: &Update) {
    let house = hub.house();
    let Some(chat) = update.chat else { return };
    let is_there = |one: &&KeptRecipient| {
        let address = one.address.as_ref().and_then(|text| text.expose().parse::<i64>().ok());
        may_command(one, channel) && address == Some(chat)
    };
    let Some(sender) = kept.recipients.iter().find(is_there) else {
        record(house, None, "command", Outcome::Denied);
        return;
    };
    let now = house.clock.wall_now().as_micros().div_euclid(1_000_000);
    let is_old = update.sent_at.is_some_and(|sent| now.saturating_sub(sent) > AGE_MAX_SECONDS);
    let Some(command) = Command::parse(&update.text).filter(|_| !is_old) else {
        let text = if is_old { "That was too long ago. Ask again." } else { Command::HELP };
        sent(bot.answer(chat, text).await);
        return;
    };
    record(house, Some(sender), action(&command), Outcome::Ok);
    match reply(hub, sender, command).await {
        (text, Some(picture)) => sent(bot.answer_with_picture(chat, &text, &picture).await),
        (text, None) => sent(bot.answer(chat, &text).await),
    }
}

fn sent(outcome: Result<(), DeliveryError>) {
    if let Err(error) = outcome {
        tracing::warn!(%error, "a command was not answered");
    }
}

fn action(command: &Command) -> &'static str {
    match command {
        Command::Status => "command_status",
        Command::Snapshot(_) => "command_snapshot",
        Command::Arm => "command_arm",
        Command::Disarm => "command_disarm",
        Command::Mute(_) => "command_mute",
        Command::Unmute => "command_unmute",
        Command::Acknowledge(_) => "command_acknowledge",
        Command::Help => "command_help",
    }
}

fn record(house: &House, sender: Option<&KeptRecipient>, action: &str, result: Outcome) {
    let who = match sender {
        Some(sender) => Actor::named(ActorKind::Machine, sender.id.to_string(), &sender.name),
        None => Actor::of(ActorKind::Nobody),
    };
    let class = if action == "command_snapshot" { Class::View } else { Class::Control };
    let now = house.clock.wall_now();
    house
        .record(Entry::new(now, class, action, who, Origin::Hub, result).detail("by a bot's chat"));
}

async fn reply(hub: &Hub, sender: &KeptRecipient, command: Command) -> (String, Option<Picture>) {
    let house = hub.house();
    let text = match command {
        Command::Help => Command::HELP.to_owned(),
        Command::Status => status(house),
        Command::Snapshot(camera) => return snapshot(hub, sender, camera.as_deref()).await,
        Command::Arm | Command::Disarm => {
            "This house has nothing to arm. The dashboard says what it can do.".to_owned()
        }
        Command::Mute(minutes) => {
            let until = house.clock.wall_now().plus_micros(i64::from(minutes) * 60_000_000);
            muted(house.mute_until(Some(until), sender.name.clone()).await.is_ok(), Some(until))
        }
        Command::Unmute => muted(house.mute_until(None, sender.name.clone()).await.is_ok(), None),
        Command::Acknowledge(named) => acknowledge(hub, sender, named).await,
    };
    (text, None)
}

fn status(house: &House) -> String {
    let cameras = house.cameras.all();
    let lines = cameras.iter().take(CAMERAS_SAID_MAX).map(|camera| {
        let status = camera.status();
        let state = match status.state {
            CameraState::Live => "live",
            CameraState::Connecting => "connecting",
            CameraState::Reconnecting => "reconnecting",
            CameraState::Offline => "offline",
        };
        format!("{}: {state}", camera.settings().name)
    });
    let open = house.watchtower.incidents(|incidents| incidents.unresolved_count());
    let mut text: Vec<String> = lines.collect();
    text.push(format!("Open incidents: {open}"));
    if let Some(until) = house.current_mute().until {
        text.push(format!("Muted until {until}"));
    }
    text.join("\n")
}

/// A picture, for those who may be sent pictures at all (promise D-13).
async fn snapshot(
    hub: &Hub,
    sender: &KeptRecipient,
    wanted: Option<&str>,
) -> (String, Option<Picture>) {
    if sender.content != Content::Full {
        return ("This chat is not sent pictures.".to_owned(), None);
    }
    let cameras = hub.house().cameras.all();
    let is_wanted = |name: &str| wanted.is_none_or(|wanted| name.eq_ignore_ascii_case(wanted));
    let camera = cameras.iter().find(|camera| is_wanted(camera.settings().name.as_str()));
    let Some(camera) = camera else { return ("There is no such camera.".to_owned(), None) };
    // Whoever set up this chat for commands manages the house.
    let grant = hub.policy().camera::<ask::Live>(&Principal::Owner, camera.id());
    let still = match grant {
        Ok(grant) => hub.still(grant).await.map_err(|error| error.fault.message),
        Err(denied) => Err(denied.to_string()),
    };
    match still {
        Ok(still) => {
            let name = camera.settings().name.to_string();
            match Picture::new(still.jpeg) {
                Some(picture) => (format!("{name}, {}", still.at), Some(picture)),
                None => ("The picture is too large to be sent.".to_owned(), None),
            }
        }
        Err(message) => (message, None),
    }
}

fn muted(is_done: bool, until: Option<WallTime>) -> String {
    match (is_done, until) {
        (false, _) => "That did not work. The log of the hub says why.".to_owned(),
        (true, None) => "Everything is told again.".to_owned(),
        (true, Some(until)) => format!("Only critical matters are told until {until}."),
    }
}

async fn acknowledge(hub: &Hub, sender: &KeptRecipient, named: Option<String>) -> String {
    let house = hub.house();
    let ids = match named {
        Some(id) => vec![id],
        None => {
            let open = house.store.matters(false, 100).await.unwrap_or_default();
            open.into_iter().map(|matter| matter.id).collect()
        }
    };
    let mut done = 0;
    for id in ids {
        let who = Actor::named(ActorKind::Machine, sender.id.to_string(), &sender.name);
        house.acknowledge_incident_of(&id, who).await;
        let now = house.clock.wall_now();
        let answered = house.store.acknowledge_matter(&id, &sender.name, now).await;
        done += u32::from(answered.is_ok());
    }
    match done {
        0 => "Nothing waits for an answer.".to_owned(),
        1 => "One matter is acknowledged.".to_owned(),
        many => format!("{many} matters are acknowledged."),
    }
}
