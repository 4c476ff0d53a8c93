//! Truth that knows what it rests on.
//!
//! A test of what happens is true for a moment, and between moments it says nothing. A test of how
//! things stand holds, and says nothing while that is not known. [`None`] is that nothing: neither it
//! nor its opposite makes a rule run.

/// True or false, and whether that is so in this moment only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Truth {
    pub(super) is_true: bool,
    pub(super) is_of_moment: bool,
}

impl Truth {
    pub(super) fn moment(is_true: bool) -> Self {
        Self { is_true, is_of_moment: true }
    }

    pub(super) fn standing(is_true: bool) -> Self {
        Self { is_true, is_of_moment: false }
    }

    pub(super) fn opposite(self) -> Self {
        Self { is_true: !self.is_true, ..self }
    }

    /// `All` looks for a part that is false, `Any` for one that is true; what is not known decides
    /// only if there is none. A group is of the moment if one of the deciding parts is.
    pub(super) fn of_group(parts: &[Option<Self>], decides: bool) -> Option<Self> {
        let known = || parts.iter().flatten();
        let is_decided = known().any(|part| part.is_true == decides);
        if !is_decided && parts.iter().any(Option::is_none) {
            return None;
        }
        let is_true = is_decided == decides;
        let is_of_moment = known().any(|part| part.is_true == is_true && part.is_of_moment);
        Some(Self { is_true, is_of_moment })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const VALUES: [Option<Truth>; 5] = [
        None,
        Some(Truth { is_true: false, is_of_moment: false }),
        Some(Truth { is_true: false, is_of_moment: true }),
        Some(Truth { is_true: true, is_of_moment: false }),
        Some(Truth { is_true: true, is_of_moment: true }),
    ];

    #[test]
    fn all_and_any_are_each_other_s_opposite() {
        for one in VALUES {
            for other in VALUES {
                let opposites = [one, other].map(|part| part.map(Truth::opposite));
                let any = Truth::of_group(&[one, other], true);
                let all = Truth::of_group(&opposites, false).map(Truth::opposite);
                assert_eq!(any, all, "{one:?} {other:?}");
            }
        }
    }

    #[test]
    fn what_is_not_known_decides_nothing() {
        let (yes, no) = (Some(Truth::standing(true)), Some(Truth::standing(false)));
        assert_eq!(Truth::of_group(&[yes, None], false), None);
        assert_eq!(Truth::of_group(&[no, None], false), no);
        assert_eq!(Truth::of_group(&[no, None], true), None);
        assert_eq!(Truth::of_group(&[yes, None], true), yes);
    }

    #[test]
    fn a_moment_makes_what_holds_a_moment() {
        let (ring, armed) = (Some(Truth::moment(true)), Some(Truth::standing(true)));
        assert_eq!(Truth::of_group(&[ring, armed], false), ring);
        assert_eq!(Truth::of_group(&[armed, Some(Truth::moment(false))], true), armed);
    }
}
