//! Known weaknesses of what this version is made of, as they were known when it was built.
//!
//! The hub asks nobody (promise D-14), so it can only tell what the build told it: `cargo xtask
//! advisories` writes the file, and `cargo xtask audit` refuses one that does not fit.

use std::collections::BTreeMap;

use hearth_model::WallTime;
use jiff::civil::Date;

use super::{Check, Outcome, check, verdict};

const REPORT: &str = include_str!("../../../../packaging/advisories.json");

/// By then weaknesses of older code have become known.
const AGE_DAYS_MAX: i64 = 365;

#[derive(serde::Deserialize)]
struct Report {
    /// `2026-08-20`.
    newest: String,
    packages: BTreeMap<String, Vec<String>>,
    vulnerable: Vec<Finding>,
}

#[derive(serde::Deserialize)]
struct Finding {
    id: String,
    package: String,
    accepted: Option<String>,
}

/// Whether this version has a known weakness.
pub(super) fn advisories(now: WallTime) -> Check {
    let (outcome, detail) = match serde_json::from_str(REPORT) {
        Ok(report) => judge(&report, now),
        Err(_) => (Outcome::Skipped, "the build does not say".to_owned()),
    };
    check("advisories", "No part has a known weakness", Some("D-32"), outcome, detail)
}

fn judge(report: &Report, now: WallTime) -> (Outcome, String) {
    let open: Vec<&str> = report
        .vulnerable
        .iter()
        .filter(|finding| finding.accepted.is_none())
        .map(|finding| finding.id.as_str())
        .collect();
    if !open.is_empty() {
        return (Outcome::Failed, format!("{}: update Hearthwatch", open.join(", ")));
    }
    let packages: usize = report.packages.values().map(Vec::len).sum();
    let newest = &report.newest;
    let known = format!("{packages} packages, by what was known on {newest}");
    let accepted: Vec<String> = report
        .vulnerable
        .iter()
        .map(|finding| format!("{} in {}", finding.id, finding.package))
        .collect();
    let known = match accepted.as_slice() {
        [] => known,
        some => format!("{known}; looked at and of no effect here: {}", some.join(", ")),
    };
    let age = age_days(newest, now);
    if age.is_none_or(|days| days > AGE_DAYS_MAX) {
        return (Outcome::Failed, format!("{known}, which is long ago: update Hearthwatch"));
    }
    (verdict(true), known)
}

fn age_days(then: &str, now: WallTime) -> Option<i64> {
    let then: Date = then.parse().ok()?;
    let then = then.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp().as_microsecond();
    Some((now.as_micros() - then) / (86_400 * 1_000_000))
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i64 = 86_400 * 1_000_000;
    /// 2026-01-01.
    const NEW_YEAR: i64 = 1_767_225_600 * 1_000_000;

    fn outcome(accepted: &str, days: i64) -> Outcome {
        let text = format!(
            r#"{{"newest":"2026-01-01","advisories":1,"packages":{{"time":["0.1.0"]}},"notices":[],
                "vulnerable":[{{"id":"X","package":"time","version":"0.1.0","title":"",
                "accepted":{accepted}}}]}}"#
        );
        let report: Report = serde_json::from_str(&text).expect("a report");
        judge(&report, WallTime::from_micros(NEW_YEAR + days * DAY)).0
    }

    /// promise: D-32, V-20. A known weakness, and a build that is too old to know, fail the check.
    #[test]
    fn a_weak_or_an_old_build_fails() {
        assert_eq!(outcome("\"not called\"", 10), Outcome::Ok);
        assert_eq!(outcome("null", 10), Outcome::Failed);
        assert_eq!(outcome("\"not called\"", 366), Outcome::Failed);
        // A clock that was never set says nothing about the build's age.
        assert_eq!(outcome("\"not called\"", -9_000), Outcome::Ok);
    }

    /// promise: D-32. What the build carries can be read, and has all packages in it.
    #[test]
    fn the_build_carries_what_was_found() {
        let report: Report = serde_json::from_str(REPORT).expect("a report");
        assert!(report.packages.len() > 100);
    }
}
