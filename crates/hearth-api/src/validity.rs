//! From when until when an X.509 certificate is valid (RFC 5280, 4.1.2.5): just that, out of DER.
//!
//! Pure. The certificate is this house's own, from its administrator; read with the same care as
//! foreign bytes all the same.

use std::time::{Duration, SystemTime};

const INTEGER: u8 = 0x02;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;
const SEQUENCE: u8 = 0x30;
/// The version, explicitly tagged.
const VERSION: u8 = 0xa0;

/// First and last instant; `None` if the bytes are no certificate or the times none.
pub(crate) fn validity(certificate: &[u8]) -> Option<(SystemTime, SystemTime)> {
    let mut outer = Der(certificate);
    let mut certificate = Der(outer.value(SEQUENCE)?);
    let mut fields = Der(certificate.value(SEQUENCE)?);
    if fields.0.first() == Some(&VERSION) {
        fields.value(VERSION)?;
    }
    fields.value(INTEGER)?;
    fields.value(SEQUENCE)?;
    fields.value(SEQUENCE)?;
    let mut validity = Der(fields.value(SEQUENCE)?);
    Some((validity.time()?, validity.time()?))
}

/// What is left of a run of elements.
struct Der<'a>(&'a [u8]);

impl<'a> Der<'a> {
    /// The content of the next element, if it has this tag.
    fn value(&mut self, tag: u8) -> Option<&'a [u8]> {
        let (found, rest) = self.0.split_first()?;
        if *found != tag {
            return None;
        }
        let (first, mut rest) = rest.split_first()?;
        let length = if *first < 0x80 {
            usize::from(*first)
        } else {
            // The number of bytes that hold the length; four are more than any certificate needs.
            let count = usize::from(*first & 0x7f);
            let digits = rest.get(..count).filter(|digits| (1..=4).contains(&digits.len()))?;
            rest = rest.get(count..)?;
            digits.iter().fold(0, |length, digit| length << 8 | usize::from(*digit))
        };
        self.0 = rest.get(length..)?;
        rest.get(..length)
    }

    /// `YYMMDDhhmmssZ` or `YYYYMMDDhhmmssZ`; RFC 5280 allows no other forms.
    fn time(&mut self) -> Option<SystemTime> {
        let (text, century) = match self.0.first()? {
            &UTC_TIME => (self.value(UTC_TIME)?, None),
            _ => {
                let text = self.value(GENERALIZED_TIME)?;
                (text.get(2..)?, Some(number(text.get(..2)?)?))
            }
        };
        if text.len() != 13 || text.last() != Some(&b'Z') {
            return None;
        }
        let pair = |at: usize| number(text.get(at..at + 2)?);
        let year = pair(0)?;
        let century = century.unwrap_or(if year < 50 { 20 } else { 19 });
        let days = days_since_1970(century * 100 + year, pair(2)?, pair(4)?)?;
        let (hour, minute, second) = (pair(6)?, pair(8)?, pair(10)?);
        if hour > 23 || minute > 59 || second > 59 {
            return None;
        }
        let seconds = days * 86_400 + hour * 3_600 + minute * 60 + second;
        SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(seconds))
    }
}

fn number(digits: &[u8]) -> Option<u64> {
    let is_number = digits.iter().all(u8::is_ascii_digit);
    let value = || digits.iter().fold(0, |value, digit| value * 10 + u64::from(digit - b'0'));
    is_number.then(value)
}

/// Days of the Gregorian calendar; `None` before 1970 and for days that no month has.
fn days_since_1970(year: u64, month: u64, day: u64) -> Option<u64> {
    let is_leap =
        |year: u64| year.is_multiple_of(4) && !year.is_multiple_of(100) || year.is_multiple_of(400);
    let february = 28 + u64::from(is_leap(year));
    let months = [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let index = usize::try_from(month).ok()?.checked_sub(1)?;
    let length = *months.get(index)?;
    if year < 1970 || !(1..=length).contains(&day) {
        return None;
    }
    let years: u64 = (1970..year).map(|year| 365 + u64::from(is_leap(year))).sum();
    Some(years + months[..index].iter().sum::<u64>() + day - 1)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn certificate(from: i64, to: i64) -> Vec<u8> {
        let at = |seconds: i64| {
            SystemTime::UNIX_EPOCH
                + Duration::from_secs(u64::try_from(seconds).expect("after 1970"))
        };
        let mut parameters = rcgen::CertificateParams::new(["x".to_owned()]).expect("a name");
        parameters.not_before = at(from).into();
        parameters.not_after = at(to).into();
        let key = rcgen::KeyPair::generate().expect("a key");
        parameters.self_signed(&key).expect("signed").der().to_vec()
    }

    #[test]
    fn the_times_of_a_certificate_are_read() {
        // 2024-02-29, 2050-01-01 (the first year in the long form), 2100-03-01 (no leap year).
        for (from, to) in [(0, 1_709_164_800), (951_782_400, 2_524_608_000), (1, 4_107_542_400)] {
            let (begins, ends) = validity(&certificate(from, to)).expect("valid");
            let seconds = |time: SystemTime| {
                time.duration_since(SystemTime::UNIX_EPOCH).expect("after 1970").as_secs() as i64
            };
            assert_eq!((seconds(begins), seconds(ends)), (from, to));
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused_without_panic(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
            let _times = validity(&bytes);
        }

        #[test]
        fn a_broken_certificate_is_read_or_refused_without_panic(at in any::<prop::sample::Index>(), byte in any::<u8>()) {
            let mut bytes = certificate(0, 1_709_164_800);
            let at = at.index(bytes.len().min(160));
            bytes[at] = byte;
            let _times = validity(&bytes);
        }
    }
}
