//! Patterns of texts, whose cost is known before they are used.

use regex::{Regex, RegexBuilder};
use regex_syntax::hir::{Hir, HirKind};

/// The largest compiled pattern, in bytes.
const BYTES_MAX: usize = 1 << 18;

/// A pattern.
#[derive(Clone, Debug)]
pub struct Pattern {
    regex: Regex,
    /// What it costs at most to look at a byte of a text, in comparisons.
    pub weight: usize,
}

impl Pattern {
    /// Compiles a pattern in the syntax of the `regex` crate.
    ///
    /// # Errors
    /// Why it can't be used.
    pub fn new(pattern: &str) -> Result<Self, String> {
        let why = |error: String| {
            let last = error.lines().last().unwrap_or_default();
            last.trim_start_matches("error: ").to_owned()
        };
        let hir = regex_syntax::parse(pattern).map_err(|error| why(error.to_string()))?;
        let regex = RegexBuilder::new(pattern).size_limit(BYTES_MAX).build();
        Ok(Self { regex: regex.map_err(|error| why(error.to_string()))?, weight: weight(&hir) })
    }

    /// Whether it occurs in a text.
    #[must_use]
    pub fn is_in(&self, text: &str) -> bool {
        self.regex.is_match(text)
    }

    /// The pattern as it is written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.regex.as_str()
    }
}

/// How many places in a pattern a byte may have to be compared with: repetitions are written out.
fn weight(hir: &Hir) -> usize {
    let weight = match hir.kind() {
        HirKind::Empty | HirKind::Look(_) | HirKind::Class(_) => 1,
        HirKind::Literal(literal) => literal.0.len(),
        HirKind::Capture(capture) => weight(&capture.sub),
        HirKind::Repetition(repetition) => {
            let times = repetition.max.unwrap_or(repetition.min).max(1);
            weight(&repetition.sub).saturating_mul(times as usize)
        }
        HirKind::Concat(parts) | HirKind::Alternation(parts) => {
            parts.iter().map(weight).fold(0, usize::saturating_add)
        }
    };
    weight.max(1)
}

#[cfg(test)]
mod tests {
    use super::Pattern;

    #[test]
    fn a_pattern_weighs_what_it_may_compare() {
        for (pattern, weight) in [
            ("", 1),
            ("abc", 3),
            ("^[A-Z]{3}-[0-9]+$", 7),
            ("(a|bc){10}", 30),
            ("(x{20}){20}", 400),
        ] {
            assert_eq!(Pattern::new(pattern).map(|it| it.weight), Ok(weight), "{pattern}");
        }
    }

    #[test]
    fn what_is_no_pattern_or_too_large_says_why() {
        for (pattern, why) in [
            ("a(b", "unclosed group"),
            ("(?=a)", "look-around, including look-ahead and look-behind, is not supported"),
            (r"(a)\1", "backreferences are not supported"),
            ("((a{100}){100}){100}", "Compiled regex exceeds size limit of 262144 bytes."),
        ] {
            assert_eq!(Pattern::new(pattern).map(|_| ()), Err(why.to_owned()), "{pattern}");
        }
    }
}
