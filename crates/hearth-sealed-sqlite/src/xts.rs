//! AES-256 in XTS mode, IEEE 1619-2018 (NIST SP 800-38E), with ciphertext stealing.
//!
//! Pure. Each block of 16 bytes is encrypted by itself under a tweak of its unit and its place in
//! it, so blocks of a unit can be sealed and opened singly.

use aes::{
    Aes256, Aes256Enc, Block,
    cipher::{BlockCipherDecrypt as _, BlockCipherEncrypt as _, KeyInit as _},
};
use hearth_secret::Key512;

/// Bytes of a block.
pub(crate) const BLOCK_BYTES: usize = 16;

/// Blocks encrypted side by side: as many as the processor's AES unit has in flight at most.
const BATCH: usize = 16;

/// The cipher under one key. Its round keys are wiped on drop.
pub struct Xts {
    data: Aes256,
    tweak: Aes256Enc,
}

impl Xts {
    /// Prepares the key: its first half encrypts data, its second half tweaks.
    pub fn new(key: &Key512) -> Self {
        let (data, tweak) = key.expose().split_at(32);
        let expect = "a half of 64 bytes is a key";
        Self {
            data: Aes256::new_from_slice(data).expect(expect),
            tweak: Aes256Enc::new_from_slice(tweak).expect(expect),
        }
    }

    /// Encrypts `bytes`, which begin with block `first` of the unit `unit`. What does not fill its
    /// last block is encrypted together with the block before; fewer than 16 bytes are left alone.
    pub fn seal(&self, unit: u128, first: usize, bytes: &mut [u8]) {
        let (whole, last) = split(bytes);
        let mut tweak = self.tweak_of(unit, first);
        for batch in whole.chunks_mut(BATCH) {
            let tweaks = whiten(batch, &mut tweak);
            self.data.encrypt_blocks(batch);
            whiten_with(batch, &tweaks);
        }
        if let Some((block, tail)) = last {
            self.encrypt(block, tweak);
            steal(block, tail);
            self.encrypt(block, double(tweak));
        }
    }

    /// Decrypts what [`Xts::seal`] made.
    pub fn open(&self, unit: u128, first: usize, bytes: &mut [u8]) {
        let (whole, last) = split(bytes);
        let mut tweak = self.tweak_of(unit, first);
        for batch in whole.chunks_mut(BATCH) {
            let tweaks = whiten(batch, &mut tweak);
            self.data.decrypt_blocks(batch);
            whiten_with(batch, &tweaks);
        }
        if let Some((block, tail)) = last {
            self.decrypt(block, double(tweak));
            steal(block, tail);
            self.decrypt(block, tweak);
        }
    }

    fn tweak_of(&self, unit: u128, first: usize) -> u128 {
        let mut block = Block::from(unit.to_le_bytes());
        self.tweak.encrypt_block(&mut block);
        (0..first).fold(u128::from_le_bytes(block.into()), |tweak, _| double(tweak))
    }

    fn encrypt(&self, block: &mut Block, tweak: u128) {
        xor(block, tweak);
        self.data.encrypt_block(block);
        xor(block, tweak);
    }

    fn decrypt(&self, block: &mut Block, tweak: u128) {
        xor(block, tweak);
        self.data.decrypt_block(block);
        xor(block, tweak);
    }
}

impl std::fmt::Debug for Xts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Xts([secret])")
    }
}

/// The blocks that stand alone, and the last whole one with what follows it, if anything does.
fn split(bytes: &mut [u8]) -> (&mut [Block], Option<(&mut Block, &mut [u8])>) {
    let (blocks, tail) = Block::slice_as_chunks_mut(bytes);
    if tail.is_empty() {
        return (blocks, None);
    }
    match blocks.split_last_mut() {
        Some((last, whole)) => (whole, Some((last, tail))),
        None => (&mut [], None),
    }
}

/// Exchanges the tail with the beginning of the block before it.
fn steal(block: &mut Block, tail: &mut [u8]) {
    block.iter_mut().zip(tail).for_each(|(block, tail)| std::mem::swap(block, tail));
}

