//! Slows down the guessing of passwords, for each account and each address (promises D-07, D-10,
//! V-04).
//!
//! An attempt counts as failed when it begins, so a thousand attempts at once are not a thousand
//! free guesses. After some free failures every further one locks twice as long as the last, up to
//! a limit; a success clears the account, quiet time pays failures back. Unknown accounts are
//! counted like known ones, so a lock does not tell which exist (promise D-11).
//!
//! An account can be locked by somebody who knows its name; the limit keeps that short, and the
//! owner-only control socket does not pass through here.

use std::collections::HashMap;
use std::net::IpAddr;
use std::time::Duration;

use hearth_model::WallTime;
use sha2::{Digest as _, Sha256};

use crate::Throttled;

// A person who mistypes gets a few tries; behind one address there may be a family.
const ACCOUNT: Rule = Rule { free: 5 };
const ADDRESS: Rule = Rule { free: 20 };

// First lock, doubled by each further failure up to the last. With one failure paid back in
// PAYBACK, guessing goes on at about a hundred tries a day and account.
const LOCK_MICROS_MIN: i64 = 2_000_000;
const LOCK_MICROS_MAX: i64 = 15 * 60 * 1_000_000;
const PAYBACK_MICROS: i64 = 10 * 60 * 1_000_000;

// Far beyond the lock limit; only keeps the counter from growing without end.
const FAILURES_MAX: u32 = 64;

// About 100 bytes an entry: under a megabyte for both tables.
const KEYS_MAX: usize = 4096;

/// Counters of failed sign-ins. Not stored: a restart of the hub is not in an attacker's hands.
#[derive(Debug, Default)]
pub struct LoginThrottle {
    accounts: Table,
    addresses: Table,
}

impl LoginThrottle {
    /// Begins an attempt, or says when the next one may begin. Call it before looking at the
    /// password, and [`LoginThrottle::succeeded`] if that was right.
    pub fn begin(
        &mut self,
        account: &str,
        address: IpAddr,
        now: WallTime,
    ) -> Result<(), Throttled> {
        let (account, address) = (account_key(account), address_key(address));
        let wait = self.accounts.wait(&account, now).max(self.addresses.wait(&address, now));
        if wait > 0 {
            return Err(Throttled { retry_after: Duration::from_micros(wait.unsigned_abs()) });
        }
        self.accounts.count(account, ACCOUNT, now);
        self.addresses.count(address, ADDRESS, now);
        Ok(())
    }

    /// The attempt was somebody who knows the password: it does not count, and the account's
    /// earlier failures are forgotten. The address keeps its own: a valid account of one's own is
    /// no licence to guess at others.
    pub fn succeeded(&mut self, account: &str, address: IpAddr) {
        self.accounts.forget(&account_key(account));
        self.addresses.take_back(&address_key(address), ADDRESS);
    }
}

// Hashed, so that a password typed into the name field does not stay in memory; also a fixed size.
type Key = [u8; 16];

fn key(bytes: &[u8]) -> Key {
    let mut key = [0; 16];
    key.copy_from_slice(&Sha256::digest(bytes)[..16]);
    key
}

fn account_key(account: &str) -> Key {
    key(account.trim().to_lowercase().as_bytes())
}

/// An IPv6 network is one customer: they choose from 2^64 addresses in it.
fn address_key(address: IpAddr) -> Key {
    match address.to_canonical() {
        IpAddr::V4(address) => key(&address.octets()),
        IpAddr::V6(address) => key(&address.octets()[..8]),
    }
}

#[derive(Clone, Copy, Debug)]
struct Rule {
    free: u32,
}

impl Rule {
    fn lock_micros(self, failures: u32) -> i64 {
        let Some(over) = failures.checked_sub(self.free) else { return 0 };
        // Ten doublings of the first lock are past the limit.
        LOCK_MICROS_MIN.saturating_mul(1 << over.min(10)).min(LOCK_MICROS_MAX)
    }
}

#[derive(Clone, Copy, Debug)]
struct Failures {
    count: u32,
    last_at: WallTime,
    locked_until: WallTime,
}

impl Failures {
    const NONE: Self = Self {
        count: 0,
        last_at: WallTime::from_micros(i64::MIN),
        locked_until: WallTime::from_micros(i64::MIN),
    };

