//! Writes boxes (ISO/IEC 14496-12, 4.2): nested, each with its length in front.

pub(crate) mod sample_entry;
pub(crate) mod track;

/// Bytes of nested boxes in the making.
pub(crate) struct BoxWriter {
    bytes: Vec<u8>,
}

impl BoxWriter {
    pub(crate) fn with_capacity(capacity: usize) -> Self {
        Self { bytes: Vec::with_capacity(capacity) }
    }

    pub(crate) fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// How much is written, which is where the next byte goes.
    pub(crate) fn position(&self) -> usize {
        self.bytes.len()
    }

    /// A box of `kind` around what `body` writes.
    pub(crate) fn boxed(&mut self, kind: &[u8; 4], body: impl FnOnce(&mut Self)) {
        let start = self.bytes.len();
        self.u32(0);
        self.put(kind);
        body(self);
        let length = u32::try_from(self.bytes.len() - start)
            .expect("the limits on samples keep every header far below 4 GiB");
        self.patch_u32(start, length);
    }

    /// A box with version and flags.
    pub(crate) fn full(
        &mut self,
        kind: &[u8; 4],
        version: u8,
        flags: u32,
        body: impl FnOnce(&mut Self),
    ) {
        self.boxed(kind, |w| {
            w.u32(u32::from(version) << 24 | flags);
            body(w);
        });
    }

    pub(crate) fn put(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    pub(crate) fn zeros(&mut self, count: usize) {
        self.bytes.resize(self.bytes.len() + count, 0);
    }

    pub(crate) fn u8(&mut self, value: u8) {
        self.bytes.push(value);
    }

    pub(crate) fn u16(&mut self, value: u16) {
        self.put(&value.to_be_bytes());
    }

    pub(crate) fn u32(&mut self, value: u32) {
        self.put(&value.to_be_bytes());
    }

    pub(crate) fn i32(&mut self, value: i32) {
        self.put(&value.to_be_bytes());
    }

    pub(crate) fn u64(&mut self, value: u64) {
        self.put(&value.to_be_bytes());
    }

    /// The number of entries of a table. Tables are bounded by the limits on samples.
    pub(crate) fn count(&mut self, entries: usize) {
        self.u32(u32::try_from(entries).expect("the limits on samples keep tables below 2^32"));
    }

    /// Overwrites four bytes that are already written.
    pub(crate) fn patch_u32(&mut self, position: usize, value: u32) {
        self.bytes[position..position + 4].copy_from_slice(&value.to_be_bytes());
    }

    /// Overwrites eight bytes that are already written.
    pub(crate) fn patch_u64(&mut self, position: usize, value: u64) {
        self.bytes[position..position + 8].copy_from_slice(&value.to_be_bytes());
    }
}
