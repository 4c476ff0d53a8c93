//! What Telegram's service answers. Pure; the bytes come from outside.

/// Messages in one answer; more come with the next.
pub(super) const UPDATES_MAX: usize = 50;
/// Longer than any command.
const TEXT_CHARACTERS_MAX: usize = 256;

/// Somebody wrote to the bot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Update {
    /// Its number; they rise.
    pub id: i64,
    /// In which chat; `None` for what is no message with a text.
    pub chat: Option<i64>,
    /// What; at most 256 characters of it.
    pub text: String,
    /// When, in seconds since 1970, as the service says.
    pub sent_at: Option<i64>,
}

#[derive(serde::Deserialize)]
struct Answered<T> {
    ok: bool,
    result: Option<T>,
}

#[derive(serde::Deserialize)]
struct RawUpdate {
    update_id: i64,
    message: Option<RawMessage>,
}

#[derive(serde::Deserialize)]
struct RawMessage {
    chat: RawChat,
    text: Option<String>,
    date: Option<i64>,
}

#[derive(serde::Deserialize)]
struct RawChat {
    id: i64,
}

#[derive(serde::Deserialize)]
struct SentMessage {
    message_id: i64,
}

#[derive(Default, serde::Deserialize)]
#[serde(default)]
struct Refused {
    description: String,
    parameters: Parameters,
}

#[derive(Default, serde::Deserialize)]
#[serde(default)]
struct Parameters {
    retry_after: Option<u64>,
}

/// What people wrote, in order; `None` if the answer is none.
pub fn parse_updates(json: &[u8]) -> Option<Vec<Update>> {
    let answered: Answered<Vec<RawUpdate>> = serde_json::from_slice(json).ok()?;
    let updates = answered.result.filter(|_| answered.ok)?;
    let mut updates: Vec<Update> = updates.into_iter().take(UPDATES_MAX).map(Update::of).collect();
    updates.sort_by_key(|update| update.id);
    Some(updates)
}

impl Update {
    fn of(raw: RawUpdate) -> Self {
        let sent_at = raw.message.as_ref().and_then(|message| message.date);
        let message = raw.message.and_then(|message| Some((message.chat.id, message.text?)));
        let (chat, text) = message.map_or((None, String::new()), |(chat, text)| (Some(chat), text));
        let text = text.chars().take(TEXT_CHARACTERS_MAX).collect();
        Self { id: raw.update_id, chat, text, sent_at }
    }
}

/// The number of the message that was sent.
pub(super) fn message_number(json: &[u8]) -> Option<i64> {
    let answered: Answered<SentMessage> = serde_json::from_slice(json).ok()?;
    answered.result.map(|message| message.message_id)
}

/// What the service says about a refusal; it never leaves this crate.
pub(super) fn description(json: &[u8]) -> String {
    serde_json::from_slice::<Refused>(json).unwrap_or_default().description
}

/// For how many seconds the service asks to wait.
pub(super) fn retry_after(json: &[u8]) -> Option<u64> {
    serde_json::from_slice::<Refused>(json).unwrap_or_default().parameters.retry_after
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_come_in_order_and_others_only_count() {
        let json = br#"{"ok":true,"result":[
            {"update_id":8,"edited_message":{}},
            {"update_id":7,"message":{"message_id":1,"date":1,"chat":{"id":42,"type":"private"},"text":"/status"}},
            {"update_id":9,"message":{"message_id":2,"date":1,"chat":{"id":43,"type":"private"}}}]}"#;
        let updates = parse_updates(json).expect("an answer");
        let seen: Vec<_> =
            updates.iter().map(|one| (one.id, one.chat, one.text.as_str())).collect();
        assert_eq!(seen, [(7, Some(42), "/status"), (8, None, ""), (9, None, "")]);
    }

    #[test]
    fn a_refusal_says_how_long_to_wait() {
        let json = br#"{"ok":false,"error_code":429,"description":"Too Many Requests","parameters":{"retry_after":14}}"#;
        assert_eq!((retry_after(json), parse_updates(json)), (Some(14), None));
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_read_or_refused_without_panic(bytes: Vec<u8>) {
            parse_updates(&bytes);
            message_number(&bytes);
            description(&bytes);
            retry_after(&bytes);
        }

        #[test]
        fn texts_are_kept_short(text in "\\PC{0,600}", id: i64, chat: i64) {
            let json = serde_json::json!({"ok": true, "result": [
                {"update_id": id, "message": {"chat": {"id": chat}, "text": text}}]});
            let updates = parse_updates(json.to_string().as_bytes()).expect("an answer");
            proptest::prop_assert_eq!(updates[0].chat, Some(chat));
            proptest::prop_assert!(updates[0].text.chars().count() <= TEXT_CHARACTERS_MAX);
        }
    }
}
