//! What services that tell people answer: a mail server's reply, a broker's packet, a bot's updates
//! and the commands in them, and a browser's subscription.
#![no_main]

use hearth_notify::{Command, MqttPacket, SmtpReply, Subscription, parse_updates};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let Some(reply) = SmtpReply::parse(data) {
        assert!((200..600).contains(&reply.code()));
    }
    if let Some(MqttPacket::PublishAck(number)) = MqttPacket::parse(data) {
        assert_eq!(data.get(2..), Some(&number.to_be_bytes()[..]));
    }
    for update in parse_updates(data).unwrap_or_default() {
        assert!(update.text.chars().count() <= 256);
        Command::parse(&update.text);
    }
    if let Some(subscription) = std::str::from_utf8(data).ok().and_then(Subscription::parse) {
        let again = Subscription::parse(subscription.to_text().expose());
        assert!(again.is_some_and(|again| again.is_same_browser(&subscription)));
    }
});
