//! Makes one change out of the many that a contact makes when it closes.
//!
//! Pure: it knows edges and quiet, and says how long quiet has to last. A contact that never rests is
//! broken and changes nothing.

use std::time::Duration;

/// Contacts bounce for 1 to 10 ms; people cannot press faster than every 50.
pub const SETTLE: Duration = Duration::from_millis(30);

/// The state of one contact.
#[derive(Clone, Debug)]
pub struct Debounce {
    settle: Duration,
    is_active: bool,
    pending: Option<bool>,
}

impl Debounce {
    /// A contact that is in this state now.
    pub fn new(is_active: bool, settle: Duration) -> Self {
        Self { settle, is_active, pending: None }
    }

    /// Its state, bounces left out.
    pub fn is_active(&self) -> bool {
        self.is_active
    }

    /// Notes an edge to this state.
    pub fn edge(&mut self, is_active: bool) {
        self.pending = Some(is_active);
    }

    /// How long there must be no edge before [`Debounce::quiet`] is called; `None` if nothing is
    /// waited for.
    pub fn wait(&self) -> Option<Duration> {
        self.pending.map(|_| self.settle)
    }

    /// Notes that it was quiet for long enough. The new state if it changed.
    pub fn quiet(&mut self) -> Option<bool> {
        let settled = self.pending.take().filter(|state| *state != self.is_active)?;
        self.is_active = settled;
        Some(settled)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// promise: D-21. Bounces are one press.
    #[test]
    fn a_bouncing_contact_changes_once() {
        let mut contact = Debounce::new(false, SETTLE);
        for state in [true, false, true, false, true] {
            contact.edge(state);
            assert_eq!(contact.wait(), Some(SETTLE));
        }
        assert_eq!((contact.quiet(), contact.quiet()), (Some(true), None));
        assert_eq!((contact.is_active(), contact.wait()), (true, None));
    }

    /// promise: D-21. Interference that does not last is no press.
    #[test]
    fn a_glitch_is_no_press() {
        let mut contact = Debounce::new(false, SETTLE);
        contact.edge(true);
        contact.edge(false);
        assert_eq!(contact.quiet(), None);
    }

    proptest! {
        /// promise: D-21. Whatever a contact does, its changes alternate, and end where it rests.
        #[test]
        fn changes_alternate_and_end_where_the_contact_rests(steps: Vec<Option<bool>>, begin: bool) {
            let mut contact = Debounce::new(begin, SETTLE);
            let (mut last, mut raw) = (begin, begin);
            for step in steps.into_iter().chain([None]) {
                match step {
                    Some(state) => {
                        raw = state;
                        contact.edge(state);
                    }
                    None => {
                        if let Some(state) = contact.quiet() {
                            prop_assert_ne!(state, last);
                            last = state;
                        }
                    }
                }
            }
            prop_assert_eq!((last, contact.is_active()), (raw, raw));
        }
    }
}
