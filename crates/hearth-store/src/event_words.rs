//! What a fact is found by: the words of its texts, and the ids that it names.

use std::collections::BTreeSet;

use hearth_model::{EventBody, WallTime};
use sqlx::AnyConnection;

use crate::StoreError;

/// Words of one fact; a title has a tenth of it.
const WORDS_PER_EVENT_MAX: usize = 40;

/// Everything that a fact is found by, each once.
pub(crate) fn words_of(body: &EventBody) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for text in texts(body) {
        found.extend(hearth_search::words(text).into_iter().map(|word| word.folded));
    }
    let mut found: BTreeSet<String> = found.into_iter().take(WORDS_PER_EVENT_MAX).collect();
    found.extend(ids(body));
    found
}

/// Texts of a fact. What a device is called is not among them: it is found by its id.
fn texts(body: &EventBody) -> Vec<&str> {
    match body {
        EventBody::IncidentOpened { about, title, .. }
        | EventBody::IncidentEscalated { about, title, .. } => vec![about, title],
        EventBody::EyesStopped { cause } => vec![cause],
        EventBody::StreamChanged { codec, .. } => vec![codec],
        EventBody::DeviceStateChanged { state, reason, .. } => {
            std::iter::once(state).chain(reason).map(String::as_str).collect()
        }
        EventBody::DeviceControlChanged { control, value, .. } => {
            std::iter::once(control).chain(value).map(String::as_str).collect()
        }
        EventBody::DeviceScheduleMissed { control, value, reason, .. } => {
            vec![control, value, reason]
        }
        EventBody::DeviceLimitReached { reading, .. } => vec![reading],
        EventBody::DeviceNoticed { what, .. } => vec![what],
        EventBody::AlarmChanged { change, mode, .. } => vec![change, mode],
        EventBody::RuleRan { name, .. } => vec![name],
        _ => Vec::new(),
    }
}

fn ids(body: &EventBody) -> Vec<String> {
    match body {
        EventBody::ActivityNoticed { zones, .. } | EventBody::ActivityRecognized { zones, .. } => {
            zones.iter().map(ToString::to_string).collect()
        }
        EventBody::VisitBegan { visit, .. } => vec![visit.to_string()],
        EventBody::DeviceAdded { device, .. }
        | EventBody::DeviceRemoved { device, .. }
        | EventBody::DeviceStateChanged { device, .. }
        | EventBody::DeviceControlChanged { device, .. }
        | EventBody::DeviceScheduleMissed { device, .. }
        | EventBody::DeviceLimitReached { device, .. }
        | EventBody::DeviceNoticed { device, .. }
        | EventBody::Ring { device: Some(device), .. } => vec![device.to_string()],
        EventBody::IncidentOpened { incident, .. }
        | EventBody::IncidentEscalated { incident, .. } => vec![incident.to_string()],
        _ => Vec::new(),
    }
}

/// Writes the words of a fact; the caller has the transaction. What became known of an activity
/// later is found by the fact that noticed it.
pub(crate) async fn index(
    connection: &mut AnyConnection,
    seq: i64,
    at: WallTime,
    body: &EventBody,
) -> Result<(), StoreError> {
    if let EventBody::ActivityRecognized { activity, camera, .. } = body {
        let sql = "INSERT INTO event_words (word, at_us, seq)
                   SELECT $1, at_us, seq FROM events
                   WHERE id = $2 AND camera = $3 AND kind = 'activity_noticed'
                   ON CONFLICT DO NOTHING";
        for word in ids(body) {
            sqlx::query(sql)
                .bind(word)
                .bind(activity.as_bytes().to_vec())
                .bind(camera.as_bytes().to_vec())
                .execute(&mut *connection)
                .await?;
        }
        return Ok(());
    }
    for word in words_of(body) {
        sqlx::query("INSERT INTO event_words (word, at_us, seq) VALUES ($1, $2, $3)")
            .bind(word)
            .bind(at.as_micros())
            .bind(seq)
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}
