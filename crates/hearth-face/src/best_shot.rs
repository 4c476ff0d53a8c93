//! The best view of a face so far.

use crate::quality::Quality;

/// Keeps the best of many views of one face and drops the others.
#[derive(Clone, Debug)]
pub struct BestShot<T> {
    kept: Option<(Quality, T)>,
}

impl<T> Default for BestShot<T> {
    fn default() -> Self {
        Self { kept: None }
    }
}

impl<T> BestShot<T> {
    /// Shows it another view; what is kept of it is made only if it is the best so far. A view
    /// without flaws is better than any with one, then the score decides; of equals, the first.
    pub fn offer(&mut self, quality: Quality, keep: impl FnOnce() -> T) -> bool {
        let rank = |quality: &Quality| (quality.is_good(), quality.score);
        let is_better = self.kept.as_ref().is_none_or(|(best, _)| {
            let (is_good, score) = rank(&quality);
            let (best_is_good, best_score) = rank(best);
            is_good && !best_is_good || is_good == best_is_good && score > best_score
        });
        if is_better {
            self.kept = Some((quality, keep()));
        }
        is_better
    }

    /// The best view, and what was kept of it.
    pub fn best(&self) -> Option<&(Quality, T)> {
        self.kept.as_ref()
    }

    /// Ends the choice.
    pub fn take(self) -> Option<(Quality, T)> {
        self.kept
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Flaw;

    #[test]
    fn the_best_view_is_kept_and_the_others_are_never_made() {
        let view = |score: f32, flaws: &[Flaw]| Quality {
            score,
            flaws: flaws.to_vec(),
            ..crate::quality::good()
        };
        let mut shot = BestShot::default();
        assert!(shot.offer(view(0.9, &[Flaw::Blurred]), || "blurred"));
        assert!(shot.offer(view(0.4, &[]), || "small"));
        assert!(!shot.offer(view(0.4, &[]), || unreachable!("no better than what is kept")));
        assert!(!shot.offer(view(0.8, &[Flaw::TooDark]), || unreachable!("has a flaw")));
        assert!(shot.offer(view(0.5, &[]), || "near"));
        assert_eq!(shot.best().map(|(_, kept)| *kept), Some("near"));
        assert_eq!(shot.take().map(|(quality, _)| quality.score), Some(0.5));
    }
}
