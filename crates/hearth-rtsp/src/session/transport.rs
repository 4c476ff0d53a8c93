//! The `Transport` header (RFC 2326, 12.39).

use super::track::TrackRoute;

/// What a camera answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct TransportAnswer {
    /// Channels for RTP and RTCP inside the connection.
    pub(super) interleaved: Option<(u8, u8)>,
    /// The camera's ports for RTP and RTCP.
    pub(super) server_ports: Option<(u16, u16)>,
}

impl TransportAnswer {
    /// Reads what is there; cameras put spaces anywhere and repeat themselves.
    pub(super) fn parse(value: &str) -> Self {
        let mut answer = Self::default();
        for part in value.split([';', ',']) {
            let Some((name, value)) = part.split_once('=') else { continue };
            match name.trim().to_ascii_lowercase().as_str() {
                "interleaved" => answer.interleaved = pair(value, |n: u8| n.checked_add(1)),
                "server_port" => answer.server_ports = pair(value, |n: u16| n.checked_add(1)),
                _ => {}
            }
        }
        answer
    }
}

/// `6-7`, or `6` for `6-7`.
fn pair<N: std::str::FromStr + Copy>(text: &str, next: impl Fn(N) -> Option<N>) -> Option<(N, N)> {
    let (first, second) = text.split_once('-').unwrap_or((text, ""));
    let first: N = first.trim().parse().ok()?;
    let second = second.trim().parse().ok().or_else(|| next(first))?;
    Some((first, second))
}

/// Channels 0 and 1 for the first track, 2 and 3 for the second.
pub(super) fn default_channels(index: usize) -> TrackRoute {
    let rtp = u8::try_from(index * 2).unwrap_or(0);
    TrackRoute::Interleaved { rtp, rtcp: rtp + 1 }
}

/// An offer to receive inside the connection.
pub(super) fn offer_interleaved(index: usize) -> String {
    format!("RTP/AVP/TCP;unicast;interleaved={}-{}", index * 2, index * 2 + 1)
}

/// An offer to receive datagrams at `own_port` and the one after it.
pub(super) fn offer_udp(own_port: u16) -> String {
    format!("RTP/AVP;unicast;client_port={own_port}-{}", own_port.saturating_add(1))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn answers_are_read_with_their_spaces() {
        let answer =
            TransportAnswer::parse("RTP/AVP/TCP; unicast; interleaved = 4 - 5 ;ssrc= 6A 3C");
        assert_eq!(answer.interleaved, Some((4, 5)));
        let answer = TransportAnswer::parse("RTP/AVP;client_port=1-2;server_port=6970");
        assert_eq!(answer.server_ports, Some((6970, 6971)));
    }

    proptest! {
        #[test]
        fn arbitrary_answers_never_panic(text in "(interleaved=|server_port=)?[0-9;=, -]{0,30}") {
            let _ = TransportAnswer::parse(&text);
        }
    }
}
