//! The `Range` request header (RFC 9110, 14.2). Pure.
//!
//! One range is served. Several at once, another unit or anything malformed is ignored, which the
//! RFC allows: the whole is sent instead.

use std::ops::Range;

/// What a request wants of a thing of known length.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// All of it (200).
    Whole,
    /// These bytes (206), never empty and inside the thing.
    Part(Range<u64>),
    /// Bytes that are not there (416).
    Nothing,
}

/// Reads a `Range` header's value for a thing of `length` bytes.
pub(crate) fn wanted(header: Option<&str>, length: u64) -> Wanted {
    header.and_then(|value| part(value, length)).unwrap_or(Wanted::Whole)
}

/// `None` means that the header is to be ignored.
fn part(value: &str, length: u64) -> Option<Wanted> {
    let (unit, set) = value.split_once('=')?;
    if !unit.trim().eq_ignore_ascii_case("bytes") || set.contains(',') {
        return None;
    }
    let (first, last) = set.trim().split_once('-')?;
    let range = match (digits(first)?, digits(last)?) {
        (Some(first), Some(last)) if last < first => return None,
        (Some(first), Some(last)) => first..last.saturating_add(1).min(length),
        (Some(first), None) => first..length,
        (None, Some(suffix)) => length.saturating_sub(suffix)..length,
        (None, None) => return None,
    };
    Some(if range.start < range.end { Wanted::Part(range) } else { Wanted::Nothing })
}

/// `Some(None)` for no digits at all, `None` for anything that is not a number.
fn digits(text: &str) -> Option<Option<u64>> {
    if text.is_empty() {
        return Some(None);
    }
    // A number too large for 64 bits is a number still, and beyond the end of everything.
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| Some(text.parse().unwrap_or(u64::MAX)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_forms_of_the_rfc_are_read() {
        let check = |header, expect| assert_eq!(wanted(Some(header), 1000), expect, "{header}");
        check("bytes=0-499", Wanted::Part(0..500));
        check("bytes=500-", Wanted::Part(500..1000));
        check("bytes=-200", Wanted::Part(800..1000));
        check("bytes=-5000", Wanted::Part(0..1000));
        check("bytes=999-5000", Wanted::Part(999..1000));
        check("bytes=1000-", Wanted::Nothing);
        check("bytes=-0", Wanted::Nothing);
        check("bytes=99999999999999999999-", Wanted::Nothing);
        check("bytes=0-1,5-6", Wanted::Whole);
        check("items=0-1", Wanted::Whole);
        check("bytes=5-1", Wanted::Whole);
        check("bytes=-", Wanted::Whole);
        check("bytes=+1-2", Wanted::Whole);
    }

    proptest! {
        #[test]
        fn any_header_is_read_without_panic(header in "\\PC{0,40}", length: u64) {
            let _ = wanted(Some(&header), length);
        }

        #[test]
        fn what_is_wanted_lies_inside(first: u64, last: u64, length: u64) {
            for header in [format!("bytes={first}-{last}"), format!("bytes={first}-"), format!("bytes=-{last}")] {
                if let Wanted::Part(range) = wanted(Some(&header), length) {
                    prop_assert!(range.start < range.end && range.end <= length);
                }
            }
        }
    }
}
