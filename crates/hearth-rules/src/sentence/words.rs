//! Cuts a sentence into words, numbers, times, quoted texts and signs.

use crate::TimeOfDay;

/// Letters of a sentence. A rule of the largest size is longer, and is edited as what it is.
pub(super) const LETTERS_MAX: usize = 8_000;

/// A piece of a sentence.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    /// In small letters.
    Word(String),
    /// As it stands between quotation marks.
    Quoted(String),
    Number(f64),
    Time(TimeOfDay),
    Sign(char),
}

/// A piece and where it stands, in bytes.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Piece {
    pub(super) token: Token,
    pub(super) from: usize,
    pub(super) to: usize,
}

/// Cuts a text. What is no letter, number or known sign separates.
pub(super) fn cut(text: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut letters = text.char_indices().take(LETTERS_MAX).peekable();
    let end_of = |next: Option<&(usize, char)>| next.map_or(text.len(), |(at, _)| *at);
    while let Some((from, letter)) = letters.next() {
        let token = if letter == '"' {
            let mut quoted = String::new();
            while let Some((_, letter)) = letters.next() {
                match letter {
                    '"' => break,
                    '\\' => quoted.extend(letters.next().map(|(_, letter)| letter)),
                    letter => quoted.push(letter),
                }
            }
            Token::Quoted(quoted)
        } else if is_of_word(letter) || letter == '-' {
            let mut word = String::from(letter);
            while let Some((_, letter)) =
                letters.next_if(|(_, letter)| is_of_word(*letter) || ":.-'".contains(*letter))
            {
                word.push(letter);
            }
            // A full stop ends a sentence.
            match named(word.trim_end_matches(['.', ':'])) {
                Some(token) => token,
                None => continue,
            }
        } else if ",();%".contains(letter) {
            Token::Sign(letter)
        } else {
            continue;
        };
        pieces.push(Piece { token, from, to: end_of(letters.peek()) });
    }
    pieces
}

fn is_of_word(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

fn named(word: &str) -> Option<Token> {
    if let Ok(time) = word.parse() {
        return Some(Token::Time(time));
    }
    let is_number = word.bytes().all(|byte| byte.is_ascii_digit() || b"-.".contains(&byte));
    let number = word.parse::<f64>().ok().filter(|number| is_number && number.is_finite());
    match number {
        Some(number) => Some(Token::Number(number)),
        None if word.chars().any(is_of_word) => Some(Token::Word(word.to_lowercase())),
        None => None,
    }
}
