//! Who presented what lately, so that a request does not cost a query.
//!
//! The hub is the only one who writes accounts, sessions and tokens, and calls [`Known::forget`]
//! after each such write. What was read before a write and comes back after it is not kept: each
//! look-up carries the generation in which it began.

use std::{
    collections::HashMap,
    future::Future,
    hash::Hash,
    sync::{Mutex, MutexGuard, PoisonError},
};

/// Entries of one table: ten times the browsers and programs of a house, about a megabyte. A full
/// table is emptied; whoever is still there is read again.
const ENTRIES_MAX: usize = 1_024;

/// What is known by key.
pub(crate) struct Known<K, V>(Mutex<Inner<K, V>>);

struct Inner<K, V> {
    generation: u64,
    entries: HashMap<K, V>,
}

impl<K: Eq + Hash, V: Clone> Known<K, V> {
    pub(crate) fn new() -> Self {
        Self(Mutex::new(Inner { generation: 0, entries: HashMap::new() }))
    }

    /// The value of a key, read by `load` if it is not known. What is not there is not kept: nobody
    /// can fill the table with guesses.
    pub(crate) async fn find<E>(
        &self,
        key: K,
        load: impl Future<Output = Result<Option<V>, E>>,
    ) -> Result<Option<V>, E> {
        let generation = {
            let inner = self.lock();
            if let Some(value) = inner.entries.get(&key) {
                return Ok(Some(value.clone()));
            }
            inner.generation
        };
        let Some(value) = load.await? else { return Ok(None) };
        let mut inner = self.lock();
        if inner.generation == generation {
            if inner.entries.len() >= ENTRIES_MAX {
                inner.entries.clear();
            }
            inner.entries.insert(key, value.clone());
        }
        Ok(Some(value))
    }

    /// Changes a value, if it is known: for what is written without changing anybody's rights.
    pub(crate) fn update(&self, key: &K, change: impl FnOnce(&mut V)) {
        if let Some(value) = self.lock().entries.get_mut(key) {
            change(value);
        }
    }

    /// Forgets everything; what is being read meanwhile is not kept either.
    pub(crate) fn forget(&self) {
        let mut inner = self.lock();
        inner.generation = inner.generation.wrapping_add(1);
        inner.entries.clear();
    }

    fn lock(&self) -> MutexGuard<'_, Inner<K, V>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn find(known: &Known<u8, u8>, key: u8, stored: Option<u8>) -> Option<u8> {
        known.find(key, async { Ok::<_, ()>(stored) }).await.expect("readable")
    }

    #[tokio::test]
    async fn a_value_is_read_once_until_it_is_forgotten() {
        let known = Known::new();
        assert_eq!(find(&known, 1, Some(10)).await, Some(10));
        assert_eq!(find(&known, 1, None).await, Some(10));
        known.update(&1, |value| *value = 11);
        assert_eq!(find(&known, 1, None).await, Some(11));
        known.forget();
        assert_eq!(find(&known, 1, None).await, None);
        assert_eq!(find(&known, 1, Some(12)).await, Some(12), "absence is not kept");
    }

    /// promise: D-23. A session that is revoked while it is being read does not live on here.
    #[tokio::test]
    async fn what_was_read_before_a_change_is_not_kept() {
        let known = Known::new();
        let read = known.find(1, async {
            known.forget();
            Ok::<_, ()>(Some(10))
        });
        assert_eq!(read.await.expect("readable"), Some(10));
        assert_eq!(find(&known, 1, None).await, None);
    }

    #[tokio::test]
    async fn the_table_is_bounded() {
        let known = Known::new();
        for key in 0..ENTRIES_MAX + 1 {
            known.find(key, async { Ok::<_, ()>(Some(())) }).await.expect("readable");
        }
        assert_eq!(known.lock().entries.len(), 1);
    }
}
