//! Regular expressions as ECMA-262 reads them with the `u` flag: the `pattern` of JSON Schema.
//!
//! A pattern is parsed by the grammar of ECMA-262, and then matched by the cheapest way that is exact:
//! without look-around and backreferences by the `regex` crate, into whose syntax it is spelt out; with
//! look-around, or where it is too large for that, by an [automaton] in time proportional to the text;
//! and with backreferences by [backtracking]. Steps of the last two are counted, so that the same text
//! costs the same everywhere, and what costs too much is said to be undecided: a text that nobody
//! judged is neither valid nor invalid.

mod automaton;
mod backtrack;
mod characters;
mod escape;
mod parse;
mod regular;

use std::ops::Range;

use automaton::Automaton;
use backtrack::Backtracker;
use regex::Regex;

/// Whether a text holds what a pattern looks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It does.
    Match,
    /// It doesn't.
    NoMatch,
    /// The steps that a text of this length may take didn't suffice to tell.
    Undecided,
}

impl From<bool> for Verdict {
    fn from(matches: bool) -> Self {
        if matches { Self::Match } else { Self::NoMatch }
    }
}

/// What is wrong with a pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Which bytes of the pattern.
    pub span: Range<usize>,
    /// What is wrong.
    pub message: String,
    /// How ECMA-262 writes it.
    pub help: String,
    /// Software that reads patterns without the `u` flag takes it, and takes it for the same.
    pub lenient: bool,
}

/// A compiled pattern.
#[derive(Debug)]
pub struct Pattern {
    matcher: Matcher,
}

#[derive(Debug)]
enum Matcher {
    Regular(Regex),
    Automaton(Automaton),
    Backtracker(Backtracker),
}

impl Pattern {
    /// Compiles a pattern.
    ///
    /// # Errors
    /// What keeps it from being one, or from being compiled.
    pub fn new(pattern: &str) -> Result<Self, Fault> {
        let parsed = parse::parse(pattern)?;
        let too_large = || Fault {
            span: 0..pattern.len(),
            message: format!("it is too large: spelt out, it has more than {STATES_MAX} steps"),
            help: "count less, or use `minLength` and `maxLength`".to_owned(),
            lenient: false,
        };
        let matcher = if parsed.has_backreferences {
            Matcher::Backtracker(Backtracker::new(&parsed).ok_or_else(too_large)?)
        } else if let Some(regex) = regular::compile(&parsed.root) {
            Matcher::Regular(regex)
        } else {
            Matcher::Automaton(Automaton::new(&parsed.root).ok_or_else(too_large)?)
        };
        Ok(Self { matcher })
    }

    /// Whether there may be texts that it can't decide.
    #[must_use]
    pub fn may_give_up(&self) -> bool {
        !matches!(self.matcher, Matcher::Regular(_))
    }

    /// Whether a text holds what the pattern looks for.
    #[must_use]
    pub fn find(&self, text: &str) -> Verdict {
        match &self.matcher {
            Matcher::Regular(regex) => regex.is_match(text).into(),
            Matcher::Automaton(automaton) => automaton.find(text),
            Matcher::Backtracker(backtracker) => backtracker.find(text),
        }
    }
}

/// All that is to be said about a pattern: what is wrong with it, or what only some software takes.
#[must_use]
pub fn faults(pattern: &str) -> Vec<Fault> {
    match parse::parse(pattern) {
        Err(fault) => vec![fault],
        Ok(parsed) => match Pattern::new(pattern) {
            Err(fault) => vec![fault],
            Ok(_) => parsed.lenient,
        },
    }
}

/// Whether a text is a pattern, also one that only some software takes.
#[must_use]
pub fn is_pattern(text: &str) -> bool {
    parse::parse(text).is_ok()
}

/// A pattern with more states than this isn't compiled.
const STATES_MAX: usize = 100_000;

/// The steps that may be taken over one text.
struct Budget {
    left: usize,
}

impl Budget {
    /// Proportional to the text, so that all texts together cost no more than reading them.
    fn of(text: &[char]) -> Self {
        Self { left: 50_000 + 500 * text.len() }
    }

    /// Takes a step; false if there is none left.
    fn step(&mut self) -> bool {
        self.left = self.left.saturating_sub(1);
        self.left > 0
    }
}

/// Whether a position lies between a word and something else: `\b`.
fn is_boundary(text: &[char], position: usize) -> bool {
    let is_word = |at: Option<usize>| {
        at.and_then(|at| text.get(at))
            .is_some_and(|letter| letter.is_ascii_alphanumeric() || *letter == '_')
    };
    is_word(position.checked_sub(1)) != is_word(Some(position))
}

#[cfg(test)]
mod tests {
    use super::{Pattern, Verdict, faults, is_pattern};

    fn find(pattern: &str, text: &str) -> Verdict {
        Pattern::new(pattern).unwrap_or_else(|fault| panic!("{pattern}: {fault:?}")).find(text)
    }

