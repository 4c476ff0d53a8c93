//! What people can ask the bot for. Pure.

/// The longest mute by a word: a night.
const MUTE_MINUTES_MAX: u32 = 12 * 60;
/// A mute without a number of minutes.
const MUTE_MINUTES: u32 = 60;

/// A command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// How the house fares.
    Status,
    /// A picture of a camera; of the first one if none is named.
    Snapshot(Option<String>),
    /// Arm the house.
    Arm,
    /// Disarm it.
    Disarm,
    /// Tell only critical matters for so many minutes.
    Mute(u32),
    /// Tell everything again.
    Unmute,
    /// Somebody looks after the named matter, or after all that are open.
    Acknowledge(Option<String>),
    /// What the commands are.
    Help,
}

impl Command {
    /// The list of commands.
    pub const HELP: &str = "/status\n/snapshot CAMERA\n/arm\n/disarm\n/mute MINUTES\n/unmute\n/ack";

    /// Reads a command; `None` for what is none. In groups commands carry the bot's name behind an
    /// `@`.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let (word, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
        let word = word.strip_prefix('/')?;
        let word = word.split_once('@').map_or(word, |(word, _)| word);
        let rest = rest.trim();
        let named = || (!rest.is_empty()).then(|| rest.to_owned());
        match word.to_ascii_lowercase().as_str() {
            "status" => Some(Self::Status),
            "snapshot" => Some(Self::Snapshot(named())),
            "arm" => Some(Self::Arm),
            "disarm" => Some(Self::Disarm),
            "mute" if rest.is_empty() => Some(Self::Mute(MUTE_MINUTES)),
            "mute" => {
                let minutes = rest.parse().ok()?;
                (1..=MUTE_MINUTES_MAX).contains(&minutes).then_some(Self::Mute(minutes))
            }
            "unmute" => Some(Self::Unmute),
            "ack" | "acknowledge" => Some(Self::Acknowledge(named())),
            "help" | "start" => Some(Self::Help),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_read_with_and_without_the_bots_name() {
        assert_eq!(Command::parse(" /status@hearth_bot "), Some(Command::Status));
        let front = Command::Snapshot(Some("Front door".to_owned()));
        assert_eq!(Command::parse("/snapshot Front door"), Some(front));
        assert_eq!(Command::parse("/mute"), Some(Command::Mute(60)));
        assert_eq!(Command::parse("/mute 15"), Some(Command::Mute(15)));
        assert_eq!(Command::parse("/ACK"), Some(Command::Acknowledge(None)));
        for none in ["", "status", "/", "/mute 0", "/mute 9999", "/mute x", "/reboot"] {
            assert_eq!(Command::parse(none), None, "{none}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read_or_refused_without_panic(text in "\\PC{0,80}") {
            Command::parse(&text);
        }
    }
}