    /// No lock is longer than the limit: if it seems so, the clock stepped back.
    fn wait(&self, now: WallTime) -> i64 {
        self.locked_until.micros_since(now).clamp(0, LOCK_MICROS_MAX)
    }

    fn remaining(&self, now: WallTime) -> u32 {
        let paid_back = now.micros_since(self.last_at).max(0) / PAYBACK_MICROS;
        self.count.saturating_sub(u32::try_from(paid_back).unwrap_or(u32::MAX))
    }

    fn count(&mut self, rule: Rule, now: WallTime) {
        self.count = self.remaining(now).saturating_add(1).min(FAILURES_MAX);
        self.last_at = now;
        // Free tries lock nobody, not even until now: another attempt may have read the clock a
        // moment before this one and come here a moment after it.
        self.locked_until = match rule.lock_micros(self.count) {
            0 => Self::NONE.locked_until,
            micros => now.plus_micros(micros),
        };
    }
}

#[derive(Debug)]
struct Table {
    entries: HashMap<Key, Failures>,
    /// Shared by the newcomers while all entries are locked.
    overflow: Failures,
}

impl Default for Table {
    fn default() -> Self {
        Self { entries: HashMap::new(), overflow: Failures::NONE }
    }
}

impl Table {
    fn wait(&self, key: &Key, now: WallTime) -> i64 {
        match self.entries.get(key) {
            Some(failures) => failures.wait(now),
            None if self.entries.len() < KEYS_MAX || self.weakest(now).is_some() => 0,
            None => self.overflow.wait(now),
        }
    }

    fn count(&mut self, key: Key, rule: Rule, now: WallTime) {
        if !self.entries.contains_key(&key) && self.entries.len() >= KEYS_MAX {
            match self.weakest(now) {
                Some(weakest) => self.forget(&weakest),
                None => return self.overflow.count(rule, now),
            }
        }
        self.entries.entry(key).or_insert(Failures::NONE).count(rule, now);
    }

    /// The entry whose loss matters least. Locked ones are never given up: filling the table with
    /// made-up names does not free a locked account.
    fn weakest(&self, now: WallTime) -> Option<Key> {
        let unlocked = self.entries.iter().filter(|(_, failures)| failures.wait(now) == 0);
        let rank = |failures: &Failures| (failures.remaining(now), failures.last_at);
        unlocked.min_by_key(|(_, failures)| rank(failures)).map(|(key, _)| *key)
    }

    fn forget(&mut self, key: &Key) {
        self.entries.remove(key);
    }

