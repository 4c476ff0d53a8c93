//! The log of the running hub on standard error, and the form of it that names nobody.
//!
//! stdout carries results only. With `[log] anonymise` a line says what happened, how often and to
//! which id; every other value has the keyed short form that the security log uses, so lines of
//! both logs still belong together. A field is hidden unless it is listed here: one that somebody
//! adds later is safe before anybody thinks of it. promise: D-27, D-33.

use std::{
    fmt,
    net::{IpAddr, SocketAddr},
    panic,
    sync::{Arc, OnceLock},
};

use hearth_hub::Pseudonyms;
use hearth_model::DeviceId;
use tracing::{
    Event, Subscriber,
    field::{Field, Visit},
};
use tracing_subscriber::{
    EnvFilter,
    fmt::{
        FmtContext, FormatEvent, FormatFields,
        format::Writer,
        time::{FormatTime as _, SystemTime},
    },
    registry::LookupSpan,
};

use crate::failure::Failure;

/// Environment variable that says what is logged, e.g. `debug` or `hearth_stream=trace,info`.
const LOG_FILTER: &str = "HEARTHWATCH_LOG";

/// What all of our targets begin with. Others write their messages as they like, so these are left
/// out.
const OURS: &str = "hearth";

/// Text fields whose values are ids of things, or words of the program itself.
const PLAIN: [&str; 13] = [
    "camera.id",
    "code",
    "command",
    "device.id",
    "error.code",
    "error.id",
    "family",
    "method",
    "part",
    "reason",
    "result",
    "segment.id",
    "service",
];

/// Stands for a value while there is no key yet to make its short form with.
const HIDDEN: &str = "hidden";

/// The short forms, once the vault is open.
#[derive(Clone, Default)]
pub(crate) struct ShortForms(Arc<OnceLock<Pseudonyms>>);

impl ShortForms {
    /// From now on values have their short forms. Only the first call counts.
    pub(crate) fn learn(&self, pseudonyms: Pseudonyms) {
        self.0.set(pseudonyms).ok();
    }

    /// An address alone and one with a port are the same party, in both logs.
    fn of(&self, field: &str, value: &str) -> String {
        let Some(pseudonyms) = self.0.get() else { return HIDDEN.to_owned() };
        let address = value.parse::<IpAddr>().ok();
        let address = address.or_else(|| Some(value.parse::<SocketAddr>().ok()?.ip()));
        match address {
            Some(address) => pseudonyms.of("address", &address.to_canonical().to_string()),
            None => pseudonyms.of(field.strip_suffix(".id").unwrap_or(field), value),
        }
    }
}

/// Starts the log; once a process.
///
/// # Errors
/// If there is one already.
pub(crate) fn start(anonymise: bool) -> Result<ShortForms, Failure> {
    let filter = EnvFilter::try_from_env(LOG_FILTER).unwrap_or_else(|_| EnvFilter::new("info"));
    let plain = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let names = ShortForms::default();
    let started = if anonymise {
        panic::set_hook(Box::new(|panicked| {
            // Its message may quote what it was given.
            let at = panicked.location().map(|at| format!("{}:{}", at.file(), at.line()));
            eprintln!("a task panicked at {}", at.unwrap_or_default());
        }));
        plain.event_format(Nameless(names.clone())).try_init()
    } else {
        plain.try_init()
    };
    started.map_err(|error| Failure::start(error.as_ref()))?;
    Ok(names)
}

/// Lines as they may leave the house.
struct Nameless(ShortForms);

impl<S, N> FormatEvent<S, N> for Nameless
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        _: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        SystemTime.format_time(&mut writer)?;
        let (level, target) = (event.metadata().level(), event.metadata().target());
        write!(writer, " {level:>5} {target}:")?;
        if !target.starts_with(OURS) {
            return writeln!(writer, " (left out)");
        }
        let mut line = Line { short: &self.0, writer: writer.by_ref(), result: Ok(()) };
        event.record(&mut line);
        line.result?;
        writeln!(writer)
    }
}

/// The fields of one line.
struct Line<'a> {
    short: &'a ShortForms,
    writer: Writer<'a>,
    result: fmt::Result,
}

