//! Reads a list of labelled pairs: CSV with a header and rows `file_x,file_y,Yes|No`.

use thiserror::Error;

/// Pairs of one list: more than the largest protocol in use has for one threshold.
pub const PAIRS_MAX: usize = 200_000;

/// Bytes of a list.
const LIST_BYTES_MAX: usize = 64 << 20;

/// Two pictures, and whether they show one person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LabelledPair {
    /// A file, relative to the list.
    pub first: String,
    /// The other file.
    pub second: String,
    /// Whether both show one person.
    pub is_same: bool,
}

/// Why a list cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum PairsError {
    /// It is not text.
    #[error("the list is not UTF-8 text")]
    Text,
    /// A line is not what it should be.
    #[error("line {0} is not `file_x,file_y,Yes` or `...,No`")]
    Line(usize),
    /// It is too long.
    #[error("the list has more than {PAIRS_MAX} pairs")]
    TooLong,
    /// There is no pair in it.
    #[error("there is no pair in the list")]
    Empty,
}

/// The pairs of a list. The first line is a header and is passed over; empty lines are allowed;
/// fields may be quoted (RFC 4180, on one line).
///
/// # Errors
/// [`PairsError`].
pub fn read_pairs(list: &[u8]) -> Result<Vec<LabelledPair>, PairsError> {
    if list.len() > LIST_BYTES_MAX {
        return Err(PairsError::TooLong);
    }
    let text = str::from_utf8(list).map_err(|_| PairsError::Text)?;
    let mut pairs = Vec::new();
    for (number, line) in text.lines().enumerate().skip(1) {
        if line.trim().is_empty() {
            continue;
        }
        if pairs.len() == PAIRS_MAX {
            return Err(PairsError::TooLong);
        }
        pairs.push(read_row(line).ok_or(PairsError::Line(number + 1))?);
    }
    if pairs.is_empty() { Err(PairsError::Empty) } else { Ok(pairs) }
}

fn read_row(line: &str) -> Option<LabelledPair> {
    let (first, rest) = field(line)?;
    let (second, rest) = field(rest?)?;
    let (label, rest) = field(rest?)?;
    let is_same = match label.trim() {
        yes if yes.eq_ignore_ascii_case("yes") => true,
        no if no.eq_ignore_ascii_case("no") => false,
        _ => return None,
    };
    let is_whole = rest.is_none() && !first.is_empty() && !second.is_empty();
    is_whole.then_some(LabelledPair { first, second, is_same })
}

/// The first field of a row, and what stands behind its comma.
fn field(row: &str) -> Option<(String, Option<&str>)> {
    let Some(mut quoted) = row.trim_start().strip_prefix('"') else {
        return Some(match row.split_once(',') {
            Some((field, rest)) => (field.trim().to_owned(), Some(rest)),
            None => (row.trim().to_owned(), None),
        });
    };
    let mut field = String::new();
    loop {
        let (part, rest) = quoted.split_once('"')?;
        field.push_str(part);
        if let Some(more) = rest.strip_prefix('"') {
            field.push('"');
            quoted = more;
            continue;
        }
        let rest = rest.trim();
        return match rest.strip_prefix(',') {
            Some(rest) => Some((field, Some(rest))),
            None if rest.is_empty() => Some((field, None)),
            None => None,
        };
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn pair(first: &str, second: &str, is_same: bool) -> LabelledPair {
        LabelledPair { first: first.to_owned(), second: second.to_owned(), is_same }
    }

    #[test]
    fn rows_are_read_and_the_header_is_not() {
        let list =
            b"file_x,file_y,Decision\r\na/1.jpg,b/2.jpg,No\r\n\r\n \"x,y.jpg\" ,\"q\"\"q\",yes\n";
        let read = read_pairs(list).expect("a list");
        assert_eq!(read, [pair("a/1.jpg", "b/2.jpg", false), pair("x,y.jpg", "q\"q", true)]);
    }

    #[test]
    fn lines_that_say_something_else_are_named() {
        let refused = |list: &str| read_pairs(list.as_bytes()).err();
        assert_eq!(refused("h\na,b,Yes\na,b,Maybe\n"), Some(PairsError::Line(3)));
        assert_eq!(refused("h\na,b\n"), Some(PairsError::Line(2)));
        assert_eq!(refused("h\na,b,Yes,more\n"), Some(PairsError::Line(2)));
        assert_eq!(refused("h\n,b,Yes\n"), Some(PairsError::Line(2)));
        assert_eq!(refused("h\n\"a,b,Yes\n"), Some(PairsError::Line(2)));
        assert_eq!(refused("a,b,Yes\n"), Some(PairsError::Empty));
        assert_eq!(read_pairs(b"h\n\xff\n"), Err(PairsError::Text));
    }

    proptest! {
        /// promise: T-01. Arbitrary lists never panic.
        #[test]
        fn arbitrary_lists_never_panic(
            list in prop::collection::vec(
                prop_oneof![any::<u8>(), Just(b','), Just(b'"'), Just(b'\n'), Just(b'y')],
                0..200,
            ),
        ) {
            read_pairs(&list).ok();
        }

        #[test]
        fn pairs_come_back_as_they_were_written(
            names in prop::collection::vec(("[a-z,\" ]{1,8}", "[a-z,\" ]{1,8}", any::<bool>()), 1..9),
        ) {
            let quoted = |name: &str| format!("\"{}\"", name.replace('"', "\"\""));
            let row = |(first, second, same): &(String, String, bool)| {
                let label = if *same { "Yes" } else { "No" };
                format!("{},{},{label}\n", quoted(first), quoted(second))
            };
            let list: String = std::iter::once("header\n".to_owned()).chain(names.iter().map(row)).collect();
            let expected: Vec<_> = names.iter().map(|(a, b, same)| pair(a, b, *same)).collect();
            prop_assert_eq!(read_pairs(list.as_bytes()), Ok(expected));
        }
    }
}
