//! Who somebody is who was seen several times: a vote over the views of one track.

use crate::gallery::Identity;

/// Views that have to name a person: one view may be a chance, two of the same moment as well.
pub const VIEWS_MIN: u32 = 3;

/// Part of all weight that has to name that person.
pub const SHARE_MIN: f32 = 0.7;

/// Different persons a track is taken for; a track that is taken for more is a crowd.
const PERSONS_MAX: usize = 8;

/// Votes of one track. Better views weigh more.
#[derive(Clone, Debug)]
pub struct TrackVote<K> {
    votes: Vec<Votes<K>>,
    /// Weight of views that named nobody, or one person too many.
    unknown: f32,
    views: u32,
}

#[derive(Clone, Copy, Debug)]
struct Votes<K> {
    person: K,
    weight: f32,
    views: u32,
}

/// What a vote says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Verdict<K> {
    /// There are too few good views to say anything.
    Open,
    /// It is this person.
    Known {
        /// Who.
        person: K,
        /// Their part of all weight.
        share: f32,
    },
    /// It is nobody who is known, or nobody can say.
    Unknown,
}

impl<K> Default for TrackVote<K> {
    fn default() -> Self {
        Self { votes: Vec::new(), unknown: 0.0, views: 0 }
    }
}

impl<K: Copy + Eq> TrackVote<K> {
    /// Counts a good view, with the score of its quality; what was seen badly is not to be counted.
    pub fn add(&mut self, identity: &Identity<K>, score: f32) {
        let weight = if score.is_finite() { score.clamp(0.0, 1.0) } else { 0.0 };
        self.views = self.views.saturating_add(1);
        let Identity::Known(nearest) = identity else {
            self.unknown += weight;
            return;
        };
        if let Some(votes) = self.votes.iter_mut().find(|votes| votes.person == nearest.person) {
            votes.weight += weight;
            votes.views = votes.views.saturating_add(1);
        } else if self.votes.len() < PERSONS_MAX {
            self.votes.push(Votes { person: nearest.person, weight, views: 1 });
        } else {
            self.unknown += weight;
        }
    }

    /// What the views say so far.
    pub fn verdict(&self) -> Verdict<K> {
        if self.views < VIEWS_MIN {
            return Verdict::Open;
        }
        let all = self.unknown + self.votes.iter().map(|votes| votes.weight).sum::<f32>();
        let best = self.votes.iter().max_by(|a, b| a.weight.total_cmp(&b.weight));
        let wins = |votes: &&Votes<K>| {
            votes.views >= VIEWS_MIN && votes.weight > 0.0 && votes.weight >= SHARE_MIN * all
        };
        best.filter(wins).map_or(Verdict::Unknown, |votes| Verdict::Known {
            person: votes.person,
            share: votes.weight / all,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gallery::{Nearest, UnknownReason};

    fn vote(views: &[(Option<char>, f32)]) -> Verdict<char> {
        let mut vote = TrackVote::default();
        for (person, score) in views {
            let identity = person.map_or(Identity::Unknown(UnknownReason::NobodyNear), |person| {
                Identity::Known(Nearest { person, distance: 0.3 })
            });
            vote.add(&identity, *score);
        }
        vote.verdict()
    }

    /// promise: D-34. Somebody is known by several views that agree, not by one.
    #[test]
    fn one_lucky_view_names_nobody() {
        assert_eq!(vote(&[(Some('a'), 1.0); 2]), Verdict::Open);
        assert_eq!(vote(&[(Some('a'), 0.5); 3]), Verdict::Known { person: 'a', share: 1.0 });
        let one = [(None, 0.1), (None, 0.1), (Some('a'), 1.0)];
        assert_eq!(vote(&one), Verdict::Unknown);
    }

    /// promise: D-34. Views that contradict each other name nobody.
    #[test]
    fn views_that_disagree_name_nobody() {
        let torn =
            [(Some('a'), 1.0), (Some('a'), 1.0), (Some('a'), 1.0), (Some('b'), 1.0), (None, 1.0)];
        assert_eq!(vote(&torn), Verdict::Unknown);
        let mostly = [(Some('a'), 1.0), (Some('a'), 1.0), (Some('a'), 1.0), (None, 0.2)];
        assert!(matches!(vote(&mostly), Verdict::Known { person: 'a', .. }));
    }

    #[test]
    fn views_without_weight_and_crowds_name_nobody() {
        assert_eq!(vote(&[(Some('a'), f32::NAN); 5]), Verdict::Unknown);
        let crowd: Vec<_> = ('a'..='z').map(|person| (Some(person), 1.0)).collect();
        assert_eq!(vote(&crowd), Verdict::Unknown);
    }
}
