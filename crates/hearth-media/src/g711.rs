//! The sound of telephones: 8,000 samples a second, one byte each (ITU-T G.711).
//!
//! Pure. A code is the logarithm of a sample, by one of two laws: mu-law in America and Japan,
//! A-law elsewhere. Cameras speak whichever their maker knew.

/// Samples a second.
pub const RATE: u32 = 8_000;

/// Which of the two curves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Law {
    /// `PCMU`: 14 bits of a sample.
    Mu,
    /// `PCMA`: 13 bits of a sample.
    A,
}

impl Law {
    /// The code of silence.
    pub const fn silence(self) -> u8 {
        match self {
            Self::Mu => 0xff,
            Self::A => 0xd5,
        }
    }

    /// The code of a sample.
    pub fn encode(self, sample: i16) -> u8 {
        match self {
            Self::Mu => encode_mu(sample),
            Self::A => encode_a(sample),
        }
    }

    /// The sample of a code.
    pub fn decode(self, code: u8) -> i16 {
        match self {
            Self::Mu => decode_mu(code),
            Self::A => decode_a(code),
        }
    }

    /// Codes of mu-law, written by this law.
    pub fn of_mu(self, codes: &[u8]) -> Vec<u8> {
        match self {
            Self::Mu => codes.to_vec(),
            Self::A => codes.iter().map(|code| encode_a(decode_mu(*code))).collect(),
        }
    }
}

/// Added to each level, so that the first segment is like the others.
const MU_BIAS: i16 = 33;
/// The largest level with its bias fits into the last segment.
const MU_LEVEL_MAX: i16 = 8_158;

/// Sign, three bits of segment, four of place in it, all inverted (G.711, table 2a).
fn encode_mu(sample: i16) -> u8 {
    let level = sample >> 2;
    let sign = if level < 0 { 0x80 } else { 0 };
    let level = level.abs().min(MU_LEVEL_MAX) + MU_BIAS;
    // From 33 to 8,191: the highest bit that is set is the sixth to the thirteenth.
    let segment = 10 - level.leading_zeros().min(10);
    let place = (level >> (segment + 1)) & 0x0f;
    !(sign | byte(segment, place))
}

fn decode_mu(code: u8) -> i16 {
    let code = !code;
    let level = (i16::from(code & 0x0f) << 1) + MU_BIAS;
    let level = ((level << ((code & 0x70) >> 4)) - MU_BIAS) << 2;
    if code & 0x80 != 0 { -level } else { level }
}

/// As mu-law with another curve, and every other bit inverted (G.711, table 1a).
fn encode_a(sample: i16) -> u8 {
    let level = sample >> 3;
    // The steps below zero are those above it, seen in a mirror: -1 is the first of them.
    let (sign, level) = if level < 0 { (0, -level - 1) } else { (0x80, level) };
    let segment = 11 - level.leading_zeros().min(11);
    let place = (level >> segment.max(1)) & 0x0f;
    (sign | byte(segment, place)) ^ 0x55
}

fn decode_a(code: u8) -> i16 {
    let code = code ^ 0x55;
    let place = (i16::from(code & 0x0f) << 4) + 8;
    let level = match (code & 0x70) >> 4 {
        0 => place,
        segment => (place + 0x100) << (segment - 1),
    };
    if code & 0x80 != 0 { level } else { -level }
}

/// Segment and place are three and four bits.
fn byte(segment: u32, place: i16) -> u8 {
    let [.., segment] = segment.to_be_bytes();
    let [_, place] = place.to_be_bytes();
    (segment << 4) | place
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One number for many codes: what differs anywhere changes it.
    fn digest(codes: impl Iterator<Item = u32>) -> u32 {
        codes.fold(7, |sum, code| sum.wrapping_mul(31).wrapping_add(code))
    }

    /// Python's `audioop.lin2ulaw` and `lin2alaw` of all 65,536 samples, from the lowest up.
    #[test]
    fn every_sample_has_the_code_that_another_program_gives_it() {
        let all =
            |law: Law| digest((i16::MIN..=i16::MAX).map(|sample| u32::from(law.encode(sample))));
        assert_eq!((all(Law::Mu), all(Law::A)), (588_312_775, 545_652_743));
        assert_eq!([0, 32_767, -32_768].map(encode_mu), [0xff, 0x80, 0x00]);
        assert_eq!([0, 32_767, -32_768].map(encode_a), [0xd5, 0xaa, 0x2a]);
    }

    /// `ffmpeg -f mulaw` and `-f alaw` of all 256 codes, each sample plus 32,768.
    #[test]
    fn every_code_has_the_sample_that_another_program_gives_it() {
        let all = |law: Law| {
            digest((0..=u8::MAX).map(|code| (i32::from(law.decode(code)) + 32_768) as u32))
        };
        assert_eq!((all(Law::Mu), all(Law::A)), (3_522_502_663, 1_601_249_287));
    }

    #[test]
    fn a_code_is_the_code_of_its_own_sample() {
        for code in 0..=u8::MAX {
            // Mu-law has two zeros; the negative one becomes the other.
            let expected = if code == 0x7f { 0xff } else { code };
            assert_eq!(Law::Mu.encode(Law::Mu.decode(code)), expected);
            assert_eq!(Law::A.encode(Law::A.decode(code)), code);
        }
        for law in [Law::Mu, Law::A] {
            assert_eq!(law.encode(0), law.silence());
        }
    }
}
