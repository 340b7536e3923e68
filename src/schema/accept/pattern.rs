//! Patterns that a table of bytes decides: characters and sets of them, each so many times.
//!
//! Most patterns of curated data are codes: `^ev-[0-9a-z]{6}$`. They are matched byte by byte. A
//! pattern with anything else is a regular expression.

use crate::ecma::{self, Verdict};
use crate::schema::undecided;

/// A compiled pattern.
#[derive(Debug)]
pub(super) enum Pattern {
    /// The whole text, byte by byte.
    Bytes(Bytes),
    /// The whole text, in pieces.
    Pieces(Vec<Piece>),
    /// Anything else.
    Expression { text: String, pattern: ecma::Pattern },
}

/// A set of ASCII characters and how often one of them stands there; or some words of one length,
/// of which the set holds the first characters.
#[derive(Clone, Debug)]
pub(super) struct Piece {
    bytes: [bool; 256],
    min: usize,
    max: usize,
    words: Vec<Vec<u8>>,
}

/// Texts of one length, of which each byte belongs to a set.
#[derive(Clone, Debug)]
pub(super) struct Bytes {
    /// One bit for each set that a byte belongs to.
    sets_of: Box<[u16; 256]>,
    /// The bit of the set of each place.
    places: Vec<u16>,
}

impl Bytes {
    /// Longer ones are matched in pieces.
    const LENGTH_MAX: usize = 64;

    /// What some pieces say, if they take texts of one length and there are few sets.
    fn of(pieces: &[Piece]) -> Option<Self> {
        let mut sets: Vec<&[bool; 256]> = Vec::new();
        let mut places = Vec::new();
        for piece in pieces {
            if piece.min != piece.max || !piece.words.is_empty() {
                return None;
            }
            let known = sets.iter().position(|set| **set == piece.bytes);
            let set = known.unwrap_or_else(|| {
                sets.push(&piece.bytes);
                sets.len() - 1
            });
            if set >= u16::BITS as usize
                || places.len().saturating_add(piece.max) > Self::LENGTH_MAX
            {
                return None;
            }
            places.extend(std::iter::repeat_n(1 << set, piece.max));
        }
        let sets_of = std::array::from_fn(|byte| {
            let of = sets.iter().enumerate().filter(|(_, set)| set[byte]);
            of.fold(0, |all, (number, _)| all | 1 << number)
        });
        Some(Self { sets_of: Box::new(sets_of), places })
    }

    #[inline]
    pub fn matches(&self, text: &[u8]) -> bool {
        text.len() == self.places.len()
            && text
                .iter()
                .zip(&self.places)
                .all(|(byte, set)| self.sets_of[usize::from(*byte)] & set != 0)
    }
}

impl Pattern {
    /// Compiles a pattern; none if it isn't one.
    pub fn new(pattern: &str) -> Option<Self> {
        Some(match pieces(pattern) {
            Some(pieces) => match Bytes::of(&pieces) {
                Some(bytes) => Self::Bytes(bytes),
                None => Self::Pieces(pieces),
            },
            None => Self::Expression {
                text: pattern.to_owned(),
                pattern: ecma::Pattern::new(pattern).ok()?,
            },
        })
    }

    /// Whether it may give up on a text: then it says no, and notes that.
    pub fn may_give_up(&self) -> bool {
        match self {
            Self::Bytes(_) | Self::Pieces(_) => false,
            Self::Expression { pattern, .. } => pattern.may_give_up(),
        }
    }

    pub fn matches(&self, text: &str) -> bool {
        self.matches_bytes(text.as_bytes(), || text)
    }

    /// The same for a text's bytes, and the text itself where it is a regular expression.
    #[inline]
    pub fn matches_bytes<'t>(&self, bytes: &[u8], text: impl FnOnce() -> &'t str) -> bool {
        match self {
            Self::Bytes(pattern) => pattern.matches(bytes),
            Self::Pieces(pieces) => matches(pieces, bytes),
            Self::Expression { text: spelt, pattern } => {
                let verdict = pattern.find(text());
                if verdict == Verdict::Undecided {
                    undecided::note(spelt);
                }
                verdict == Verdict::Match
            }
        }
    }
}

