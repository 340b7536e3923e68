//! "Did you mean": what a text that is none of a list was probably meant to be.
//!
//! A guess is only worth something if nothing else fits as well. So the tests are, in this order:
//! - another name of a word, such as the label of a code, or the word itself, where only case,
//!   blanks, hyphens, marks on letters or invisible characters differ;
//! - for numbers, the same number otherwise spelt: `2.0` for `2`, `4` for `04`;
//! - a slip of one letter, of two in words of ten letters or more. Words have at least five
//!   letters: among shorter ones, and among codes in capitals, another letter is another word.
//!
//! Digits are never guessed: what has other digits is something else. Where two words fit equally,
//! both are said.
//!
//! A list is made ready once, in time that grows with its length; each guess then takes the time of
//! a few lookups, however long the list is.

mod fold;
mod slips;

use std::collections::{BTreeSet, HashMap};

use fold::{decimal, fold, plain};
use slips::Slips;

use super::quote;

/// Longer texts are no misspelt words.
const TEXT_BYTES_MAX: usize = 512;

/// A list of words, made ready for guesses.
#[derive(Debug, Default)]
pub struct Words {
    words: Vec<String>,
    /// What else the words are called.
    names: Vec<Name>,
    /// What the names are: the columns that they come from.
    columns: Vec<String>,
    /// Words by their folded forms.
    forms: HashMap<String, Few>,
    /// Names by their folded forms.
    named: HashMap<String, Few>,
    /// Words by the numbers that they spell.
    numbers: HashMap<String, Few>,
    /// Names by the numbers that they spell.
    numbered: HashMap<String, Few>,
    slips: Slips,
}

#[derive(Debug)]
struct Name {
    word: u32,
    text: String,
    column: u32,
}

/// One or two numbers; more than two say nothing.
#[derive(Clone, Copy, Debug)]
enum Few {
    One(u32),
    Two(u32, u32),
    Many,
}

impl Few {
    fn and(self, number: u32) -> Self {
        match self {
            Self::One(one) if one == number => self,
            Self::Two(one, two) if one == number || two == number => self,
            Self::One(one) => Self::Two(one, number),
            Self::Two(..) | Self::Many => Self::Many,
        }
    }

    fn note(map: &mut HashMap<String, Self>, text: String, number: u32) {
        map.entry(text).and_modify(|few| *few = few.and(number)).or_insert(Self::One(number));
    }
}

/// What a text was probably meant to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Guess<'w> {
    /// Nothing that anybody could tell.
    Nothing,
    /// One word.
    One(Near<'w>),
    /// One of two that fit equally.
    Either(&'w str, &'w str),
}

/// A word that something else was probably meant to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Near<'w> {
    /// The word.
    pub word: &'w str,
    /// What speaks for it.
    pub similarity: Similarity<'w>,
}

/// What two texts have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Similarity<'w> {
    /// All that can be seen: only blanks around them or invisible characters differ.
    Same,
    /// All but case, blanks, hyphens and marks on letters.
    Form,
    /// The text is another name of the word.
    Name {
        /// What the name is, such as `label`.
        column: &'w str,
        /// As the list spells it.
        name: &'w str,
    },
    /// The text is, but for a letter or two, another name of the word.
    LikeName {
        /// What the name is, such as `label`.
        column: &'w str,
        /// As the list spells it.
        name: &'w str,
    },
    /// They spell the same number.
    Number,
    /// All but a letter or two.
    Slip {
        /// Nothing but one wrong letter in a word of small letters.
        plain: bool,
    },
}

impl<'w> Guess<'w> {
    /// "Did you mean …?", if there is anything to ask.
    #[must_use]
    pub fn question(self) -> Option<String> {
        match self {
            Self::Nothing => None,
            Self::One(Near {
                word,
                similarity:
                    Similarity::Name { column, name } | Similarity::LikeName { column, name },
            }) => Some(format!(
                "did you mean {}? Its {} is {}",
                quote(word),
                quote(column),
                quote(name)
            )),
            Self::One(near) => Some(format!("did you mean {}?", quote(near.word))),
            Self::Either(a, b) => Some(format!("did you mean {} or {}?", quote(a), quote(b))),
        }
    }