impl Line<'_> {
    fn plain(&mut self, field: &Field, value: &dyn fmt::Display) {
        if self.result.is_ok() {
            self.result = write!(self.writer, " {}={value}", field.name());
        }
    }

    fn text(&mut self, field: &Field, value: &str) {
        let name = field.name();
        if name == "message" {
            // Constant in our code; a test of the repository looks at that.
            if self.result.is_ok() {
                self.result = write!(self.writer, " {value}");
            }
        } else if PLAIN.contains(&name) || is_device_id(name, value) {
            self.plain(field, &value);
        } else {
            self.plain(field, &self.short.of(name, value));
        }
    }
}

/// Drivers call a device by its id once it has one.
fn is_device_id(field: &str, value: &str) -> bool {
    field == "device" && value.parse::<DeviceId>().is_ok()
}

impl Visit for Line<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.text(field, &format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.text(field, value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.plain(field, &value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.plain(field, &value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.plain(field, &value);
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.plain(field, &value);
    }
}

#[cfg(test)]
mod tests {
    use std::{io, sync::Mutex};

    use hearth_vault::{KeyScope, MasterKeySource, Vault};
    use tempfile::TempDir;
    use tracing_subscriber::fmt::MakeWriter;

    use super::*;

    #[derive(Clone, Default)]
    struct Written(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Written {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().expect("nobody panics").extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl<'a> MakeWriter<'a> for Written {
        type Writer = Self;

        fn make_writer(&'a self) -> Self {
            self.clone()
        }
    }

    fn pseudonyms() -> Pseudonyms {
        let (data, outside) = (TempDir::new().expect("one"), TempDir::new().expect("two"));
        let key = MasterKeySource::KeyFile(outside.path().join("key"));
        let vault = Vault::create(data.path(), &key).expect("a vault");
        Pseudonyms::new(vault.mac_key(&KeyScope::House, b"test").expect("a key"))
    }

    fn logged(names: &ShortForms, log: impl FnOnce()) -> String {
        let written = Written::default();
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(tracing::Level::TRACE)
            .with_writer(written.clone())
            .event_format(Nameless(names.clone()))
            .finish();
        tracing::subscriber::with_default(subscriber, log);
        let bytes = written.0.lock().expect("nobody panics").clone();
        String::from_utf8(bytes).expect("text")
    }

    /// promise: D-27, D-33. Names, addresses and texts have short forms, however they come; ids of
    /// cameras, numbers and what happened stay.
    #[test]
    fn a_nameless_line_says_what_happened_and_to_which_id() {
        let forms = ShortForms::default();
        forms.learn(pseudonyms());
        let error = io::Error::other("annabelle at 192.0.2.77:554 is away");
        let line = logged(&forms, || {
            tracing::warn!(
                camera.id = "cam_1", device = "annabelle's lamp", %error, name = ?"annabelle",
                peer = %"192.0.2.77:4711", error = &error as &dyn std::error::Error, count = 3,
                is_on = true, "a device is away"
            );
        });
        for kept in ["a device is away", "camera.id=cam_1", "count=3", "is_on=true", " WARN "] {
            assert!(line.contains(kept), "{line}");
        }
        for hidden in ["annabelle", "192.0.2.77", "4711", "lamp"] {
            assert!(!line.contains(hidden), "{line}");
        }
        let address = forms.of("from", "192.0.2.77");
        assert!(address.starts_with("address-") && line.contains(&address), "{line}");
        assert_eq!(address, forms.of("peer", "[::ffff:192.0.2.77]:80"));
        assert_ne!(address, forms.of("peer", "192.0.2.78"));
    }

    /// promise: D-27. While there is no key, values are left out, not shown; and nothing that
    /// another crate says is passed on.
    #[test]
    fn without_a_key_and_from_strangers_nothing_is_shown() {
        let line = logged(&ShortForms::default(), || {
            tracing::info!(device = "annabelle's lamp", "a probe failed");
            tracing::info!(target: "stranger", name = "annabelle", "annabelle was here");
        });
        assert!(line.contains("a probe failed device=hidden"), "{line}");
        assert!(line.contains("stranger: (left out)"), "{line}");
        assert!(!line.contains("annabelle"), "{line}");
    }
}