/// Whether a pattern only admits codes: ASCII letters, digits, `-` and `_`, of which the first is a letter.
#[must_use]
pub fn admits_only_codes(pattern: &str) -> bool {
    let Some(pieces) = pieces(pattern) else { return false };
    let [first, ..] = pieces.as_slice() else { return false };
    let within = |piece: &Piece, fits: fn(u8) -> bool| {
        piece.bytes.iter().zip(0..=u8::MAX).all(|(is_in, byte)| !is_in || fits(byte))
    };
    // Words are made of such characters anyway.
    first.min > 0
        && within(first, |byte| byte.is_ascii_alphabetic())
        && pieces.iter().all(|piece| {
            within(piece, |byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
        })
}

/// Each piece takes as much as it can, and never has to give any of it back.
fn matches(pieces: &[Piece], text: &[u8]) -> bool {
    let mut rest = text;
    for piece in pieces {
        if let [first, ..] = piece.words.as_slice() {
            match rest.split_at_checked(first.len()) {
                Some((word, after)) if piece.words.iter().any(|it| it == word) => rest = after,
                _ => return false,
            }
            continue;
        }
        let most = rest.len().min(piece.max);
        let taken =
            rest[..most].iter().position(|byte| !piece.bytes[usize::from(*byte)]).unwrap_or(most);
        if taken < piece.min {
            return false;
        }
        rest = &rest[taken..];
    }
    rest.is_empty()
}

/// The pieces of a pattern that is anchored on both sides and knows only characters, sets and
/// counts, if taking as much as possible is always right.
fn pieces(pattern: &str) -> Option<Vec<Piece>> {
    let inner = pattern.strip_prefix('^')?.strip_suffix('$')?;
    if !inner.is_ascii() {
        return None;
    }
    let mut rest = inner.as_bytes();
    let mut pieces: Vec<Piece> = Vec::new();
    while !rest.is_empty() {
        if rest[0] == b'(' {
            pieces.push(words(&mut rest)?);
            continue;
        }
        let bytes = set(&mut rest)?;
        let (min, max) = count(&mut rest)?;
        pieces.push(Piece { bytes, min, max, words: Vec::new() });
    }
    // A piece of varying length followed by one that shares characters with it might have to
    // give some back; so might one before pieces that may be empty.
    for (index, piece) in pieces.iter().enumerate() {
        if piece.min == piece.max {
            continue;
        }
        for follower in &pieces[index + 1..] {
            if piece.bytes.iter().zip(&follower.bytes).any(|(a, b)| *a && *b) {
                return None;
            }
            if follower.min > 0 {
                break;
            }
        }
    }
    Some(pieces)
}

/// `(one|two)`, once, where all words have one length.
fn words(rest: &mut &[u8]) -> Option<Piece> {
    let end = rest.iter().position(|byte| *byte == b')')?;
    let (inner, after) = (&rest[1..end], &rest[end + 1..]);
    *rest = after;
    let words: Vec<_> = inner.split(|byte| *byte == b'|').map(<[u8]>::to_vec).collect();
    let plain = |word: &Vec<u8>| {
        !word.is_empty()
            && word.len() == words[0].len()
            && word.iter().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(byte))
    };
    if !words.iter().all(plain) || after.first().is_some_and(|byte| b"*+?{".contains(byte)) {
        return None;
    }
    let mut bytes = [false; 256];
    for word in &words {
        bytes[usize::from(word[0])] = true;
    }
    Some(Piece { bytes, min: 1, max: 1, words })
}

/// One character, or a set in brackets.
fn set(rest: &mut &[u8]) -> Option<[bool; 256]> {
    let mut bytes = [false; 256];
    let (&first, after) = rest.split_first()?;
    *rest = after;
    match first {
        b'[' => {
            let end = rest.iter().position(|byte| *byte == b']')?;
            let (inner, after) = rest.split_at(end);
            *rest = &after[1..];
            let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_ .:/,".contains(byte);
            if inner.is_empty() || !inner.iter().all(plain) {
                return None;
            }
            let mut inner = inner;
            while let Some((&from, after)) = inner.split_first() {
                if let [b'-', to, after @ ..] = after {
                    if !from.is_ascii_alphanumeric() || !to.is_ascii_alphanumeric() || to < &from {
                        return None;
                    }
                    bytes[usize::from(from)..=usize::from(*to)].fill(true);
                    inner = after;
                } else {
                    bytes[usize::from(from)] = true;
                    inner = after;
                }
            }
        }
        _ if first.is_ascii_alphanumeric() || b"-_ :/,".contains(&first) => {
            bytes[usize::from(first)] = true;
        }
        _ => return None,
    }
    Some(bytes)
}

