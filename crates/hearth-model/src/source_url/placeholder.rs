//! Secrets in the path or the query of a camera's URL, as some makers want them:
//! `/user=admin_password=x_channel=1_stream=0.sdp`, `/video.cgi?usr=admin&pwd=x`.
//!
//! They are cut out where a person gives the URL, go where those before an `@` go, and are put back
//! into what is sent to the camera. What stands for them holds braces, which no URL has (RFC 3986, 2).
//!
//! promise: V-24, T-17.

use super::{SourceUrlError, UserInfo, decoded};

const USERNAME: &str = "{username}";
const PASSWORD: &str = "{password}";

/// How makers call the account. Of a name with `_` in it, the part behind that counts.
const USERNAMES: [&str; 6] = ["user", "usr", "username", "login", "loginuse", "account"];
/// How makers call what proves it.
const PASSWORDS: [&str; 12] = [
    "password",
    "passwd",
    "pass",
    "pwd",
    "psw",
    "loginpas",
    "token",
    "auth",
    "authbasic",
    "key",
    "apikey",
    "secret",
];

/// A path with placeholders for the account in it, and the account; `None` if it holds no secret.
///
/// # Errors
/// [`SourceUrlError::Passwords`] if it holds several.
pub(super) fn cut(path: &str) -> Result<Option<(String, UserInfo)>, SourceUrlError> {
    let (mut username, mut password) = (None, None);
    let mut cut = String::with_capacity(path.len());
    let mut rest = path;
    while let Some(equals) = rest.find('=') {
        let (before, value) = rest.split_at(equals + 1);
        cut.push_str(before);
        let is_query = cut.contains('?');
        let (value, tail) = value.split_at(value_end(value, is_query));
        let name = before.trim_end_matches('=').rsplit(is_separator).next().unwrap_or_default();
        let is_one_of = |names: &[&str]| names.iter().any(|one| name.eq_ignore_ascii_case(one));
        let (kept, placeholder) = if is_one_of(&PASSWORDS) {
            (&mut password, PASSWORD)
        } else if is_one_of(&USERNAMES) {
            (&mut username, USERNAME)
        } else {
            (&mut None, "")
        };
        let is_open = placeholder.is_empty() || value.is_empty() || value == placeholder;
        cut.push_str(if is_open { value } else { placeholder });
        if !is_open && kept.replace(value).is_some_and(|other| other != value) {
            return Err(SourceUrlError::Passwords);
        }
        rest = tail;
    }
    cut.push_str(rest);
    // A user name alone is no secret.
    Ok(password
        .map(|password| (cut, (username.map(decoded).unwrap_or_default(), decoded(password)))))
}

/// Whether an escape (RFC 3986, 2.1) begins at a place.
fn is_escape(value: &str, at: usize) -> bool {
    let digits = value.as_bytes().get(at + 1..at + 3);
    value.as_bytes().get(at) == Some(&b'%')
        && digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
}

fn is_separator(character: char) -> bool {
    matches!(character, '/' | '?' | '&' | ';' | '_')
}

/// Where a value ends. A query may hold `/`; where makers put values into the path, some separate them
/// by `_`, which a password may hold as well: it ends there if another `name=` follows.
fn value_end(text: &str, is_query: bool) -> usize {
    let ends = |(at, character): &(usize, char)| match character {
        '&' | ';' => true,
        '/' | '?' => !is_query,
        '_' if !is_query => text.get(at + 1..).is_some_and(begins_with_a_name),
        _ => false,
    };
    text.char_indices().find(ends).map_or(text.len(), |(at, _)| at)
}

