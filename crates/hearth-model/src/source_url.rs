//! Where a camera's stream comes from, with credentials split off before anything is stored.

use std::{borrow::Cow, fmt, str::FromStr};

use percent_encoding::percent_decode_str;

mod placeholder;

/// How the stream is fetched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SourceScheme {
    /// RTSP over TCP, port 554.
    Rtsp,
    /// RTSP inside TLS, port 322.
    Rtsps,
    /// MJPEG over HTTP, port 80.
    Http,
    /// MJPEG over HTTPS, port 443.
    Https,
    /// A file on the hub's machine, replayed in a loop.
    File,
    /// A camera on the hub's machine itself, by its device: `v4l2:///dev/video0`.
    V4l2,
}

impl SourceScheme {
    const ALL: [(&'static str, Self, u16); 6] = [
        ("rtsp", Self::Rtsp, 554),
        ("rtsps", Self::Rtsps, 322),
        ("http", Self::Http, 80),
        ("https", Self::Https, 443),
        ("file", Self::File, 0),
        ("v4l2", Self::V4l2, 0),
    ];

    /// Its name in a URL.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|row| row.1 == self).map_or("", |row| row.0)
    }

    /// The port when the URL names none.
    pub fn default_port(self) -> u16 {
        Self::ALL.iter().find(|row| row.1 == self).map_or(0, |row| row.2)
    }

    /// Whether the bytes on the wire are encrypted, or there is no wire.
    pub fn is_encrypted(self) -> bool {
        matches!(self, Self::Rtsps | Self::Https) || self.is_local()
    }

    /// Whether it is on the hub's own machine: a path and no host.
    pub fn is_local(self) -> bool {
        matches!(self, Self::File | Self::V4l2)
    }
}

/// Why a text is not a source.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SourceUrlError {
    /// Unknown or missing scheme.
    #[error("a camera URL starts with rtsp://, rtsps://, http://, https://, file:// or v4l2://")]
    Scheme,
    /// No host, or characters that no host has.
    #[error("the camera URL names no valid host")]
    Host,
    /// The port is not a number from 1 to 65535.
    #[error("the camera URL's port is not a number from 1 to 65535")]
    Port,
    /// Several secrets, of which the camera's account can only have one.
    #[error("the camera URL holds several passwords")]
    Passwords,
    /// A control character, a space or too long.
    #[error(
        "the camera URL holds a space or control character, or is longer than {} bytes",
        SourceUrl::BYTES_MAX
    )]
    Characters,
    /// A file source needs an absolute path.
    #[error("a file source needs an absolute path: file:///path/to/clip.mp4")]
    Path,
    /// A local camera is a video device and nothing else.
    #[error("a local camera is named by its device: v4l2:///dev/video0")]
    Device,
}

/// A source without credentials: it may be stored, shown and logged.
///
/// promise: V-24. User name and password are split off by [`SourceUrl::split`] and go to the vault.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct SourceUrl {
    scheme: SourceScheme,
    host: String,
    port: u16,
    path: String,
}

/// A user name and a password as they stood in a URL.
pub type UserInfo = (String, String);

impl SourceUrl {
    /// Longer than any camera needs.
    pub const BYTES_MAX: usize = 2048;

    /// Reads a URL that a person gave, and splits off the credentials in it: before an `@`, and in the
    /// path or query where makers have them. Placeholders stay there, for [`SourceUrl::filled`].
    ///
    /// # Errors
    /// Also [`SourceUrlError::Passwords`].
    pub fn split(text: &str) -> Result<(Self, Option<UserInfo>), SourceUrlError> {
        let (url, user_info) = Self::parse(text)?;
        if url.scheme.is_local() {
            return Ok((url, user_info));
        }
        let Some((path, found)) = placeholder::cut(&url.path)? else {
            return Ok((url, user_info));
        };
        match &user_info {
            Some((name, password))
                if *password != found.1 || !(found.0.is_empty() || *name == found.0) =>
            {
                Err(SourceUrlError::Passwords)
            }
            _ => Ok((Self { path, ..url }, user_info.or(Some(found)))),
        }
    }

