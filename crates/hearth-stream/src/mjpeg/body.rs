//! Takes the chunks out of a body (RFC 9112, 7.1).
//!
//! Pure. Extensions of chunks are stepped over.

use hearth_model::StateReason;

use crate::SourceError;

/// A size in hexadecimal and an extension.
const SIZE_LINE_BYTES_MAX: usize = 256;

/// See the module.
#[derive(Debug)]
pub(super) enum BodyDecoder {
    /// The body is as it comes.
    Plain,
    /// In the line with the size of a chunk; its digits so far.
    Size(Vec<u8>),
    /// Inside a chunk; what is left of it.
    Chunk(u64),
    /// The line break behind a chunk.
    AfterChunk,
    /// The last chunk came.
    Ended,
}

impl BodyDecoder {
    pub(super) fn new(is_chunked: bool) -> Self {
        if is_chunked { Self::Size(Vec::new()) } else { Self::Plain }
    }

    /// Takes bytes as they came and hands out those of the body.
    pub(super) fn decode(
        &mut self,
        mut bytes: &[u8],
        mut put: impl FnMut(&[u8]),
    ) -> Result<(), SourceError> {
        while !bytes.is_empty() {
            match self {
                Self::Plain => {
                    put(bytes);
                    return Ok(());
                }
                Self::Size(line) => {
                    let end = bytes.iter().position(|byte| *byte == b'\n');
                    let (part, rest) = bytes.split_at(end.map_or(bytes.len(), |end| end + 1));
                    line.extend_from_slice(part);
                    bytes = rest;
                    if line.len() > SIZE_LINE_BYTES_MAX {
                        return Err(malformed());
                    }
                    if end.is_some() {
                        *self = match parse_size(line)? {
                            0 => Self::Ended,
                            size => Self::Chunk(size),
                        };
                    }
                }
                Self::Chunk(left) => {
                    let count = usize::try_from(*left).unwrap_or(usize::MAX).min(bytes.len());
                    let (part, rest) = bytes.split_at(count);
                    put(part);
                    bytes = rest;
                    *left -= u64::try_from(count).unwrap_or(*left);
                    if *left == 0 {
                        *self = Self::AfterChunk;
                    }
                }
                Self::AfterChunk => {
                    let (first, rest) = bytes.split_at(1);
                    bytes = rest;
                    match first {
                        b"\r" => {}
                        b"\n" => *self = Self::Size(Vec::new()),
                        _ => return Err(malformed()),
                    }
                }
                Self::Ended => {
                    let detail = "the camera ended the stream";
                    return Err(SourceError::new(StateReason::Closed, detail));
                }
            }
        }
        Ok(())
    }
}

fn malformed() -> SourceError {
    SourceError::new(StateReason::Malformed, "the body is not chunked as announced")
}

fn parse_size(line: &[u8]) -> Result<u64, SourceError> {
    let text = std::str::from_utf8(line).map_err(|_| malformed())?;
    let digits = text.split(';').next().unwrap_or_default().trim();
    u64::from_str_radix(digits, 16).map_err(|_| malformed())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn chunks_come_out_whatever_the_reads_were(
            chunks in prop::collection::vec(prop::collection::vec(any::<u8>(), 1..50), 1..8),
            read in 1usize..20,
        ) {
            let mut wire = Vec::new();
            for chunk in &chunks {
                wire.extend_from_slice(format!("{:x};a=b\r\n", chunk.len()).as_bytes());
                wire.extend_from_slice(chunk);
                wire.extend_from_slice(b"\r\n");
            }
            let mut decoder = BodyDecoder::new(true);
            let mut body = Vec::new();
            for part in wire.chunks(read) {
                let decoded = decoder.decode(part, |bytes| body.extend_from_slice(bytes));
                prop_assert_eq!(decoded, Ok(()));
            }
            prop_assert_eq!(body, chunks.concat());
        }

        #[test]
        fn arbitrary_bodies_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            let mut count = 0;
            BodyDecoder::new(true).decode(&bytes, |part| count += part.len()).ok();
            prop_assert!(count <= bytes.len());
        }
    }
}
