//! How good recognition is on labelled pictures: comparisons of pairs and searches of an open set.
//!
//! Words and definitions of ISO/IEC 19795-1: the false match rate (FMR) counts pairs of different
//! persons taken for one, the false non-match rate (FNMR) pairs of one person taken for two; in
//! searches, FPIR counts strangers who are named, FNIR known persons who are not named, or wrongly.
//! Pictures without a face are in none of these rates; they are counted by themselves.

mod curve;
mod pairs;
mod search;

pub use curve::{Comparison, DetCurve, DetRow};
pub use pairs::{LabelledPair, PAIRS_MAX, PairsError, read_pairs};
pub use search::{SearchRates, search_rates};