    /// Reads a URL and splits off the credentials before an `@`, if any.
    pub fn parse(text: &str) -> Result<(Self, Option<UserInfo>), SourceUrlError> {
        let unfit = |c: char| c.is_control() || c.is_whitespace();
        if text.len() > Self::BYTES_MAX || text.chars().any(unfit) {
            return Err(SourceUrlError::Characters);
        }
        let (name, rest) = text.split_once("://").ok_or(SourceUrlError::Scheme)?;
        let scheme = SourceScheme::ALL
            .iter()
            .find(|row| row.0.eq_ignore_ascii_case(name))
            .map(|row| row.1)
            .ok_or(SourceUrlError::Scheme)?;
        if scheme.is_local() {
            let path = percent_decode_str(rest).decode_utf8().map_err(|_| SourceUrlError::Path)?;
            if scheme == SourceScheme::V4l2 && !is_video_device(&path) {
                return Err(SourceUrlError::Device);
            }
            if !path.starts_with('/') {
                return Err(SourceUrlError::Path);
            }
            let path = path.into_owned();
            return Ok((Self { scheme, host: String::new(), port: 0, path }, None));
        }
        let end = rest.find(['/', '?']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(end);
        let (user_info, host_port) = match authority.rsplit_once('@') {
            Some((user_info, host_port)) => (Some(user_info), host_port),
            None => (None, authority),
        };
        let (host, port) = split_port(host_port)?;
        let port = match port {
            Some(port) => port.parse().ok().filter(|port| *port > 0).ok_or(SourceUrlError::Port)?,
            None => scheme.default_port(),
        };
        let path = match path {
            "" => "/".to_owned(),
            query if query.starts_with('?') => format!("/{query}"),
            path => path.to_owned(),
        };
        let url = Self { scheme, host: host.to_ascii_lowercase(), port, path };
        Ok((url, user_info.and_then(split_user_info)))
    }

    /// Reads a URL that a camera told. Nothing is ever put in there: a camera that tells a placeholder asks
    /// to be sent a password that it only has to see proved (promise V-24).
    pub fn told(text: &str) -> Result<Self, SourceUrlError> {
        Self::parse(&placeholder::closed(text)).map(|(url, _)| url)
    }

    /// The same for a part of one, as it goes into requests.
    pub fn told_part(text: &str) -> String {
        placeholder::closed(text)
    }

    /// How it is fetched.
    pub fn scheme(&self) -> SourceScheme {
        self.scheme
    }

    /// Host name or address, without brackets; empty on the hub's own machine.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Port; 0 on the hub's own machine.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The same host and path by RTSP inside TLS.
    #[must_use]
    pub fn with_rtsps(&self, port: u16) -> Self {
        Self { scheme: SourceScheme::Rtsps, port, ..self.clone() }
    }

    /// Path and query, starting with `/`.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Where the camera is, without what it is asked for: what makers put there may be a secret that
    /// nobody can tell from a name.
    #[must_use]
    pub fn without_path(&self) -> Self {
        Self { path: "/".to_owned(), ..self.clone() }
    }

    /// Whether a password is put into the path, so that whoever hears the request knows it.
    pub fn wants_password(&self) -> bool {
        placeholder::wants_password(&self.path)
    }

    /// A URL or path with the account put in where [`SourceUrl::split`] took it out: what is sent to the
    /// camera, and neither stored nor shown.
    pub fn filled(text: &str, username: &str, password: &str) -> String {
        placeholder::fill(text, username, password)
    }
}

/// Whether a path is one by which the kernel or udev names video devices, so that no other file is
/// ever opened as one.
fn is_video_device(path: &str) -> bool {
    let is_plain = |name: &str| {
        !name.is_empty()
            && name != ".."
            && name.chars().all(|c| c.is_ascii_alphanumeric() || "._:-".contains(c))
    };
    let number = path.strip_prefix("/dev/video");
    let named = path.strip_prefix("/dev/v4l/by-id/").or(path.strip_prefix("/dev/v4l/by-path/"));
    number.is_some_and(|number| {
        (1..=3).contains(&number.len()) && number.bytes().all(|digit| digit.is_ascii_digit())
    }) || named.is_some_and(is_plain)
}

fn split_port(text: &str) -> Result<(&str, Option<&str>), SourceUrlError> {
    let (host, port) = if let Some(rest) = text.strip_prefix('[') {
        let (host, rest) = rest.split_once(']').ok_or(SourceUrlError::Host)?;
        let _: std::net::Ipv6Addr = host.parse().map_err(|_| SourceUrlError::Host)?;
        match rest.strip_prefix(':') {
            Some(port) => (host, Some(port)),
            None if rest.is_empty() => (host, None),
            None => return Err(SourceUrlError::Host),
        }
    } else {
        match text.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (text, None),
        }
    };
    let fit = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ':');
    let is_unclear = !host.contains(':')
        && ends_in_a_number(host)
        && host.parse::<std::net::Ipv4Addr>().is_err();
    if host.is_empty() || host.len() > 253 || !host.chars().all(fit) || is_unclear {
        return Err(SourceUrlError::Host);
    }
    Ok((host, port))
}

