//! Repeatable chance: the same seed gives the same measurement. Pure.

/// SplitMix64 (Steele, Lea, Flood 2014).
#[derive(Clone, Debug)]
pub(crate) struct Dice(u64);

impl Dice {
    /// Dice that fall the same way each time.
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Between two numbers.
    pub(crate) fn between(&mut self, from: f64, to: f64) -> f64 {
        let part = (self.next() >> 11) as f64 / (1u64 << 53) as f64;
        from + (to - from) * part
    }

    /// Whether something happens that happens so often.
    pub(crate) fn is(&mut self, chance: f64) -> bool {
        self.between(0.0, 1.0) < chance
    }

    /// All of them in another order.
    pub(crate) fn shuffled<T>(&mut self, all: Vec<T>) -> Vec<T> {
        let mut keyed: Vec<(u64, T)> = all.into_iter().map(|one| (self.next(), one)).collect();
        keyed.sort_by_key(|(key, _)| *key);
        keyed.into_iter().map(|(_, one)| one).collect()
    }

    /// One of several.
    pub(crate) fn one_of<'a, T>(&mut self, all: &'a [T]) -> Option<&'a T> {
        let place = self.next() % (all.len().max(1) as u64);
        all.get(usize::try_from(place).unwrap_or(0))
    }
}
