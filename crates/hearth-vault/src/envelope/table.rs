//! The table of records that ends a finished file, so that opening it needs no walk. Pure.
//!
//! One u32 a record: kind code in the top byte, plaintext length below. Only a file of one epoch
//! has a table, and only up to [`ENTRIES_MAX`] records; others are walked.

use super::record::{Kind, RECORD_BYTES_MAX};

/// Records that fit into one table record.
pub(crate) const ENTRIES_MAX: usize = RECORD_BYTES_MAX / 4;

/// The table while the file is written.
#[derive(Debug, Default)]
pub(crate) struct Table(Vec<u32>);

impl Table {
    pub(crate) fn push(&mut self, kind: Kind, length: u32) {
        // One entry beyond the limit is enough to know that there will be no table.
        if self.0.len() <= ENTRIES_MAX {
            self.0.push(u32::from(kind.code()) << 24 | length);
        }
    }

    pub(crate) fn truncate(&mut self, entries: usize) {
        self.0.truncate(entries);
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// Its bytes; `None` when there are too many records.
    pub(crate) fn encode(&self) -> Option<Vec<u8>> {
        (self.0.len() <= ENTRIES_MAX)
            .then(|| self.0.iter().flat_map(|entry| entry.to_le_bytes()).collect())
    }
}

/// Kind and plaintext length of each record; `None` for what no writer writes.
pub(crate) fn decode(bytes: &[u8]) -> Option<Vec<(Kind, u32)>> {
    let (entries, []) = bytes.as_chunks() else { return None };
    let decoded = entries.iter().map(|entry| {
        let entry = u32::from_le_bytes(*entry);
        let length = entry & 0x00ff_ffff;
        let kind = Kind::from_code(u8::try_from(entry >> 24).ok()?)?;
        (length as usize <= RECORD_BYTES_MAX).then_some((kind, length))
    });
    decoded.collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn arbitrary_bytes_never_panic(bytes: Vec<u8>) {
            prop_assert!(decode(&bytes).is_none_or(|entries| entries.len() * 4 == bytes.len()));
        }
    }

    #[test]
    fn a_table_survives_its_bytes_and_has_a_limit() {
        let mut table = Table::default();
        for _ in 0..ENTRIES_MAX {
            table.push(Kind::DATA, RECORD_BYTES_MAX as u32);
        }
        let decoded = decode(&table.encode().expect("fits")).expect("decodes");
        assert_eq!(decoded.len(), ENTRIES_MAX);
        assert!(decoded.iter().all(|entry| *entry == (Kind::DATA, RECORD_BYTES_MAX as u32)));
        table.push(Kind::DATA, 1);
        assert!(table.encode().is_none());
    }
}
