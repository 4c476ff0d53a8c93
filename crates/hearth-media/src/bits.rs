//! Reads bit fields and Exp-Golomb codes.
//!
//! Pure and bounded: running past the end is an error, and no code is longer than 32 bits.

use crate::ParameterError;

/// A cursor over bits, most significant first.
pub(crate) struct BitReader<'a> {
    data: &'a [u8],
    position: usize,
    what: &'static str,
}

impl<'a> BitReader<'a> {
    /// Starts at the first bit of `data`; `what` names the thing in errors.
    pub(crate) fn new(data: &'a [u8], what: &'static str) -> Self {
        Self { data, position: 0, what }
    }

    /// The error for a value the standard forbids.
    pub(crate) fn malformed(&self) -> ParameterError {
        ParameterError::Malformed(self.what)
    }

    /// How many bits are left.
    pub(crate) fn remaining(&self) -> usize {
        (self.data.len() * 8).saturating_sub(self.position)
    }

    /// The next bit.
    pub(crate) fn flag(&mut self) -> Result<bool, ParameterError> {
        let byte = self.data.get(self.position / 8).ok_or(ParameterError::Truncated(self.what))?;
        let bit = byte >> (7 - self.position % 8) & 1;
        self.position += 1;
        Ok(bit == 1)
    }

    /// The next `count` bits (at most 32) as a number.
    pub(crate) fn bits(&mut self, count: u32) -> Result<u32, ParameterError> {
        debug_assert!(count <= 32);
        let mut value = 0u32;
        for _ in 0..count {
            value = value << 1 | u32::from(self.flag()?);
        }
        Ok(value)
    }

    /// The next eight bits.
    pub(crate) fn byte(&mut self) -> Result<u8, ParameterError> {
        Ok(self.bits(8)?.to_le_bytes()[0])
    }

    /// Passes over `count` bits.
    pub(crate) fn skip(&mut self, count: usize) -> Result<(), ParameterError> {
        if count > self.remaining() {
            return Err(ParameterError::Truncated(self.what));
        }
        self.position += count;
        Ok(())
    }

    /// An unsigned Exp-Golomb code, `ue(v)` of ITU-T H.264 9.1.
    pub(crate) fn ue(&mut self) -> Result<u32, ParameterError> {
        let mut zeros = 0;
        while !self.flag()? {
            zeros += 1;
            if zeros > 31 {
                return Err(self.malformed());
            }
        }
        Ok((1u32 << zeros) - 1 + self.bits(zeros)?)
    }

    /// Like [`Self::ue`], refusing values above `max`.
    pub(crate) fn ue_max(&mut self, max: u32) -> Result<u32, ParameterError> {
        let value = self.ue()?;
        if value > max { Err(self.malformed()) } else { Ok(value) }
    }

    /// A signed Exp-Golomb code, `se(v)` of ITU-T H.264 9.1.1.
    pub(crate) fn se(&mut self) -> Result<i64, ParameterError> {
        let code = i64::from(self.ue()?);
        Ok(if code % 2 == 1 { (code + 1) / 2 } else { -(code / 2) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exp_golomb_codes_follow_the_table_of_the_standard() {
        // 1 | 010 | 011 | 00100 | 00101, then padding.
        let data = [0b1010_0110, 0b0100_0010, 0b1000_0000];
        let mut bits = BitReader::new(&data, "test");
        let codes: Vec<_> = (0..5).map(|_| bits.ue().expect("codes are complete")).collect();
        assert_eq!(codes, [0, 1, 2, 3, 4]);

        let mut bits = BitReader::new(&data, "test");
        let codes: Vec<_> = (0..5).map(|_| bits.se().expect("codes are complete")).collect();
        assert_eq!(codes, [0, 1, -1, 2, -2]);
    }

    #[test]
    fn a_code_of_more_than_31_zeros_is_malformed() {
        let mut bits = BitReader::new(&[0; 9], "test");
        assert_eq!(bits.ue(), Err(ParameterError::Malformed("test")));
    }

    #[test]
    fn the_longest_code_does_not_overflow() {
        let mut bits = BitReader::new(&[0, 0, 0, 1, 0xFF, 0xFF, 0xFF, 0xFF], "test");
        assert_eq!(bits.ue(), Ok(u32::MAX - 1));
    }

    #[test]
    fn reading_past_the_end_is_an_error() {
        let mut bits = BitReader::new(&[0xFF], "test");
        assert_eq!(bits.bits(8), Ok(255));
        assert_eq!(bits.flag(), Err(ParameterError::Truncated("test")));
        assert_eq!(bits.skip(1), Err(ParameterError::Truncated("test")));
    }
}