    fn take_back(&mut self, key: &Key, rule: Rule) {
        let Some(failures) = self.entries.get_mut(key) else { return };
        failures.count = failures.count.saturating_sub(1);
        if failures.count < rule.free {
            failures.locked_until = Failures::NONE.locked_until;
        }
        if failures.count == 0 {
            self.forget(key);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(seconds: i64) -> WallTime {
        WallTime::from_micros(1_800_000_000_000_000 + seconds * 1_000_000)
    }

    fn address(last: u32) -> IpAddr {
        std::net::Ipv4Addr::from(0x0a00_0000 + last).into()
    }

    fn seconds(result: Result<(), Throttled>) -> u64 {
        result.err().map_or(0, |throttled| throttled.retry_after.as_secs())
    }

    /// promise: D-07. Repeated failures lock the account, longer each time, with the time to wait.
    #[test]
    fn each_failure_after_the_fifth_locks_twice_as_long() {
        let mut throttle = LoginThrottle::default();
        let mut now = 0;
        for expected in [0, 0, 0, 0, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900] {
            assert_eq!(throttle.begin("anna", address(now as u32), at(now)), Ok(()));
            let wait = throttle.accounts.wait(&account_key(" ANNA "), at(now)) / 1_000_000;
            assert_eq!(wait, expected);
            if wait > 0 {
                let refused = throttle.begin("Anna", address(9_999), at(now));
                assert_eq!(seconds(refused), wait.unsigned_abs());
            }
            now += wait;
        }
    }

    /// promise: V-04. One address cannot go through account after account.
    #[test]
    fn one_address_is_locked_whatever_accounts_it_tries() {
        let mut throttle = LoginThrottle::default();
        for guess in 0..20 {
            assert_eq!(throttle.begin(&format!("user {guess}"), address(1), at(0)), Ok(()));
        }
        assert_eq!(seconds(throttle.begin("another", address(1), at(0))), 2);
        assert_eq!(throttle.begin("another", address(2), at(0)), Ok(()));
    }

    #[test]
    fn a_whole_ipv6_network_is_one_address() {
        let mut throttle = LoginThrottle::default();
        for guess in 0..20 {
            let address = format!("2001:db8:0:1::{guess:x}").parse().expect("an address");
            assert_eq!(throttle.begin(&format!("user {guess}"), address, at(0)), Ok(()));
        }
        let same = "2001:db8:0:1:ffff::1".parse().expect("an address");
        let other = "2001:db8:0:2::1".parse().expect("an address");
        assert_eq!(seconds(throttle.begin("another", same, at(0))), 2);
        assert_eq!(throttle.begin("another", other, at(0)), Ok(()));
    }

    /// promise: D-07. Attempts that are made at once are counted before any is answered.
    #[test]
    fn simultaneous_attempts_count_when_they_begin() {
        let mut throttle = LoginThrottle::default();
        let begun = (0..1000).filter(|_| throttle.begin("anna", address(1), at(0)).is_ok()).count();
        assert_eq!(begun, 5);
    }

    #[test]
    fn a_success_clears_the_account_and_does_not_count_for_the_address() {
        let mut throttle = LoginThrottle::default();
        for _ in 0..100 {
            throttle.begin("anna", address(1), at(0)).expect("never locked");
            throttle.succeeded("anna", address(1));
        }
        assert!(throttle.accounts.entries.is_empty() && throttle.addresses.entries.is_empty());
    }

    #[test]
    fn own_successes_do_not_pay_for_guesses_at_others() {
        let mut throttle = LoginThrottle::default();
        for guess in 0..19 {
            throttle.begin(&format!("user {guess}"), address(1), at(0)).expect("free");
            throttle.begin("mallory", address(1), at(0)).expect("free");
            throttle.succeeded("mallory", address(1));
        }
        throttle.begin("anna", address(1), at(0)).expect("the twentieth");
        assert_eq!(seconds(throttle.begin("anna", address(1), at(0))), 2);
    }

    #[test]
    fn quiet_time_pays_failures_back() {
        let mut throttle = LoginThrottle::default();
        for _ in 0..5 {
            throttle.begin("anna", address(1), at(0)).expect("free");
        }
        throttle.begin("anna", address(1), at(1200)).expect("two are paid back");
        throttle.begin("anna", address(1), at(1200)).expect("four counted");
        assert!(throttle.begin("anna", address(1), at(1200)).is_err());
    }

    /// promise: D-10. Made-up names neither grow memory nor free a locked account.
    #[test]
    fn a_flood_of_names_does_not_free_a_locked_account() {
        let mut throttle = LoginThrottle::default();
        for source in 0..5 {
            throttle.begin("anna", address(source), at(0)).expect("free");
        }
        for flood in 0..2 * KEYS_MAX as u32 {
            let _outcome = throttle.begin(&format!("user {flood}"), address(100 + flood), at(1));
        }
        assert!(throttle.begin("anna", address(50), at(1)).is_err());
        assert!(throttle.accounts.entries.len() <= KEYS_MAX);
        assert!(throttle.addresses.entries.len() <= KEYS_MAX);
    }

    #[test]
    fn a_clock_that_stepped_back_a_year_locks_for_minutes_only() {
        let mut throttle = LoginThrottle::default();
        for _ in 0..5 {
            throttle.begin("anna", address(1), at(31_000_000)).expect("free");
        }
        assert_eq!(seconds(throttle.begin("anna", address(1), at(0))), 900);
    }

    #[test]
    fn attempts_that_overtake_each_other_do_not_lock() {
        let mut throttle = LoginThrottle::default();
        let address = [192, 0, 2, 7].into();
        throttle.begin("anna", address, at(0).plus_micros(55)).expect("free");
        throttle.begin("anna", address, at(0)).expect("free, though its clock was read before");
    }

    proptest! {
        #[test]
        fn any_attempt_at_any_time_is_counted_without_panic(
            attempts in prop::collection::vec((".{0,3}", any::<u32>(), any::<i64>()), 1..50)
        ) {
            let mut throttle = LoginThrottle::default();
            for (name, from, time) in attempts {
                let _outcome = throttle.begin(&name, std::net::Ipv4Addr::from(from).into(), WallTime::from_micros(time));
                throttle.succeeded(&name, std::net::Ipv4Addr::from(from).into());
            }
        }
    }
}
