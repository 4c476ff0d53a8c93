//! Mail addresses in the form that every server takes. Pure.

use std::{fmt, str::FromStr};

/// RFC 5321, 4.5.3.1.3: a path of 256 bytes with its angle brackets.
const BYTES_MAX: usize = 254;

/// `local@domain` in ASCII, without quotes and comments: nothing in it can end a command or a header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailAddress(String);

/// The text is no such address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an address is like name@example.org")]
pub struct MailAddressError;

impl MailAddress {
    /// What stands behind the `@`.
    pub fn domain(&self) -> &str {
        self.0.rsplit_once('@').map_or("", |(_, domain)| domain)
    }
}

impl FromStr for MailAddress {
    type Err = MailAddressError;

    fn from_str(text: &str) -> Result<Self, MailAddressError> {
        let (local, domain) = text.rsplit_once('@').ok_or(MailAddressError)?;
        // RFC 5322, 3.2.3: atext and single dots.
        let is_atext =
            |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&byte);
        let is_label_byte = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        let local_fits =
            local.split('.').all(|atom| !atom.is_empty() && atom.bytes().all(is_atext));
        let domain_fits =
            domain.split('.').all(|label| !label.is_empty() && label.bytes().all(is_label_byte));
        let fits = text.len() <= BYTES_MAX && local.len() <= 64 && local_fits && domain_fits;
        if fits { Ok(Self(text.to_owned())) } else { Err(MailAddressError) }
    }
}

impl fmt::Display for MailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_told_from_tricks() {
        for good in ["ben@example.org", "a.b+house@localhost", "o'hara@mail.example"] {
            assert!(good.parse::<MailAddress>().is_ok(), "{good}");
        }
        let bad = [
            "",
            "ben",
            "@example.org",
            "ben@",
            "a..b@example.org",
            "a b@example.org",
            "ben@example.org\r\nRCPT TO:<eve@example.org>",
            "<ben@example.org>",
            "\"a\"@example.org",
            "bén@example.org",
        ];
        for bad in bad {
            assert!(bad.parse::<MailAddress>().is_err(), "{bad}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_address_holds_what_could_end_a_command(text in "\\PC{0,40}(@\\PC{0,20})?") {
            if let Ok(address) = text.parse::<MailAddress>() {
                let clean = |c: char| c.is_ascii_graphic() && !"<>\"(),:;\\[]".contains(c);
                proptest::prop_assert!(address.to_string().chars().all(clean));
            }
        }
    }
}