/// Whether the last label is a number, so that resolvers may read the host as an IPv4 address: in
/// decimal, octal or hexadecimal, in one to four parts (WHATWG URL, 3.5). Of these spellings only the
/// plain one is an address here; what the others mean depends on who reads them.
fn ends_in_a_number(host: &str) -> bool {
    let host = host.strip_suffix('.').unwrap_or(host);
    let last = host.rsplit('.').next().unwrap_or(host);
    let hexadecimal = last.strip_prefix("0x").or_else(|| last.strip_prefix("0X"));
    match hexadecimal {
        Some(digits) => digits.chars().all(|c| c.is_ascii_hexdigit()),
        None => !last.is_empty() && last.chars().all(|c| c.is_ascii_digit()),
    }
}

fn split_user_info(text: &str) -> Option<UserInfo> {
    let (user, password) = text.split_once(':').unwrap_or((text, ""));
    (!user.is_empty() || !password.is_empty()).then(|| (decoded(user), decoded(password)))
}

/// A secret with its escapes read. A `%` that begins none stands for itself, as cameras have it.
fn decoded(secret: &str) -> String {
    percent_decode_str(secret).decode_utf8().map_or_else(|_| secret.to_owned(), Cow::into_owned)
}

impl fmt::Display for SourceUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.scheme.name();
        if self.scheme.is_local() {
            return write!(f, "{name}://{}", PercentEncoded(&self.path));
        }
        if self.host.contains(':') {
            write!(f, "{name}://[{}]:{}{}", self.host, self.port, self.path)
        } else {
            write!(f, "{name}://{}:{}{}", self.host, self.port, self.path)
        }
    }
}

/// A path with everything encoded that [`SourceUrl::parse`] refuses or decodes.
struct PercentEncoded<'a>(&'a str);

impl fmt::Display for PercentEncoded<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for character in self.0.chars() {
            if character == '%' || character.is_control() || character.is_whitespace() {
                let mut bytes = [0; 4];
                for byte in character.encode_utf8(&mut bytes).bytes() {
                    write!(f, "%{byte:02X}")?;
                }
            } else {
                write!(f, "{character}")?;
            }
        }
        Ok(())
    }
}

impl fmt::Debug for SourceUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for SourceUrl {
    type Err = SourceUrlError;

    /// Reads a URL and drops any credentials in it.
    fn from_str(text: &str) -> Result<Self, SourceUrlError> {
        Self::parse(text).map(|(url, _)| url)
    }
}

impl serde::Serialize for SourceUrl {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for SourceUrl {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// promise: V-24. What is shown never holds the credentials.
    #[test]
    fn credentials_are_split_off() {
        let (url, user_info) =
            SourceUrl::parse("rtsp://anna:p%40ss@10.0.0.5/stream1?x=1").expect("valid");
        assert_eq!(url.to_string(), "rtsp://10.0.0.5:554/stream1?x=1");
        assert_eq!(user_info, Some(("anna".to_owned(), "p@ss".to_owned())));
    }

    /// promise: V-24. The same in the path, and both places must say the same.
    #[test]
    fn credentials_in_the_path_are_those_before_the_host() {
        let (url, user_info) =
            SourceUrl::split("rtsp://10.0.0.5/user=anna_password=pass1_channel=1").expect("valid");
        let shown = "rtsp://10.0.0.5:554/user={username}_password={password}_channel=1";
        assert_eq!(url.to_string(), shown);
        assert_eq!(SourceUrl::split(shown), Ok((url.clone(), None)));
        assert!(url.wants_password() && !url.without_path().wants_password());
        let (name, password) = user_info.expect("an account");
        let sent = SourceUrl::filled(&url.to_string(), &name, &password);
        assert_eq!(sent, "rtsp://10.0.0.5:554/user=anna_password=pass1_channel=1");
        for both in ["anna:pass1", "bert:pass1", "anna:pass2"] {
            let text = format!("rtsp://{both}@10.0.0.5/user=anna_password=pass1_channel=1");
            let expected = (both == "anna:pass1").then_some(&url);
            assert_eq!(SourceUrl::split(&text).ok().map(|(url, _)| url).as_ref(), expected);
        }
        let file = "file:///tmp/password=x";
        assert_eq!(SourceUrl::split(file), SourceUrl::parse(file));
    }

    #[test]
    fn each_mistake_has_its_own_error() {
        let error = |text| SourceUrl::parse(text).expect_err("invalid");
        assert_eq!(error("10.0.0.5/stream"), SourceUrlError::Scheme);
        assert_eq!(error("gopher://x/"), SourceUrlError::Scheme);
        assert_eq!(error("rtsp:///stream"), SourceUrlError::Host);
        assert_eq!(error("rtsp://a:0/"), SourceUrlError::Port);
        assert_eq!(error("rtsp://a:99999/"), SourceUrlError::Port);
        assert_eq!(error("rtsp://a b/"), SourceUrlError::Characters);
        assert_eq!(error("file://clip.mp4"), SourceUrlError::Path);
    }

