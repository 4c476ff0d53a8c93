//! A text cut into words.

use crate::fold;

/// Words of one text that are read; what a person types has far fewer.
const WORDS_MAX: usize = 64;

/// Longest word that is told apart, in bytes; what is longer is cut.
const WORD_BYTES_MAX: usize = 64;

/// A word and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// First byte.
    pub from: usize,
    /// First byte after.
    pub to: usize,
    /// The word folded.
    pub folded: String,
}

/// Cuts a text into words: letters and digits, times like `14:30` and days like `2026-11-03` whole.
pub fn words(text: &str) -> Vec<Word> {
    let letters: Vec<(usize, char)> = text.char_indices().collect();
    let mut words = Vec::new();
    let mut at = 0;
    while at < letters.len() && words.len() < WORDS_MAX {
        if !is_letter(letters[at].1) {
            at += 1;
            continue;
        }
        let end = day_end(&letters, at).unwrap_or_else(|| word_end(&letters, at));
        let byte = |at: usize| letters.get(at).map_or(text.len(), |letter| letter.0);
        let (from, to) = (byte(at), byte(end));
        words.push(Word { from, to, folded: bare(text.get(from..to).unwrap_or_default()) });
        at = end;
    }
    words.retain(|word| !word.folded.is_empty());
    words
}

fn is_letter(letter: char) -> bool {
    letter.is_alphanumeric() || ('\u{300}'..='\u{36f}').contains(&letter)
}

fn is_apostrophe(letter: char) -> bool {
    letter == '\'' || letter == '\u{2019}'
}

fn word_end(letters: &[(usize, char)], from: usize) -> usize {
    let letter = |at: usize| letters.get(at).map(|letter| letter.1);
    let is_digit = |at: usize| letter(at).is_some_and(|letter| letter.is_ascii_digit());
    let mut at = from;
    while let Some(here) = letter(at) {
        let joins_digits = here == ':' && at > from && is_digit(at - 1) && is_digit(at + 1);
        let joins_letters =
            is_apostrophe(here) && at > from && letter(at + 1).is_some_and(char::is_alphabetic);
        if !is_letter(here) && !joins_digits && !joins_letters {
            break;
        }
        at += 1;
    }
    at
}

/// Where a day of the form `2026-11-03` ends.
fn day_end(letters: &[(usize, char)], from: usize) -> Option<usize> {
    let form = letters.get(from..from + 10)?;
    let fits = |(at, letter): (usize, char)| match at {
        4 | 7 => letter == '-',
        _ => letter.is_ascii_digit(),
    };
    let all_fit = form.iter().map(|letter| letter.1).enumerate().all(fits);
    let goes_on = letters.get(from + 10).is_some_and(|letter| letter.1.is_ascii_digit());
    (all_fit && !goes_on).then_some(from + 10)
}

/// Folded, without a genitive: who asks for `Anna's visits` means Anna.
fn bare(word: &str) -> String {
    let word = word.strip_suffix("'s").or_else(|| word.strip_suffix("\u{2019}s")).unwrap_or(word);
    let mut folded = fold(word);
    folded.retain(|letter| !is_apostrophe(letter));
    let mut end = folded.len().min(WORD_BYTES_MAX);
    while !folded.is_char_boundary(end) {
        end -= 1;
    }
    folded.truncate(end);
    folded
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn folded(text: &str) -> Vec<String> {
        words(text).into_iter().map(|word| word.folded).collect()
    }

    #[test]
    fn words_times_and_days_are_whole() {
        assert_eq!(folded("cam-01 at 14:30?"), ["cam", "01", "at", "14:30"]);
        assert_eq!(folded("since 2026-11-03, Anna’s"), ["since", "2026-11-03", "anna"]);
        assert_eq!(folded("o'clock don't"), ["oclock", "dont"]);
    }

    proptest! {
        #[test]
        fn any_text_is_cut_at_its_letters(text in "\\PC{0,200}") {
            for word in words(&text) {
                prop_assert!(text.get(word.from..word.to).is_some());
                prop_assert!(word.folded.len() <= WORD_BYTES_MAX);
            }
        }
    }
}
