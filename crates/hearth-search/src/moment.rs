//! A fact as one sentence.

use hearth_model::{EventBody, Label};

use crate::{labels::noun_of, say_time::say_seconds};

/// What happened, in one sentence. `place` is what the camera is called, `label` what is known by now
/// of an activity, `seconds` how long it lasted, and `who` says who came, if whoever reads may know.
pub fn sentence_of(
    body: &EventBody,
    place: Option<&str>,
    label: Option<&Label>,
    seconds: Option<i64>,
    who: Option<&str>,
) -> String {
    let place = place.unwrap_or("a camera that is gone");
    activity(body, place, label, seconds)
        .or_else(|| at_camera(body, place, who))
        .or_else(|| of_device(body))
        .unwrap_or_else(|| of_house(body))
}

fn activity(
    body: &EventBody,
    place: &str,
    label: Option<&Label>,
    seconds: Option<i64>,
) -> Option<String> {
    let own = body.label()?;
    let what = with_article(&noun_of(label.unwrap_or(own), 1));
    let lasted = seconds.filter(|seconds| *seconds > 0);
    let lasted = lasted.map(|seconds| format!(" for {}", say_seconds(seconds)));
    let did = match body {
        EventBody::ActivityRecognized { .. } => "was recognised",
        EventBody::ActivityEnded { .. } => "was gone",
        _ => "was seen",
    };
    Some(capital(&format!("{what} {did} at {place}{}.", lasted.unwrap_or_default())))
}

fn at_camera(body: &EventBody, place: &str, who: Option<&str>) -> Option<String> {
    Some(match body {
        EventBody::CameraAdded { .. } => format!("{place} was added."),
        EventBody::CameraRemoved { .. } => "A camera was removed.".to_owned(),
        EventBody::CameraStateChanged { state, reason, .. } => {
            let why = reason.map(|reason| format!(" ({})", word_of(&reason)));
            format!("{place} is {} now{}.", word_of(state), why.unwrap_or_default())
        }
        EventBody::StreamChanged { width, height, .. } => {
            format!("{place} sends {width} by {height} now.")
        }
        EventBody::RecordingStopped { cause, .. } => {
            format!("{place} is not recorded ({}).", word_of(cause))
        }
        EventBody::RecordingResumed { .. } => format!("{place} is recorded again."),
        EventBody::VisitBegan { .. } => {
            format!("{} came to {place}.", who.unwrap_or("Somebody"))
        }
        EventBody::VisitChanged { .. } => format!("More became known of a visit at {place}."),
        EventBody::VisitEnded { .. } => format!("A visit at {place} was over."),
        EventBody::Ring { camera: Some(_), .. } => format!("Somebody rang at {place}."),
        EventBody::Ring { name, .. } => format!("Somebody rang ({name})."),
        EventBody::RuleRan { name, is_done: true, .. } => format!("The rule \"{name}\" ran."),
        EventBody::RuleRan { name, .. } => {
            format!("The rule \"{name}\" ran, and not all of it was done.")
        }
        _ => return None,
    })
}

fn of_device(body: &EventBody) -> Option<String> {
    Some(match body {
        EventBody::DeviceAdded { name, .. } => format!("{name} was added."),
        EventBody::DeviceRemoved { name, .. } => format!("{name} was removed."),
        EventBody::DeviceStateChanged { name, state, reason, .. } => {
            let why = reason.as_ref().map(|reason| format!(" ({reason})"));
            format!("{name} is {} now{}.", state.replace('_', " "), why.unwrap_or_default())
        }
        EventBody::DeviceControlChanged { name, control, value: Some(value), by, .. } => {
            format!("{control} of {name} was set to {value} by {by}.")
        }
        EventBody::DeviceControlChanged { name, control, by, .. } => {
            format!("{control} of {name} was used by {by}.")
        }
        EventBody::DeviceScheduleMissed { name, control, reason, .. } => {
            format!("{control} of {name} was not set when it was due ({reason}).")
        }
        EventBody::DeviceLimitReached { name, reading, value, limit, .. } => {
            format!("{reading} of {name} was {value}, beyond its limit of {limit}.")
        }
        EventBody::DeviceNoticed { name, what, .. } => format!("{name} noticed {what}."),
        _ => return None,
    })
}

fn of_house(body: &EventBody) -> String {
    match body {
        EventBody::SpaceReclaimed { segments, .. } => {
            format!("{segments} old files of footage were erased to make room.")
        }
        EventBody::EyesStopped { cause } => format!("The eyes stopped ({cause})."),
        EventBody::EyesStarted => "The eyes look again.".to_owned(),
        EventBody::ClockStepped { micros } => {
            format!("The clock stepped by {} s.", micros / 1_000_000)
        }
        EventBody::IndexRebuilt { segments } => {
            format!("The index was made anew from {segments} files of footage.")
        }
        EventBody::SignedIn { user } => format!("{user} signed in."),
        EventBody::SignInFailed { address } => format!("A sign-in from {address} failed."),
        EventBody::IncidentOpened { title, .. } => format!("Incident: {title}"),
        EventBody::IncidentEscalated { title, .. } => format!("Incident, still open: {title}"),
        EventBody::IncidentAcknowledged { by, .. } => format!("{by} looks into an incident."),
        EventBody::IncidentResolved { by, .. } => format!("{by} settled an incident."),
        EventBody::SecuritySummaryMade { day, .. } => {
            format!("The security summary of {day} is there.")
        }
        EventBody::HousePrivacyChanged { is_on, by, .. } => {
            format!("Privacy was switched {} by {by}.", if *is_on { "on" } else { "off" })
        }
        EventBody::AlarmChanged { change, mode, by, .. } => {
            format!("The alarm ({}): {} by {by}.", word(mode), word(change))
        }
        // All others are about a camera or a device, and said above.
        _ => "Something happened.".to_owned(),
    }
}

/// A plain enum as the word it has in JSON.
fn word_of<T: std::fmt::Debug>(value: &T) -> String {
    let mut words = String::new();
    for letter in format!("{value:?}").chars() {
        if letter.is_ascii_uppercase() && !words.is_empty() {
            words.push(' ');
        }
        words.push(letter.to_ascii_lowercase());
    }
    words
}

fn word(text: &str) -> String {
    text.replace('_', " ")
}

pub(crate) fn with_article(noun: &str) -> String {
    if noun == "movement" {
        return noun.to_owned();
    }
    let is_vowel = noun.starts_with(['a', 'e', 'i', 'o', 'u']);
    format!("{} {noun}", if is_vowel { "an" } else { "a" })
}

pub(crate) fn capital(text: &str) -> String {
    let mut letters = text.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => String::new(),
    }
}