    #[test]
    fn a_local_camera_is_a_video_device_and_nothing_else() {
        for path in ["/dev/video0", "/dev/video12", "/dev/v4l/by-id/usb-046d_C270-video-index0"] {
            let text = format!("v4l2://{path}");
            let (url, _) = SourceUrl::parse(&text).expect("valid");
            assert_eq!((url.path(), url.to_string()), (path, text));
            assert!(url.scheme().is_encrypted() && url.scheme().is_local());
        }
        for path in [
            "",
            "/dev/video",
            "/dev/video0/../mem",
            "/dev/mem",
            "/etc/passwd",
            "/dev/v4l/by-id/..",
            "/dev/v4l/by-id/../../mem",
            "/dev/v4l/by-id/%2e%2e",
        ] {
            let error = SourceUrl::parse(&format!("v4l2://{path}")).expect_err("invalid");
            assert_eq!(error, SourceUrlError::Device, "{path}");
        }
    }

    #[test]
    fn ipv6_hosts_keep_their_brackets() {
        let (url, _) = SourceUrl::parse("rtsp://[::1]:8554/a").expect("valid");
        assert_eq!((url.host(), url.port()), ("::1", 8554));
        assert_eq!(url.to_string(), "rtsp://[::1]:8554/a");
    }

    /// promise: K-04. An address has one spelling, so that a check and a resolver read the same.
    #[test]
    fn an_address_has_one_spelling() {
        for host in [
            "2130706433",
            "0x7f000001",
            "0X7F.1",
            "0177.0.0.1",
            "127.1",
            "127.0.1",
            "0x7f.0.0.0x1",
            "127.0.0.01",
            "127.0.0.1.",
            "127.0.0.256",
            "1.2.3.4.5",
            "camera.1",
            "0x",
            "[::1%25eth0]",
            "[fe80::1%eth0]",
            "[::ffff:127.1]",
            "[127.0.0.1]",
            "127。0。0。1",
            "１２７.0.0.1",
        ] {
            let error = SourceUrl::parse(&format!("rtsp://{host}/x")).expect_err(host);
            assert_eq!(error, SourceUrlError::Host, "{host}");
        }
        for host in ["127.0.0.1", "camera1", "camera.1a", "1.camera", "0x7f.lan", "camera.lan."] {
            let (url, _) = SourceUrl::parse(&format!("rtsp://{host}/x")).expect(host);
            assert_eq!(url.host(), host);
        }
    }

    /// promise: V-24. The host is what stands behind the last `@`, whatever the user name looks like.
    #[test]
    fn a_user_name_is_not_taken_for_the_host() {
        for (text, host) in [
            ("rtsp://10.0.0.5@127.0.0.1/x", "127.0.0.1"),
            ("rtsp://10.0.0.5:80@127.0.0.1:554/x", "127.0.0.1"),
            ("rtsp://a@10.0.0.5@127.0.0.1/x", "127.0.0.1"),
            ("rtsp://10.0.0.5%2f@127.0.0.1/x", "127.0.0.1"),
            ("rtsp://127.0.0.1\\@10.0.0.5/x", "10.0.0.5"),
            ("rtsp://10.0.0.5/@127.0.0.1/x", "10.0.0.5"),
            ("rtsp://10.0.0.5?@127.0.0.1/x", "10.0.0.5"),
        ] {
            assert_eq!(SourceUrl::parse(text).expect("valid").0.host(), host, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused_without_panic(text in "\\PC{0,60}") {
            drop(SourceUrl::parse(&text));
        }

        /// Found by fuzzing: a decoded space or newline in a path must not come out as it is.
        #[test]
        fn a_file_that_was_read_reads_the_same_again(path in "/[a-z% \n\u{85}ä]{0,20}") {
            let encoded: String = path.bytes().map(|byte| format!("%{byte:02x}")).collect();
            let (url, _) = SourceUrl::parse(&format!("file://{encoded}")).expect("valid");
            prop_assert_eq!(url.path(), &path);
            let shown = url.to_string();
            prop_assert!(!shown.contains(char::is_control));
            prop_assert_eq!(shown.parse::<SourceUrl>(), Ok(url));
        }

        #[test]
        fn what_was_read_reads_the_same_again(host in "[a-z0-9.-]{0,19}[g-wyz]", port in 1u16.., path in "/[a-z0-9/?=&]{0,20}") {
            let text = format!("rtsp://u:p@{host}:{port}{path}");
            let (url, _) = SourceUrl::parse(&text).expect("valid");
            prop_assert_eq!(url.to_string().parse::<SourceUrl>(), Ok(url));
        }
    }
}
