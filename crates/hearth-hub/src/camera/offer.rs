//! What a camera answered when it was asked whether it sends encrypted too.

use std::sync::{Mutex, PoisonError};

use hearth_media::MediaTime;
use hearth_model::SourceUrl;

/// A camera is not asked anew whenever somebody looks at a page. It changes with its firmware.
const KEPT_MICROS: i64 = 3_600_000_000;

/// The last answer.
#[derive(Debug, Default)]
pub(crate) struct LastOffer(Mutex<Option<Answer>>);

#[derive(Debug)]
struct Answer {
    asked: SourceUrl,
    at: MediaTime,
    offer: Option<SourceUrl>,
}

impl LastOffer {
    /// What was answered lately for this address, if it was asked.
    pub(crate) fn get(&self, asked: &SourceUrl, now: MediaTime) -> Option<Option<SourceUrl>> {
        let last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let fresh =
            |last: &&Answer| last.asked == *asked && now.micros_since(last.at) < KEPT_MICROS;
        last.as_ref().filter(fresh).map(|last| last.offer.clone())
    }

    pub(crate) fn set(&self, asked: SourceUrl, at: MediaTime, offer: Option<SourceUrl>) {
        let answer = Some(Answer { asked, at, offer });
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = answer;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_counts_for_a_while_and_for_its_address() {
        let url = |text| SourceUrl::parse(text).expect("a URL").0;
        let (plain, other) = (url("rtsp://192.168.1.9/a"), url("rtsp://192.168.1.9/b"));
        let at = MediaTime::from_micros;
        let last = LastOffer::default();
        assert_eq!(last.get(&plain, at(0)), None);
        last.set(plain.clone(), at(0), None);
        assert_eq!(last.get(&plain, at(KEPT_MICROS - 1)), Some(None));
        assert_eq!(last.get(&plain, at(KEPT_MICROS)), None);
        assert_eq!(last.get(&other, at(1)), None);
    }
}