/// How often: once if nothing is said.
fn count(rest: &mut &[u8]) -> Option<(usize, usize)> {
    let (range, length) = match rest.first() {
        Some(b'*') => ((0, usize::MAX), 1),
        Some(b'+') => ((1, usize::MAX), 1),
        Some(b'?') => ((0, 1), 1),
        Some(b'{') => {
            let end = rest.iter().position(|byte| *byte == b'}')?;
            let inner = std::str::from_utf8(&rest[1..end]).ok()?;
            let number = |text: &str| {
                let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
                digits.then(|| text.parse::<usize>().ok())?
            };
            let range = match inner.split_once(',') {
                None => (number(inner)?, number(inner)?),
                Some((min, "")) => (number(min)?, usize::MAX),
                Some((min, max)) => (number(min)?, number(max)?),
            };
            if range.0 > range.1 {
                return None;
            }
            (range, end + 1)
        }
        _ => ((1, 1), 0),
    };
    *rest = &rest[length..];
    // `+?` and `++` are something else.
    let more = rest.first().is_some_and(|byte| b"*+?{".contains(byte));
    (length == 0 || !more).then_some(range)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Bytes, admits_only_codes, matches, pieces};
    use crate::ecma::{Pattern, Verdict};

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        /// What the pieces say is what the regular expression says.
        #[test]
        fn pieces_match_what_the_expression_matches(
            parts in proptest::collection::vec(
                "([a-c]|\\((a|bc|ab)\\|(c|cb|ac)\\)|\\[[a-c]{1,2}\\]|\\[a-c\\]|\\[0-9-\\]|-)(\\*|\\+|\\?|\\{[0-3]\\}|\\{[01],[1-3]\\}|\\{1,\\})?",
                0..4
            ),
            texts in proptest::collection::vec("[a-d0-2-]{0,6}\n?", 1..20),
        ) {
            let pattern = format!("^{}$", parts.concat());
            let Some(pieces) = pieces(&pattern) else { return Ok(()) };
            let expression = Pattern::new(&pattern).expect("a pattern");
            let bytes = Bytes::of(&pieces);
            for text in texts {
                let found = matches(&pieces, text.as_bytes());
                prop_assert_eq!(
                    Verdict::from(found), expression.find(&text), "{} on {:?}", pattern, text
                );
                if let Some(bytes) = &bytes {
                    prop_assert_eq!(bytes.matches(text.as_bytes()), found, "{} on {:?}", pattern, text);
                }
            }
        }
    }

    #[test]
    fn codes_are_told_from_other_texts() {
        for pattern in
            ["^ev-[0-9]{8}$", "^[a-z]{2,3}$", "^[A-Za-z][A-Za-z0-9_-]*$", "^(AB|CD)-[0-9]+$"]
        {
            assert!(admits_only_codes(pattern), "{pattern}");
        }
        for pattern in [
            "^[0-9]{4}$",
            "^[a-z]*$",
            "^$",
            "^a b$",
            "^a:[0-9]$",
            "^a/b$",
            "ev-[0-9]",
            "^.$",
            "^[^a]$",
            "^é$",
        ] {
            assert!(!admits_only_codes(pattern), "{pattern}");
        }
    }

    #[test]
    fn patterns_that_must_give_back_are_not_taken() {
        assert!(pieces("^[a-z]+(ab|cd)$").is_none());
        assert!(pieces("^[A-Z]{3}-(GOV|MIL)-[0-9]{4}$").is_some());
        assert!(pieces("^(a|bc)$").is_none());
        assert!(pieces("^[a-z]+z$").is_none());
        assert!(pieces("^a?b*a$").is_none());
        assert!(pieces("^(a|b)+$").is_none());
        assert!(pieces("^.*$").is_none());
        assert!(pieces("^EVT-[0-9]{4}-[0-9]{7}$").is_some());
    }
}