    /// The word, if there is only one.
    #[must_use]
    pub fn one(self) -> Option<Near<'w>> {
        match self {
            Self::One(near) => Some(near),
            Self::Nothing | Self::Either(..) => None,
        }
    }

    /// The same without words that can't be meant.
    #[must_use]
    pub fn without(self, ruled_out: impl Fn(&str) -> bool) -> Self {
        match self {
            Self::One(near) if ruled_out(near.word) => Self::Nothing,
            Self::Either(a, b) if ruled_out(a) || ruled_out(b) => Self::Nothing,
            Self::One(_) | Self::Either(..) | Self::Nothing => self,
        }
    }
}

impl Near<'_> {
    /// Whether the word may be written in the place of the text by whoever asked for guesses. A
    /// number that is only found in another column might as well stand for something else.
    #[must_use]
    pub fn is_writable(&self) -> bool {
        match self.similarity {
            Similarity::Same | Similarity::Form | Similarity::Number => true,
            Similarity::Name { name, .. } => decimal(name).is_none(),
            Similarity::Slip { plain } => plain,
            Similarity::LikeName { .. } => false,
        }
    }
}

impl Words {
    /// Codes: the values of a list that may be long, where short words differ in a letter.
    #[must_use]
    pub fn codes<'w>(words: impl IntoIterator<Item = &'w str>) -> Self {
        Self::default().with_words(words)
    }

    /// The few words that a schema or a program knows: of short ones, a letter too many, one too
    /// few or two in the wrong order still tell which was meant.
    #[must_use]
    pub fn few<'w>(words: impl IntoIterator<Item = &'w str>) -> Self {
        Self { slips: Slips::of_short_words(), ..Self::default() }.with_words(words)
    }

    fn with_words<'w>(mut self, words: impl IntoIterator<Item = &'w str>) -> Self {
        self.words = words.into_iter().map(str::to_owned).collect();
        for (number, word) in (0..).zip(&self.words) {
            if word.len() > TEXT_BYTES_MAX {
                continue;
            }
            let form = fold(word);
            if let Some(decimal) = decimal(word) {
                Few::note(&mut self.numbers, decimal, number);
            }
            if !form.is_empty() {
                Few::note(&mut self.forms, form, number);
            }
        }
        self.slips.add(0, self.words.iter().map(String::as_str));
        self
    }

    /// The same with other names of the words: (position of the word, name), all of one column.
    #[must_use]
    pub fn with_names<'w>(
        mut self,
        column: &str,
        names: impl IntoIterator<Item = (u32, &'w str)>,
    ) -> Self {
        let at = u32::try_from(self.columns.len()).expect("a header has fewer than 2^32 columns");
        self.columns.push(column.to_owned());
        let before = self.names.len();
        for (word, text) in names {
            let form = if text.len() > TEXT_BYTES_MAX { String::new() } else { fold(text) };
            if form.is_empty() {
                continue;
            }
            let number = u32::try_from(self.names.len()).expect("fewer than 2^32 names");
            // Two names of one word are no two words.
            let same = |names: &[Name], other: u32| names[other as usize].word == word;
            let known = |few: &Few| match *few {
                Few::One(one) => same(&self.names, one),
                Few::Two(one, two) => same(&self.names, one) || same(&self.names, two),
                Few::Many => true,
            };
            if let Some(decimal) = decimal(text) {
                if !self.numbered.get(&decimal).is_some_and(known) {
                    Few::note(&mut self.numbered, decimal, number);
                }
            } else if !self.named.get(&form).is_some_and(known) {
                Few::note(&mut self.named, form, number);
            }
            self.names.push(Name { word, text: text.to_owned(), column: at });
        }
        let first = (self.words.len() + before) as u32;
        self.slips.add(first, self.names[before..].iter().map(|name| name.text.as_str()));
        self
    }

    /// What `text`, which is none of the words, was probably meant to be.
    #[must_use]
    pub fn guess(&self, text: &str) -> Guess<'_> {
        if text.len() > TEXT_BYTES_MAX {
            return Guess::Nothing;
        }
        if let Some(number) = decimal(text) {
            return self.either(self.numbers.get(&number), self.numbered.get(&number), |_| {
                Similarity::Number
            });
        }
        let form = fold(text);
        let visible = plain(text);
        let like = |word: &str| if word == visible { Similarity::Same } else { Similarity::Form };
        match self.either(self.forms.get(&form), self.named.get(&form), like) {
            Guess::Nothing => self.slip(&form, text),
            Guess::Either(a, _) if a == visible => {
                Guess::One(Near { word: a, similarity: like(a) })
            }
            Guess::Either(_, b) if b == visible => {
                Guess::One(Near { word: b, similarity: like(b) })
            }
            found => found,
        }
    }

    /// The words of these numbers, and those that these names are of.
    fn either<'w>(
        &'w self,
        words: Option<&Few>,
        names: Option<&Few>,
        similarity: impl Fn(&'w str) -> Similarity<'w>,
    ) -> Guess<'w> {
        let mut found: Vec<(u32, Similarity<'w>)> = Vec::new();
        let word = |number: u32| self.words[number as usize].as_str();
        match words {
            Some(Few::One(one)) => found.push((*one, similarity(word(*one)))),
            Some(Few::Two(one, two)) => {
                found.extend([one, two].map(|number| (*number, similarity(word(*number)))));
            }
            Some(Few::Many) => return Guess::Nothing,
            None => {}
        }
        let names: &[u32] = match names {
            Some(Few::One(one)) => &[*one],
            Some(Few::Two(one, two)) => &[*one, *two],
            Some(Few::Many) if found.is_empty() => return Guess::Nothing,
            Some(Few::Many) | None => &[],
        };
        for number in names {
            let Name { word, text, column } = &self.names[*number as usize];
            if !found.iter().any(|(other, _)| other == word) {
                let column = self.columns[*column as usize].as_str();
                found.push((*word, Similarity::Name { column, name: text }));
            }
        }
        match found.as_slice() {
            [(one, similarity)] => Guess::One(Near { word: word(*one), similarity: *similarity }),
            [(one, _), (two, _)] => {
                let (one, two) = (word(*one), word(*two));
                Guess::Either(one.min(two), one.max(two))
            }
            _ => Guess::Nothing,
        }
    }

    fn slip(&self, form: &str, text: &str) -> Guess<'_> {
        // Names are numbered behind the words.
        let name = |number: u32| &self.names[number as usize - self.words.len()];
        let text_of = |number: u32| match self.words.get(number as usize) {
            Some(word) => word.as_str(),
            None => name(number).text.as_str(),
        };
        let found = self.slips.find(form, text, text_of);
        let word_of = |number: u32| match self.words.get(number as usize) {
            Some(word) => word.as_str(),
            None => self.words[name(number).word as usize].as_str(),
        };
        let words: BTreeSet<&str> = found.words.iter().map(|number| word_of(*number)).collect();
        let mut words = words.into_iter();
        match (words.next(), words.next(), words.next()) {
            (Some(word), None, _) => {
                let similarity = match found.words.iter().find(|it| text_of(**it) == word) {
                    Some(_) => Similarity::Slip { plain: found.plain },
                    None => {
                        let Name { text, column, .. } = name(found.words[0]);
                        let column = self.columns[*column as usize].as_str();
                        Similarity::LikeName { column, name: text }
                    }
                };
                Guess::One(Near { word, similarity })
            }
            (Some(a), Some(b), None) => Guess::Either(a, b),
            _ => Guess::Nothing,
        }
    }
}

/// What of a text counts when it is looked for among names: neither case nor blanks nor hyphens.
#[must_use]
pub fn form(text: &str) -> String {
    if text.len() > TEXT_BYTES_MAX { String::new() } else { fold(text) }
}

/// The one of a few words that `word` was probably meant to be. Of two ways to write the same one,
/// it is that which differs less.
#[must_use]
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let candidates: Vec<&str> = candidates.into_iter().collect();
    let words = Words::few(candidates.iter().copied());
    let near = match words.guess(word) {
        Guess::One(near) => near.word,
        Guess::Either(a, b) if fold(a) == fold(b) => {
            if slips::differ(word, b) < slips::differ(word, a) { b } else { a }
        }
        Guess::Either(..) | Guess::Nothing => return None,
    };
    candidates.into_iter().find(|candidate| *candidate == near)
}

#[cfg(test)]
mod tests;
