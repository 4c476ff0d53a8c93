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
    MatterKind,
    desk::bot,
    settings::{Kept, KeptChannel, KeptRecipient},
};
use crate::{Hub, camera::handle::Camera, house::House};

/// Setting that says what was read: a bot's number to that of the next update.
const READ: &str = "notification_commands_read";
/// A command that waited longer for the hub is not done any more.
const AGE_MAX_SECONDS: i64 = 300;
/// Time between two questions whether there are commands.
const ASK_EVERY_MIN: Duration = Duration::from_secs(1);
/// A service that is there again is asked within this time.
const DEAF_MAX: Duration = Duration::from_secs(30);
/// Matters that one word acknowledges.
const ACKNOWLEDGED_MAX: u32 = 100;
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
    let Some(name) = name_of_bot(&channel) else { return };
    let mut offset = read_so_far(house).await.get(name).copied().unwrap_or(0);
    loop {
        let asked_at = Instant::now();
        let updates = match bot.updates(offset).await {
            Ok(updates) => updates,
            Err(error) => {
                house.desk.heard(channel.id, Err(&error));
                sleep(pause_after(&error, &mut backoff)).await;
                continue;
            }
        };
        backoff.succeeded();
        house.desk.heard(channel.id, Ok(()));
        for update in updates {
            offset = offset.max(update.id.saturating_add(1));
            // Noted first: a command that ends the hub is not found again by the next run.
            note_read(house, name, offset).await;
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

/// How long nobody is asked after a failure.
fn pause_after(error: &DeliveryError, backoff: &mut Backoff) -> Duration {
    match error {
        DeliveryError::TryAgain { after: Some(asked), .. } => *asked,
        DeliveryError::TryAgain { after: None, .. } => {
            backoff.failed(None, u32::MAX / 2).min(DEAF_MAX)
        }
        // Nothing changes until somebody sets it right, and that begins anew here.
        DeliveryError::NeverAgain { .. } | DeliveryError::Misconfigured { .. } => {
            Duration::from_secs(300)
        }
    }
}

/// The number of a channel's bot, which everybody who writes to it knows. What was read belongs to
/// the bot: another one counts anew.
fn name_of_bot(channel: &KeptChannel) -> Option<&str> {
    channel.secret.as_ref()?.expose().split_once(':').map(|(number, _)| number)
}

async fn read_so_far(house: &House) -> BTreeMap<String, i64> {
    house.store.setting(READ).await.ok().flatten().unwrap_or_default()
}

async fn note_read(house: &House, bot: &str, offset: i64) {
    let _one_at_a_time = house.desk.reading.lock().await;
    let kept = house.desk.kept();
    let mut read = read_so_far(house).await;
    read.retain(|known, _| kept.channels.iter().any(|one| name_of_bot(one) == Some(known)));
    read.insert(bot.to_owned(), offset);
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
    let action = action(&command);
    let reply = reply(hub, sender, command).await;
    record(house, Some(sender), action, reply.outcome);
    sent(match reply.picture {
        Some(picture) => bot.answer_with_picture(chat, &reply.text, &picture).await,
        None => bot.answer(chat, &reply.text).await,
    });
}

/// What a chat is answered, and what became of the command.
struct Reply {
    text: String,
    picture: Option<Picture>,
    outcome: Outcome,
}

impl Reply {
    fn of(outcome: Outcome, text: impl Into<String>) -> Self {
        Self { text: text.into(), picture: None, outcome }
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

fn actor_of(sender: &KeptRecipient) -> Actor {
    Actor::named(ActorKind::Machine, sender.id.to_string(), &sender.name)
}

fn record(house: &House, sender: Option<&KeptRecipient>, action: &str, result: Outcome) {
    let who = match sender {
        Some(sender) => actor_of(sender),
        None => Actor::of(ActorKind::Nobody),
    };
    let class = if action == "command_snapshot" { Class::View } else { Class::Control };
    let now = house.clock.wall_now();
    house
        .record(Entry::new(now, class, action, who, Origin::Hub, result).detail("by a bot's chat"));
}

async fn reply(hub: &Hub, sender: &KeptRecipient, command: Command) -> Reply {
    let house = hub.house();
    match command {
        Command::Help => Reply::of(Outcome::Ok, Command::HELP),
        Command::Status => Reply::of(Outcome::Ok, status(house, sender)),
        Command::Snapshot(camera) => snapshot(hub, sender, camera.as_deref()).await,
        Command::Arm | Command::Disarm => {
            let text = "This house has nothing to arm. The dashboard says what it can do.";
            Reply::of(Outcome::Failed, text)
        }
        Command::Mute(minutes) => {
            let until = house.clock.wall_now().plus_micros(i64::from(minutes) * 60_000_000);
            muted(house, sender, Some(until)).await
        }
        Command::Unmute => muted(house, sender, None).await,
        Command::Acknowledge(named) => acknowledge(house, sender, named.as_deref()).await,
    }
}

/// The cameras that a chat is told of: it can ask for no others.
fn cameras_of(house: &House, sender: &KeptRecipient) -> Vec<Arc<Camera>> {
    let all = house.cameras.all();
    all.into_iter().filter(|camera| sender.hears_of(camera.id())).collect()
}

/// How the house fares, as far as the chat is told of it: its cameras by name only where it is told
/// what happens where.
fn status(house: &House, sender: &KeptRecipient) -> String {
    let cameras = cameras_of(house, sender);
    let lines = cameras.iter().take(CAMERAS_SAID_MAX).map(|camera| {
        let state = match camera.status().state {
            CameraState::Live => "live",
            CameraState::Connecting => "connecting",
            CameraState::Reconnecting => "reconnecting",
            CameraState::Offline => "offline",
        };
        format!("{}: {state}", camera.settings().name)
    });
    let mut text: Vec<String> = if sender.content == Content::SomethingHappened {
        let live = |camera: &&Arc<Camera>| camera.status().state == CameraState::Live;
        vec![format!("{} of {} cameras live", cameras.iter().filter(live).count(), cameras.len())]
    } else {
        lines.collect()
    };
    if sender.hears_of_kind(MatterKind::Incident) {
        let open = house.watchtower.incidents(|incidents| incidents.unresolved_count());
        text.push(format!("Open incidents: {open}"));
    }
    if let Some(until) = house.current_mute().until {
        text.push(format!("Muted until {until}"));
    }
    text.join("\n")
}

/// A picture, for those who may be sent pictures at all (promise D-13), of a camera that they are
/// told of.
async fn snapshot(hub: &Hub, sender: &KeptRecipient, wanted: Option<&str>) -> Reply {
    if sender.content != Content::Full {
        return Reply::of(Outcome::Denied, "This chat is not sent pictures.");
    }
    let cameras = cameras_of(hub.house(), sender);
    let is_wanted = |name: &str| wanted.is_none_or(|wanted| name.eq_ignore_ascii_case(wanted));
    let camera = cameras.iter().find(|camera| is_wanted(camera.settings().name.as_str()));
    let Some(camera) = camera else {
        return Reply::of(Outcome::Denied, "There is no such camera.");
    };
    // Whoever set up this chat for commands manages the house.
    let grant = hub.policy().camera::<ask::Live>(&Principal::Owner, camera.id());
    let still = match grant {
        Ok(grant) => hub.still(grant).await.map_err(|error| error.fault.message),
        Err(denied) => Err(denied.to_string()),
    };
    match still {
        Ok(still) => match Picture::new(still.jpeg) {
            Some(picture) => {
                let text = format!("{}, {}", camera.settings().name, still.at);
                Reply { picture: Some(picture), ..Reply::of(Outcome::Ok, text) }
            }
            None => Reply::of(Outcome::Failed, "The picture is too large to be sent."),
        },
        Err(message) => Reply::of(Outcome::Failed, message),
    }
}

async fn muted(house: &House, sender: &KeptRecipient, until: Option<WallTime>) -> Reply {
    match (house.mute_until(until, sender.name.clone()).await, until) {
        (Err(error), _) => Reply::of(Outcome::Failed, error.fault.message),
        (Ok(_), None) => Reply::of(Outcome::Ok, "Everything is told again."),
        (Ok(_), Some(until)) => {
            Reply::of(Outcome::Ok, format!("Only critical matters are told until {until}."))
        }
    }
}

/// Acknowledges matters that this chat was told of: all of them, or the one that is named.
async fn acknowledge(house: &House, sender: &KeptRecipient, named: Option<&str>) -> Reply {
    let open = match house.store.open_matters_of(sender.id, ACKNOWLEDGED_MAX).await {
        Ok(open) => open,
        Err(error) => {
            tracing::error!(%error, "matters were not acknowledged");
            let text = "That did not work. The log of the hub says why.";
            return Reply::of(Outcome::Failed, text);
        }
    };
    let (mut done, mut failed) = (0_u32, 0_u32);
    for matter in open.iter().filter(|matter| named.is_none_or(|named| matter.id == named)) {
        house.acknowledge_incident_of(&matter.id, actor_of(sender)).await;
        match house.acknowledge(&matter.id, &sender.name).await {
            Ok(_) => done += 1,
            Err(error) => {
                failed += 1;
                tracing::error!(%error, "a matter was not acknowledged");
            }
        }
    }
    match (done, failed, named) {
        (_, 1.., _) => {
            Reply::of(Outcome::Failed, format!("{done} acknowledged, {failed} not. Ask again."))
        }
        (0, 0, Some(_)) => Reply::of(Outcome::Failed, "No such matter waits for an answer."),
        (0, 0, None) => Reply::of(Outcome::Ok, "Nothing waits for an answer."),
        (1, 0, _) => Reply::of(Outcome::Ok, "One matter is acknowledged."),
        (many, 0, _) => Reply::of(Outcome::Ok, format!("{many} matters are acknowledged.")),
    }
}
