//! How a detail of a fact is compared with what a rule names.

/// A comparison. Numbers are compared as numbers, everything else as text; a text that is no number
/// is neither above nor below one.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Comparison {
    /// The same text.
    Equals(String),
    /// Another text.
    NotEquals(String),
    /// The text is part of it.
    Contains(String),
    /// It fits a pattern, in which `*` is any text and `?` any letter.
    Matches(String),
    /// One of these texts.
    OneOf(Vec<String>),
    /// More.
    GreaterThan(f64),
    /// Less.
    LessThan(f64),
    /// From the first to the second, both included.
    Between([f64; 2]),
}

impl Comparison {
    /// Whether a detail fits.
    pub fn fits(&self, detail: &str) -> bool {
        let number = || detail.parse::<f64>().ok().filter(|number| number.is_finite());
        match self {
            Self::Equals(text) => detail == text,
            Self::NotEquals(text) => detail != text,
            Self::Contains(text) => detail.contains(text.as_str()),
            Self::Matches(pattern) => fits_pattern(pattern, detail),
            Self::OneOf(texts) => texts.iter().any(|text| text == detail),
            Self::GreaterThan(edge) => number().is_some_and(|number| number > *edge),
            Self::LessThan(edge) => number().is_some_and(|number| number < *edge),
            Self::Between([from, to]) => {
                number().is_some_and(|number| (*from..=*to).contains(&number))
            }
        }
    }

    /// The texts it names.
    pub(crate) fn texts(&self) -> &[String] {
        match self {
            Self::Equals(text)
            | Self::NotEquals(text)
            | Self::Contains(text)
            | Self::Matches(text) => std::slice::from_ref(text),
            Self::OneOf(texts) => texts,
            _ => &[],
        }
    }

    /// Whether its numbers, if it has any, are numbers.
    pub(crate) fn is_finite(&self) -> bool {
        match self {
            Self::GreaterThan(edge) | Self::LessThan(edge) => edge.is_finite(),
            Self::Between(edges) => edges.iter().all(|edge| edge.is_finite()),
            _ => true,
        }
    }
}

/// At most one step back a letter: the time is the product of both lengths, which are bounded.
fn fits_pattern(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) =
        (pattern.chars().collect(), text.chars().collect());
    let (mut p, mut t) = (0, 0);
    // After the newest star: where the pattern goes on, and from which letter it was tried.
    let mut star: Option<(usize, usize)> = None;
    while let Some(letter) = text.get(t) {
        match pattern.get(p) {
            Some('*') => {
                star = Some((p + 1, t));
                p += 1;
            }
            Some(wanted) if *wanted == '?' || wanted == letter => {
                (p, t) = (p + 1, t + 1);
            }
            _ => {
                let Some((after, from)) = star else { return false };
                star = Some((after, from + 1));
                (p, t) = (after, from + 1);
            }
        }
    }
    pattern.iter().skip(p).all(|letter| *letter == '*')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn each_comparison_has_its_truth_table() {
        use Comparison::*;
        let text = |text: &str| text.to_owned();
        let table: [(Comparison, &[&str], &[&str]); 8] = [
            (Equals(text("a")), &["a"], &["", "A", "ab"]),
            (NotEquals(text("a")), &["", "A", "ab"], &["a"]),
            (Contains(text("ar")), &["ar", "car", "art"], &["", "AR", "a r"]),
            (Matches(text("a*b?")), &["abc", "axxbz", "abbb"], &["ab", "xabc", "abcd", ""]),
            (OneOf(vec![text("a"), text("b")]), &["a", "b"], &["c", "ab", ""]),
            (GreaterThan(1.5), &["2", "1.6", "1e3"], &["1.5", "-2", "x", "", "NaN", "inf"]),
            (LessThan(1.5), &["1", "-1e3"], &["1.5", "2", "x", "", "-inf"]),
            (Between([1.0, 2.0]), &["1", "1.5", "2"], &["0.9", "2.1", "x", "NaN"]),
        ];
        for (comparison, fitting, others) in table {
            assert!(fitting.iter().all(|detail| comparison.fits(detail)), "{comparison:?}");
            assert!(!others.iter().any(|detail| comparison.fits(detail)), "{comparison:?}");
        }
    }

    proptest! {
        #[test]
        fn a_pattern_without_signs_is_equality(pattern in "[a-c]{0,6}", text in "[a-c]{0,6}") {
            prop_assert_eq!(fits_pattern(&pattern, &text), pattern == text);
        }

        #[test]
        fn any_pattern_and_any_text_are_answered(pattern in "[a?*\\PC]{0,40}", text: String) {
            fits_pattern(&pattern, &text);
            let any = fits_pattern("*", &text);
            prop_assert!(any);
        }
    }
}
