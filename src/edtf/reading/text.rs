//! A text as words, numbers and marks, whatever its letters look like.

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

/// What stands between blanks and other kinds of characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Digits,
    Word,
    Mark,
}

/// A piece of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Token<'t> {
    pub(super) kind: Kind,
    pub(super) text: &'t str,
    /// Whether white space stands before it.
    pub(super) spaced: bool,
}

impl Token<'_> {
    /// The number, if it is one that fits.
    pub(super) fn number(&self) -> Option<u32> {
        if self.kind == Kind::Digits { self.text.parse().ok() } else { None }
    }
}

/// The text in lower case without accents, in ASCII where there is such a character: digits of
/// other scripts, hyphens, minus signs and blanks. Dashes stay, as `–`: they join two dates.
pub(super) fn fold(text: &str) -> String {
    let plain = |it: char| match it {
        '\u{2010}' | '\u{2011}' | '\u{2212}' | '\u{fe63}' => Some('-'),
        '\u{2012}'..='\u{2015}' => Some('–'),
        '\u{2018}' | '\u{2019}' | '\u{2bc}' => Some('\''),
        '\u{660}'..='\u{669}' => char::from_digit(u32::from(it) - 0x660, 10),
        '\u{6f0}'..='\u{6f9}' => char::from_digit(u32::from(it) - 0x6f0, 10),
        _ if it.is_whitespace() => Some(' '),
        _ if is_combining_mark(it) || crate::spelling::is_invisible(it) => None,
        _ => Some(it),
    };
    let folded: String = text.nfkd().filter_map(plain).flat_map(char::to_lowercase).collect();
    // What people and programs put around a date, or behind it.
    let blank = |it: char| it == ' ' || it == '\'' || it == '"';
    folded.trim_matches(blank).trim_end_matches([',', ';']).trim_end().to_owned()
}

/// The pieces of a folded text.
pub(super) fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut tokens: Vec<Token<'_>> = Vec::new();
    let mut spaced = false;
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let kind = match first {
            '0'..='9' => Kind::Digits,
            _ if first.is_alphabetic() => Kind::Word,
            _ => Kind::Mark,
        };
        let end = match kind {
            Kind::Digits => rest.find(|it: char| !it.is_ascii_digit()),
            Kind::Word => rest.find(|it: char| !it.is_alphabetic()),
            // Dots and hyphens in a row are one mark.
            Kind::Mark if rest.starts_with("..") => rest.find(|it| it != '.'),
            Kind::Mark if rest.starts_with("--") => rest.find(|it| it != '-'),
            Kind::Mark => Some(first.len_utf8()),
        };
        let (token, after) = rest.split_at(end.unwrap_or(rest.len()));
        rest = after;
        match token {
            " " => spaced = true,
            _ => {
                let text = match token.as_bytes() {
                    [b'.', b'.', ..] => "‥",
                    [b'-', b'-', ..] => "–",
                    _ => token,
                };
                tokens.push(Token { kind, text, spaced });
                spaced = false;
            }
        }
    }
    tokens
}
