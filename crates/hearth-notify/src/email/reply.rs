//! What a mail server answers: a number and lines (RFC 5321, 4.2). Pure; the bytes come from outside.

/// Lines of one reply; the longest lists of abilities have some twenty.
const LINES_MAX: usize = 64;

/// A whole reply.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SmtpReply {
    code: u16,
    lines: Vec<String>,
}

/// What one more line made of a reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Grown {
    /// More lines follow.
    Goes,
    /// It is whole.
    Whole,
    /// It is none.
    Broken,
}

impl SmtpReply {
    /// Reads a whole reply; `None` if it is cut short or none.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let mut reply = Self::default();
        for line in bytes.split(|byte| *byte == b'\n') {
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            match reply.push(line) {
                Grown::Goes => {}
                Grown::Whole => return Some(reply),
                Grown::Broken => return None,
            }
        }
        None
    }

    /// Takes one more line, without its end.
    pub(super) fn push(&mut self, line: &[u8]) -> Grown {
        let Some((digits, rest)) = line.split_at_checked(3) else { return Grown::Broken };
        let digits = std::str::from_utf8(digits).ok();
        let is_number = |text: &&str| text.bytes().all(|byte| byte.is_ascii_digit());
        let code = digits.filter(is_number).and_then(|text| text.parse().ok());
        let Some(code) = code.filter(|code| (200..600).contains(code)) else {
            return Grown::Broken;
        };
        let is_other = !self.lines.is_empty() && code != self.code;
        if is_other || self.lines.len() >= LINES_MAX {
            return Grown::Broken;
        }
        self.code = code;
        let (mark, text) = rest.split_at_checked(1).unwrap_or((b" ", b""));
        self.lines.push(String::from_utf8_lossy(text).into_owned());
        match mark {
            b"-" => Grown::Goes,
            b" " => Grown::Whole,
            _ => Grown::Broken,
        }
    }

    /// Its number.
    pub fn code(&self) -> u16 {
        self.code
    }

    /// Whether one of its lines is this word.
    pub(super) fn has_line(&self, word: &str) -> bool {
        self.lines.iter().any(|line| line.trim().eq_ignore_ascii_case(word))
    }

    /// Whether a way to log in is offered.
    pub(super) fn offers_login(&self, mechanism: &str) -> bool {
        self.lines.iter().any(|line| {
            let mut words = line.split([' ', '=']);
            words.next().is_some_and(|word| word.eq_ignore_ascii_case("AUTH"))
                && words.any(|word| word.eq_ignore_ascii_case(mechanism))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reply_of_several_lines_is_one() {
        let text = b"250-mail.example greets you\r\n250-STARTTLS\r\n250 AUTH LOGIN PLAIN\r\n";
        let reply = SmtpReply::parse(text).expect("a reply");
        assert_eq!(reply.code(), 250);
        assert!(reply.has_line("starttls") && reply.offers_login("plain"));
        assert!(!reply.has_line("START") && !reply.offers_login("XOAUTH2"));
    }

    #[test]
    fn what_is_no_reply_is_refused() {
        for bad in [&b"250-a\r\n"[..], b"250-a\r\n251 b\r\n", b"99 x\r\n", b"abc\r\n", b"", b"250x"]
        {
            assert_eq!(SmtpReply::parse(bad), None, "{}", String::from_utf8_lossy(bad));
        }
        assert_eq!(SmtpReply::parse(&b"250-a\r\n".repeat(LINES_MAX + 1)), None);
        assert_eq!(SmtpReply::parse(b"250").expect("a short one").code(), 250);
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_read_or_refused_without_panic(bytes: Vec<u8>) {
            SmtpReply::parse(&bytes);
        }

        #[test]
        fn what_a_server_says_is_read(code in 200..600_u16, lines in proptest::collection::vec("[ -~]{0,40}", 1..20)) {
            let last = lines.len() - 1;
            let mark = |at| if at == last { ' ' } else { '-' };
            let text: String = lines.iter().enumerate()
                .map(|(at, line)| format!("{code}{}{line}\r\n", mark(at)))
                .collect();
            let reply = SmtpReply::parse(text.as_bytes()).expect("a reply");
            proptest::prop_assert_eq!((reply.code, reply.lines), (code, lines));
        }
    }
}