fn begins_with_a_name(text: &str) -> bool {
    let name = text.split_once('=').map_or("", |(name, _)| name);
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// Whether something is to be put in that must stay secret.
pub(super) fn wants_password(text: &str) -> bool {
    text.contains(PASSWORD)
}

/// A text in which nothing is put in.
pub(super) fn closed(text: &str) -> String {
    text.replace('{', "%7B").replace('}', "%7D")
}

/// A URL or a path of one with the account put in.
pub(super) fn fill(text: &str, username: &str, password: &str) -> String {
    let (path, query) = text.split_at(text.find('?').unwrap_or(text.len()));
    let put = |text: &str, ends: &str| {
        let password = encoded(password, ends);
        text.replace(USERNAME, &encoded(username, ends)).replace(PASSWORD, &password)
    };
    put(path, "/?#&;=") + &put(query, "#&;")
}

/// As little encoded as can be: there are cameras that decode nothing.
fn encoded(value: &str, ends: &str) -> String {
    let mut text = String::with_capacity(value.len());
    for (at, character) in value.char_indices() {
        let is_plain = character.is_ascii_graphic() && !"{}".contains(character);
        let is_plain = is_plain && !is_escape(value, at);
        if is_plain && !ends.contains(character) {
            text.push(character);
        } else {
            let mut bytes = [0; 4];
            for byte in character.encode_utf8(&mut bytes).bytes() {
                text.push_str(&format!("%{byte:02X}"));
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn account(username: &str, password: &str) -> UserInfo {
        (username.to_owned(), password.to_owned())
    }

    /// promise: V-24, T-17. As makers have them, and where they belong again.
    #[test]
    fn secrets_in_a_path_are_cut_out_and_put_back() {
        for (path, expected, found) in [
            (
                "/user=admin_password=tlJwpbo6_channel=1_stream=0.sdp?real_stream",
                "/user={username}_password={password}_channel=1_stream=0.sdp?real_stream",
                account("admin", "tlJwpbo6"),
            ),
            (
                "/user=admin&password=a_b&channel=1&stream=0.sdp",
                "/user={username}&password={password}&channel=1&stream=0.sdp",
                account("admin", "a_b"),
            ),
            (
                "/video.cgi?usr=me&pwd=a/b=c&resolution=32",
                "/video.cgi?usr={username}&pwd={password}&resolution=32",
                account("me", "a/b=c"),
            ),
            (
                "/cam?subtype=0&authbasic=YWRtaW46YQ==",
                "/cam?subtype=0&authbasic={password}",
                account("", "YWRtaW46YQ=="),
            ),
            ("/live?access_token=x%26y", "/live?access_token={password}", account("", "x&y")),
        ] {
            let (cut, (username, password)) = cut(path).expect("one password").expect("a secret");
            assert_eq!((cut.as_str(), &(username.clone(), password.clone())), (expected, &found));
            assert_eq!(fill(&cut, &username, &password), path);
            assert!(wants_password(&cut) && !wants_password(path));
        }
    }

    #[test]
    fn what_holds_no_secret_stays_as_it_is() {
        for path in [
            "/",
            "/stream1?x=1",
            "/h264Preview_01_main",
            "/user=admin_password=_channel=1_stream=0.sdp",
            "/live?user=anna&channel=2",
            "/live?user={username}&password={password}",
            "/monkey=1?tokens=2",
        ] {
            assert_eq!(cut(path), Ok(None), "{path}");
        }
    }

    #[test]
    fn two_passwords_are_one_too_many() {
        assert_eq!(cut("/a?password=x&token=y"), Err(SourceUrlError::Passwords));
        let (twice, _) = cut("/a?password=x&token=x").expect("one").expect("a secret");
        assert_eq!(twice, "/a?password={password}&token={password}");
    }

    proptest! {
        /// promise: V-24. Whatever somebody's password is, it comes back as it was, and is not shown.
        #[test]
        fn every_password_comes_back(password in "[^ -~]{1,4}[ -~]{0,8}[^ -~]{0,4}|[!-~]{3,16}") {
            for frame in ["/a_password=", "/a?password="] {
                let path = format!("{frame}{}&last=1", encoded(&password, "/?#&;%="));
                let found = cut(&path).expect("one password");
                let (cut, account) = found.expect("a secret");
                prop_assert_eq!(&cut, &format!("{frame}{{password}}&last=1"));
                prop_assert_eq!(&account.1, &password);
                let filled = fill(&cut, "", &password);
                let (_, again) = super::cut(&filled).expect("one").expect("a secret");
                prop_assert_eq!(again.1, password.clone());
            }
        }

        /// promise: V-24. Whatever a camera tells, nothing is put in there.
        #[test]
        fn nothing_is_put_into_what_is_closed(text in "([a-z/=&?]|\\{|\\}|username|password){0,12}") {
            let told = closed(&text);
            prop_assert!(!wants_password(&told));
            prop_assert_eq!(fill(&told, "anna", "pl4nted"), told);
        }

        #[test]
        fn arbitrary_paths_never_panic(path in ".*") {
            cut(&path).ok();
            fill(&path, "ä&", "%41");
        }
    }
}
