//! A ZIP archive without compression, made piece by piece (APPNOTE.TXT 6.3.10, PKWARE).
//!
//! Pure: names and contents go in, bytes come out. JPEGs do not get smaller by compressing them, and
//! so nothing of a library for it is needed. Names are ASCII; there is no time in it. Limits of the
//! format without its 64-bit extension hold, and what would go beyond them is refused.

/// Signatures of the three kinds of records.
const LOCAL_HEADER: u32 = 0x0403_4b50;
const CENTRAL_HEADER: u32 = 0x0201_4b50;
const END: u32 = 0x0605_4b50;

/// What a reader has to understand: 2.0, the oldest.
const VERSION: u16 = 20;

/// 1 January 1980, the first day that the format knows: when something was made is nobody's business.
const NO_DATE: u16 = 0x0021;

/// More than the format can count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an archive of more than 65,535 files or 4 GiB")]
pub(super) struct TooLarge;

/// An archive being made.
#[derive(Default)]
pub(super) struct StoredZip {
    /// Bytes so far.
    offset: u32,
    files: u16,
    /// The list that stands at the end.
    central: Vec<u8>,
}

impl StoredZip {
    /// What precedes a file's content; the content has to follow.
    ///
    /// # Errors
    /// [`TooLarge`].
    pub(super) fn begin_file(&mut self, name: &str, content: &[u8]) -> Result<Vec<u8>, TooLarge> {
        let size = u32::try_from(content.len()).map_err(|_| TooLarge)?;
        let name_length = u16::try_from(name.len()).map_err(|_| TooLarge)?;
        let mut fields = Vec::with_capacity(26);
        put_u16(&mut fields, VERSION);
        // Flags, method 0 (stored), time.
        fields.extend([0; 6]);
        put_u16(&mut fields, NO_DATE);
        put_u32(&mut fields, crc32(content));
        put_u32(&mut fields, size);
        put_u32(&mut fields, size);
        put_u16(&mut fields, name_length);
        // No extra field.
        put_u16(&mut fields, 0);

        put_u32(&mut self.central, CENTRAL_HEADER);
        put_u16(&mut self.central, VERSION);
        self.central.extend(&fields);
        // Comment, disk, and two kinds of attributes.
        self.central.extend([0; 10]);
        put_u32(&mut self.central, self.offset);
        self.central.extend(name.as_bytes());

        let mut header = Vec::with_capacity(30 + name.len());
        put_u32(&mut header, LOCAL_HEADER);
        header.extend(fields);
        header.extend(name.as_bytes());
        let length = u32::try_from(header.len()).map_err(|_| TooLarge)?.checked_add(size);
        let offset = length.and_then(|length| self.offset.checked_add(length));
        self.offset = offset.ok_or(TooLarge)?;
        self.files = self.files.checked_add(1).ok_or(TooLarge)?;
        Ok(header)
    }

    /// What stands behind the last file.
    ///
    /// # Errors
    /// [`TooLarge`].
    pub(super) fn finish(self) -> Result<Vec<u8>, TooLarge> {
        let Self { offset, files, central: mut end } = self;
        let length = u32::try_from(end.len()).map_err(|_| TooLarge)?;
        offset.checked_add(length).ok_or(TooLarge)?;
        put_u32(&mut end, END);
        // This disk, and the one where the list begins.
        end.extend([0; 4]);
        put_u16(&mut end, files);
        put_u16(&mut end, files);
        put_u32(&mut end, length);
        put_u32(&mut end, offset);
        // No comment.
        put_u16(&mut end, 0);
        Ok(end)
    }
}

fn put_u16(bytes: &mut Vec<u8>, value: u16) {
    bytes.extend(value.to_le_bytes());
}

fn put_u32(bytes: &mut Vec<u8>, value: u32) {
    bytes.extend(value.to_le_bytes());
}

/// CRC-32 of ISO 3309, as 4.4.7 asks for.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        let place = usize::from(crc.to_le_bytes()[0] ^ byte);
        CRC_TABLE[place] ^ (crc >> 8)
    })
}

const CRC_TABLE: [u32; 256] = crc_table();

const fn crc_table() -> [u32; 256] {
    let mut table = [0; 256];
    let mut place = 0;
    while place < 256 {
        let mut crc = place as u32;
        let mut bit = 0;
        while bit < 8 {
            crc = if crc & 1 == 1 { 0xEDB8_8320 ^ (crc >> 1) } else { crc >> 1 };
            bit += 1;
        }
        table[place] = crc;
        place += 1;
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_the_one_of_the_catalogues() {
        assert_eq!(crc32(b"123456789"), 0xCBF4_3926);
        assert_eq!(crc32(b""), 0);
    }

    /// Offsets and sizes by the letter of the format.
    #[test]
    fn an_archive_lists_what_is_in_it_and_where() {
        let mut zip = StoredZip::default();
        let mut bytes = Vec::new();
        for (name, content) in [("a.txt", &b"hello"[..]), ("images/b", b"")] {
            bytes.extend(zip.begin_file(name, content).expect("small"));
            bytes.extend(content);
        }
        let list_at = bytes.len();
        bytes.extend(zip.finish().expect("small"));
        assert_eq!(&bytes[..4], b"PK\x03\x04");
        assert_eq!(&bytes[30..40], b"a.txthello");
        assert_eq!(&bytes[40..44], b"PK\x03\x04");
        assert_eq!(&bytes[list_at..list_at + 4], b"PK\x01\x02");
        let end = &bytes[bytes.len() - 22..];
        assert_eq!(&end[..4], b"PK\x05\x06");
        let number = |at: usize| u32::from_le_bytes(end[at..at + 4].try_into().expect("four"));
        assert_eq!((end[8], end[10]), (2, 2), "files");
        assert_eq!(number(16) as usize, list_at);
        assert_eq!(number(12) as usize, bytes.len() - 22 - list_at);
        let second = list_at + 46 + "a.txt".len();
        assert_eq!(&bytes[second..second + 4], b"PK\x01\x02");
        let offset = u32::from_le_bytes(bytes[second + 42..second + 46].try_into().expect("four"));
        assert_eq!(offset, 40, "where the second file begins");
    }

    #[test]
    fn more_than_the_format_can_count_is_refused() {
        let mut zip = StoredZip { offset: u32::MAX - 20, ..StoredZip::default() };
        assert_eq!(zip.begin_file("a", b"").err(), Some(TooLarge));
        let mut zip = StoredZip { files: u16::MAX, ..StoredZip::default() };
        assert_eq!(zip.begin_file("a", b"").err(), Some(TooLarge));
    }
}