    #[test]
    fn what_ecma_means_is_meant() {
        for (pattern, text, matches) in [
            (r"\bé", "é", false),
            (r"é\b", "éa", true),
            (r"^(?<y>a)\k<y>$", "aa", true),
            (r"^(?<y>a)\k<y>$", "ab", false),
            (r"^[\b]$", "\u{8}", true),
            (r"^\0$", "\0", true),
            (r"^[^]$", "\n", true),
            (r"[]", "a", false),
            (r"^\uD83D\uDE00$", "😀", true),
            (r"^\u{1F600}$", "😀", true),
            (r"^[\uD83D\uDE00]$", "😀", true),
            (r"^.$", "😀", true),
            (r"\uD83D", "😀", false),
            (r"^(?:(a)|b)\1$", "b", true),
            (r"^\1(a)$", "a", true),
            (r"^\d$", "٣", false),
            (r"^\w$", "é", false),
            (r"^\s$", "\u{feff}", true),
            (r"^\s$", "\u{85}", false),
            (r"^.$", "\u{2028}", false),
            (r"^a$", "a\n", false),
            (r"^\cJ\x41$", "\nA", true),
            (r"^\p{L}+$", "Çelik", true),
            (r"^\p{Script=Latin}+$", "Çelik", true),
            (r"^\p{sc=Cyrl}+$", "Иван", true),
            (r"^\P{Lu}$", "A", false),
            (r"^(?=.*\d)(?!.*x)[a-z\d]+$", "ab1", true),
            (r"^(?=.*\d)(?!.*x)[a-z\d]+$", "xb1", false),
            (r"(?<=a+)b", "aab", true),
            (r"(?<!a)b", "ab", false),
            (r"(?<=(?=b).)c", "bc", true),
            (r"^(?<=\1(a))b|aab", "aab", true),
            (r"(?<=\1(a))b", "aab", true),
            (r"(?<=\1(a))b", "ab", false),
            (r"^(?:a*)*$", "aaab", false),
            (r"^(a?)*\1$", "aa", true),
            (r"\B", "", true),
            (r"^(z)((a+)?(b+)?(c))*\3$", "zaacbbbcaca", true),
            (r"^\/\.\-?$", "/.-", true),
            (r"^a{2}{$", "aa{", true),
        ] {
            assert_eq!(find(pattern, text), matches.into(), "{pattern} on {text:?}");
        }
    }

    #[test]
    fn other_dialects_are_told_apart() {
        for pattern in [
            "(?i)a",
            "a++",
            "a*+",
            r"\A",
            r"\z",
            r"\Z",
            r"\p{Latin}",
            "(?P<n>a)",
            "(?>a)",
            "(",
            ")",
            "[",
            "*a",
            "a{2,1}",
            r"\1",
            r"\k<n>",
            "(?<n>a)(?<n>b)",
            "[b-a]",
            r"[\d-z]",
            r"\x4",
            r"\u12",
            r"\u{110000}",
            r"\pL",
            r"\p{Script=latin}",
            r"\c1",
            r"\01",
            r"\h",
            "(?#a)",
            "\\",
            "(?=a)*",
            "a**",
            r"\p{IsLatin}",
            r"(?<1a>a)",
        ] {
            assert!(!is_pattern(pattern), "{pattern}");
            let fault = &faults(pattern)[0];
            assert!(!fault.lenient && !fault.help.is_empty(), "{pattern}: {fault:?}");
        }
        for pattern in [r"\-", "a{", "}", "]", r"\_", r"\@"] {
            assert!(is_pattern(pattern) && faults(pattern)[0].lenient, "{pattern}");
        }
    }

    #[test]
    fn what_costs_too_much_is_undecided() {
        assert_eq!(find(r"^((a|aa)+)\1$", &"a".repeat(60)), Verdict::Undecided);
        assert_eq!(find(r"^((a|aa)+)\1$", "aaaa"), Verdict::Match);
        // Look-around alone is never too much.
        let long = "a".repeat(50_000);
        assert_eq!(find(r"(?<=x.*)a", &long), Verdict::NoMatch);
        assert_eq!(find(r"(?<!a.*)b", &long), Verdict::NoMatch);
        assert_eq!(find(r"^(?!.*(a+)+b)", &long), Verdict::Match);
    }

    #[test]
    fn large_patterns_are_refused_or_bounded() {
        assert_eq!(find(r"^[\s\S]{8,50000}$", "abcdefgh"), Verdict::Match);
        assert!(Pattern::new("((a{1,1000}){1,1000}){1,1000}").is_err());
        assert!(Pattern::new(&"(".repeat(100_000)).is_err());
        assert!(Pattern::new(&format!("{}a{}", "(?:".repeat(50_000), ")".repeat(50_000))).is_err());
        assert!(Pattern::new(r"(a)\1{1,1000000}").is_ok());
    }
}
