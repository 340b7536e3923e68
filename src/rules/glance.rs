//! Which rules may have something to say about a text, told by one glance at its bytes.
//!
//! Most texts concern no rule: they are printable ASCII, begin and end with a letter, and are longer than
//! what stands for a missing value.

use super::{CheckText, Looks, TextAt};
use crate::diagnostic::Diagnostic;

/// Rules about texts, one bit each.
type Set = u32;

/// Rules about texts, by what they look for.
pub(super) struct TextRules {
    rules: Vec<(Looks, CheckText)>,
    /// Those that look at texts with anything that isn't printable ASCII.
    special: Set,
    /// Those that look at texts with digits, and the length of the shortest such text.
    digits: (Set, usize),
    /// Those that look at texts that begin with a byte.
    begins: [Set; 256],
    /// Those that look at texts that end with a byte.
    ends: [Set; 256],
}

impl TextRules {
    pub fn new(rules: Vec<(Looks, CheckText)>) -> Self {
        assert!(rules.len() <= Set::BITS as usize, "a set has a bit for each rule about texts");
        let (special, digits, begins, ends) = (0, (0, usize::MAX), [0; 256], [0; 256]);
        let mut all = Self { rules, special, digits, begins, ends };
        for (number, (looks, _)) in all.rules.iter().enumerate() {
            let rule = 1 << number;
            match looks {
                Looks::Special => all.special |= rule,
                Looks::Digits(least) => {
                    all.digits = (all.digits.0 | rule, all.digits.1.min(*least));
                }
                Looks::Edges => {
                    for byte in 0..=u8::MAX {
                        if begins_doubtfully(byte) {
                            all.begins[usize::from(byte)] |= rule;
                        }
                        if ends_doubtfully(byte) {
                            all.ends[usize::from(byte)] |= rule;
                        }
                    }
                }
                Looks::Begins { with, .. } => {
                    with.iter().for_each(|byte| all.begins[usize::from(*byte)] |= rule);
                }
            }
        }
        all
    }

    /// Whether any rule may have something to say.
    #[inline]
    pub fn concern(&self, text: &[u8]) -> bool {
        self.concerned(text) != 0
    }

    /// Applies the rules that a text concerns.
    pub fn check(&self, at: &TextAt<'_>, diagnostics: &mut Vec<Diagnostic>) {
        let mut concerned = self.concerned(at.text.as_bytes());
        while concerned != 0 {
            let (_, check) = self.rules[concerned.trailing_zeros() as usize];
            concerned &= concerned - 1;
            check(at, diagnostics);
        }
    }

    #[inline]
    fn concerned(&self, text: &[u8]) -> Set {
        let (Some(first), Some(last)) = (text.first(), text.last()) else { return 0 };
        let (special, digits) = glance(text);
        let mut concerned = self.begins[usize::from(*first)] | self.ends[usize::from(*last)];
        if special {
            concerned |= self.special;
        }
        if digits && text.len() >= self.digits.1 {
            concerned |= self.digits.0;
        }
        if concerned == 0 { 0 } else { self.of_length(concerned, text.len()) }
    }

    /// Those of some rules that look at texts of a length.
    fn of_length(&self, all: Set, length: usize) -> Set {
        let (mut rest, mut concerned) = (all, 0);
        while rest != 0 {
            let fits = match self.rules[rest.trailing_zeros() as usize].0 {
                Looks::Special | Looks::Edges => true,
                Looks::Digits(least) => length >= least,
                Looks::Begins { most, .. } => length <= most,
            };
            let rule = rest & rest.wrapping_neg();
            concerned |= if fits { rule } else { 0 };
            rest ^= rule;
        }
        concerned
    }
}

/// Whether a text has anything that isn't printable ASCII, and whether it has digits.
#[inline]
fn glance(text: &[u8]) -> (bool, bool) {
    // Without an early end, so that the compiler looks at all of them at once.
    let of_chunk = |chunk: &[u8; CHUNK]| {
        let is_special = |byte: u8| byte.wrapping_sub(b' ') > b'~' - b' ';
        let special = chunk.iter().fold(false, |found, byte| found | is_special(*byte));
        let digits = chunk.iter().fold(false, |found, byte| found | byte.is_ascii_digit());
        (special, digits)
    };
    let Some(last) = text.last_chunk() else {
        let mut padded = [b'a'; CHUNK];
        padded[..text.len()].copy_from_slice(text);
        return of_chunk(&padded);
    };
    // The last chunk may overlap the one before it.
    text.as_chunks().0.iter().fold(of_chunk(last), |(special, digits), chunk| {
        let (more_special, more_digits) = of_chunk(chunk);
        (special | more_special, digits | more_digits)
    })
}

const CHUNK: usize = 16;

/// Whether a text that begins with this byte may begin with white space, or with what begins a formula.
fn begins_doubtfully(byte: u8) -> bool {
    is_space(byte) || b"=+-@".contains(&byte) || WIDE_SPACE_BEGINS.contains(&byte)
}

/// Whether a text that ends with this byte may end with white space.
fn ends_doubtfully(byte: u8) -> bool {
    is_space(byte) || matches!(byte, 0x80..=0x8a | 0x9f | 0xa0 | 0xa8 | 0xa9 | 0xaf)
}

fn is_space(byte: u8) -> bool {
    byte.is_ascii_whitespace() || byte == b'\x0b'
}

/// The first bytes of white space outside ASCII, in UTF-8.
const WIDE_SPACE_BEGINS: [u8; 4] = [0xc2, 0xe1, 0xe2, 0xe3];

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{begins_doubtfully, ends_doubtfully, glance};

    #[test]
    fn all_white_space_is_doubtful() {
        for space in ('\0'..=char::MAX).filter(|it| it.is_whitespace()) {
            let text = space.to_string();
            assert!(begins_doubtfully(text.as_bytes()[0]), "{space:?}");
            assert!(ends_doubtfully(text.as_bytes()[text.len() - 1]), "{space:?}");
        }
        for letter in ["a", "Z", "é", "К", "京", "報"] {
            assert!(!begins_doubtfully(letter.as_bytes()[0]), "{letter}");
        }
    }

    proptest! {
        #[test]
        fn a_glance_sees_every_byte(text in "[ -~]{0,40}(é|\u{7f}|\t|[a-z]|[0-9])[a-z ]{0,40}") {
            let bytes = text.as_bytes();
            let special = bytes.iter().any(|byte| !(b' '..=b'~').contains(byte));
            prop_assert_eq!(glance(bytes), (special, bytes.iter().any(u8::is_ascii_digit)));
        }
    }
}
