//! Metrics as text for Prometheus, version 0.0.4. Pure.
//!
//! <https://prometheus.io/docs/instrumenting/exposition_formats/>: families with `HELP` and `TYPE`,
//! then one sample a line. Names and labels are written in the program; only label values come from
//! outside, and they are escaped.

use std::fmt::{Display, Write as _};

/// What a number means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MetricKind {
    /// It only grows while the hub runs.
    Counter,
    /// It goes up and down.
    Gauge,
}

/// A text that grows by families.
#[derive(Clone, Debug, Default)]
pub struct Exposition(String);

impl Exposition {
    /// The content type that goes with the text.
    pub const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

    /// An empty one.
    pub fn new() -> Self {
        Self::default()
    }

    /// A family with one sample without labels.
    pub fn single(&mut self, name: &str, kind: MetricKind, help: &str, value: impl Display) {
        self.family(name, kind, help, [([], value)]);
    }

    /// A family with a sample for each row of label values.
    pub fn family<const N: usize, V: Display>(
        &mut self,
        name: &str,
        kind: MetricKind,
        help: &str,
        samples: impl IntoIterator<Item = ([(&'static str, String); N], V)>,
    ) {
        let kind = match kind {
            MetricKind::Counter => "counter",
            MetricKind::Gauge => "gauge",
        };
        let help = help.replace('\\', "\\\\").replace('\n', "\\n");
        // Writing to a text cannot fail.
        write!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}\n").unwrap_or_default();
        for (labels, value) in samples {
            self.0.push_str(name);
            self.labels(&labels);
            writeln!(self.0, " {value}").unwrap_or_default();
        }
    }

    fn labels(&mut self, labels: &[(&'static str, String)]) {
        for (at, (label, value)) in labels.iter().enumerate() {
            self.0.push(if at == 0 { '{' } else { ',' });
            let value = value.replace('\\', "\\\\").replace('\n', "\\n").replace('"', "\\\"");
            write!(self.0, "{label}=\"{value}\"").unwrap_or_default();
        }
        if !labels.is_empty() {
            self.0.push('}');
        }
    }

    /// The text.
    pub fn into_text(self) -> String {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// promise: V-12. The text is what the format's specification gives as an example.
    #[test]
    fn families_are_written_as_the_format_says() {
        let mut text = Exposition::new();
        text.single("up_seconds", MetricKind::Gauge, "How long.\nAnd \\ more.", 1.5);
        let rows = [
            ([("camera", "cam_1".to_owned()), ("state", "li\"ve\\\n".to_owned())], 1),
            ([("camera", "cam_2".to_owned()), ("state", "gone".to_owned())], 0),
        ];
        text.family("state", MetricKind::Counter, "Where it stands.", rows);
        let expected = "# HELP up_seconds How long.\\nAnd \\\\ more.\n\
            # TYPE up_seconds gauge\n\
            up_seconds 1.5\n\
            # HELP state Where it stands.\n\
            # TYPE state counter\n\
            state{camera=\"cam_1\",state=\"li\\\"ve\\\\\\n\"} 1\n\
            state{camera=\"cam_2\",state=\"gone\"} 0\n";
        assert_eq!(text.into_text(), expected);
    }
}