/// Adds the tweaks from `next` on to the blocks, and says which they were.
fn whiten(batch: &mut [Block], next: &mut u128) -> [u128; BATCH] {
    let mut tweaks = [0; BATCH];
    for (block, tweak) in batch.iter_mut().zip(&mut tweaks) {
        *tweak = *next;
        *next = double(*next);
        xor(block, *tweak);
    }
    tweaks
}

fn whiten_with(batch: &mut [Block], tweaks: &[u128; BATCH]) {
    batch.iter_mut().zip(tweaks).for_each(|(block, tweak)| xor(block, *tweak));
}

fn xor(block: &mut Block, tweak: u128) {
    *block = (u128::from_le_bytes((*block).into()) ^ tweak).to_le_bytes().into();
}

/// Multiplication by alpha in GF(2^128), IEEE 1619-2018 5.2.
fn double(tweak: u128) -> u128 {
    (tweak << 1) ^ ((tweak >> 127) * 0x87)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn hex(text: &str) -> Vec<u8> {
        let digits = |at| u8::from_str_radix(&text[at..at + 2], 16).expect("hex");
        (0..text.len()).step_by(2).map(digits).collect()
    }

    /// The key of IEEE 1619-2018, annex B, vectors 10 to 14.
    fn key() -> Key512 {
        let bytes = hex("2718281828459045235360287471352662497757247093699959574966967627\
             3141592653589793238462643383279502884197169399375105820974944592");
        Key512::new(bytes.try_into().expect("64 bytes"))
    }

    /// promise: V-07. The cipher is the standard's: its vector 10.
    #[test]
    fn a_unit_of_512_bytes_is_sealed_as_the_standard_says() {
        let mut unit: Vec<u8> = (0..512).map(|n| n as u8).collect();
        Xts::new(&key()).seal(0xff, 0, &mut unit);
        assert_eq!(unit[..16], hex("1c3b3a102f770386e4836c99e370cf9b"));
        let end = "773dad38014bd2092fa755c824bb5e54c4f36ffda9fcea70b9c6e693e148c151";
        assert_eq!(unit[480..], hex(end));
    }

    /// Figures of OpenSSL for the same inputs.
    #[test]
    fn other_lengths_and_units_agree_with_an_independent_program() {
        let mut frame: Vec<u8> = (0..24).collect();
        Xts::new(&key()).seal((3 << 64) | 0xff, 0, &mut frame);
        assert_eq!(frame, hex("2dcb50331fdd636a281f946c1a452d7f6aa3914c0f7a1581"));
        let mut page: Vec<u8> = (0..4096).map(|n| (n * 7 % 251) as u8).collect();
        Xts::new(&key()).seal((2 << 64) | 12_345, 0, &mut page);
        assert_eq!(page[4080..], hex("8b595a014387204182e42febcf247221"));
    }

    #[test]
    fn fewer_bytes_than_a_block_are_left_alone() {
        let mut bytes = *b"fifteen bytes!!";
        Xts::new(&key()).seal(1, 0, &mut bytes);
        assert_eq!(&bytes, b"fifteen bytes!!");
    }

    /// promise: T-15. A debug print of a cipher shows none of its key.
    #[test]
    fn it_is_not_printed() {
        assert_eq!(format!("{:?}", Xts::new(&key())), "Xts([secret])");
    }

    proptest! {
        #[test]
        fn what_is_sealed_opens(
            plain in prop::collection::vec(any::<u8>(), 16..600), unit: u128, first in 0usize..256,
        ) {
            let xts = Xts::new(&key());
            let mut bytes = plain.clone();
            xts.seal(unit, first, &mut bytes);
            prop_assert_ne!(&bytes, &plain);
            xts.open(unit, first, &mut bytes);
            prop_assert_eq!(bytes, plain);
        }

        #[test]
        fn blocks_of_a_unit_are_sealed_alike_one_by_one(
            plain in prop::collection::vec(any::<u8>(), 512), unit: u128, at in 0usize..32,
        ) {
            let xts = Xts::new(&key());
            let mut whole = plain.clone();
            xts.seal(unit, 0, &mut whole);
            let mut block = plain[at * 16..][..16].to_vec();
            xts.seal(unit, at, &mut block);
            prop_assert_eq!(&block[..], &whole[at * 16..][..16]);
        }
    }
}
