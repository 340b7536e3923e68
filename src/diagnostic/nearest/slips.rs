//! Words in which a letter is missing, one too many, wrong, or in its neighbour's place.
//!
//! Two words that differ by so little become equal if each loses a letter (two, where two may
//! differ). So every word is noted under what is left of it without each of its letters, and a
//! misspelt one is looked up in the same way: no list is searched from end to end. Digits are never
//! left out, so words with other digits don't meet.

use xxhash_rust::xxh3::xxh3_64;

use super::fold::fold;

/// Words for lookups.
#[derive(Debug, Default)]
pub(super) struct Slips {
    /// Whether short words count, too.
    short: bool,
    /// How many letters may be left out.
    depth: usize,
    /// What is left of words, as a hash, with the word's number.
    remnants: Vec<(u64, u32)>,
}

/// What was found.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// The words that are nearest, by number.
    pub words: Vec<u32>,
    /// Whether nothing but one letter inside a word of small letters differs.
    pub plain: bool,
}

/// Words have so many letters at least.
const LETTERS_MIN: usize = 5;
/// And short ones so many.
const SHORT_LETTERS_MIN: usize = 3;
/// From so many letters on, two may differ.
const LONG_LETTERS: usize = 10;
/// Longer texts are sentences.
const CHARACTERS_MAX: usize = 64;
/// Of longer words, only one letter is left out.
const DEEP_CHARACTERS_MAX: usize = 24;
/// In longer lists, only one letter is left out.
const DEEP_WORDS_MAX: usize = 2_000;
/// A list has room for so many remnants; the words behind them are only found by their forms.
const REMNANTS_MAX: usize = 1 << 22;
/// Where more words than this share a remnant, they are too alike for a guess.
const ALIKE_MAX: usize = 32;
/// A text is compared with so many words at most.
const COMPARED_MAX: usize = 64;

impl Slips {
    pub fn of_short_words() -> Self {
        Self { short: true, ..Self::default() }
    }

    /// Adds words, the first with that number.
    pub fn add<'w>(&mut self, first: u32, words: impl ExactSizeIterator<Item = &'w str>) {
        if first == 0 {
            self.depth = if words.len() > DEEP_WORDS_MAX { 1 } else { 2 };
        }
        for (number, word) in (first..).zip(words) {
            if self.remnants.len() > REMNANTS_MAX || word.len() > 4 * CHARACTERS_MAX {
                continue;
            }
            let form: Vec<char> = fold(word).chars().collect();
            if self.counts(&form) {
                for hash in remnants(&form, self.depth) {
                    self.remnants.push((hash, number));
                }
            }
        }
        self.remnants.sort_unstable();
        self.remnants.dedup();
    }

    /// Whether a word has letters enough for a slip to be one.
    fn counts(&self, form: &[char]) -> bool {
        let min = if self.short { SHORT_LETTERS_MIN } else { LETTERS_MIN };
        form.len() <= CHARACTERS_MAX && letters(form) >= min
    }

    /// The words nearest to a text with that form.
    pub fn find<'w>(&self, form: &str, text: &str, word: impl Fn(u32) -> &'w str) -> Found {
        let form: Vec<char> = form.chars().collect();
        if !self.counts(&form) {
            return Found::default();
        }
        let mut numbers: Vec<u32> = Vec::new();
        for hash in remnants(&form, self.depth) {
            let start = self.remnants.partition_point(|(other, _)| *other < hash);
            let alike = self.remnants[start..].iter().take_while(|(other, _)| *other == hash);
            let alike: Vec<u32> = alike.take(ALIKE_MAX + 1).map(|(_, number)| *number).collect();
            if alike.len() <= ALIKE_MAX {
                numbers.extend(alike);
            }
        }
        numbers.sort_unstable();
        numbers.dedup();
        if numbers.len() > COMPARED_MAX {
            return Found::default();
        }
        let mut best = usize::MAX;
        let mut found = Found::default();
        for number in numbers {
            let candidate = word(number);
            let other: Vec<char> = fold(candidate).chars().collect();
            let fewest = letters(&form).min(letters(&other));
            let limit = if fewest >= LONG_LETTERS { 2 } else { 1 };
            let distance = distance(&form, &other, limit);
            if distance > limit.min(best) {
                continue;
            }
            let replaced =
                distance == 1 && form.len() == other.len() && !are_swapped(&form, &other);
            let is_code = !candidate.contains(char::is_lowercase);
            // Among short words and codes in capitals, another letter makes another word; and nobody
            // gets the first one wrong.
            let first = form.first() == other.first();
            let short = fewest < LETTERS_MIN;
            if replaced && (short || is_code || !first)
                || short && is_code
                || distance > 1 && !first
            {
                continue;
            }
            if distance < best {
                (best, found) = (distance, Found::default());
            }
            let is_small = !is_code && !text.contains(char::is_numeric);
            found.words.push(number);
            found.plain = distance == 1 && fewest >= LETTERS_MIN && first && is_small;
        }
        found
    }
}

/// In how many characters two texts differ, as far as that matters.
pub(super) fn differ(a: &str, b: &str) -> usize {
    let characters = |text: &str| text.chars().take(CHARACTERS_MAX).collect::<Vec<_>>();
    distance(&characters(a), &characters(b), CHARACTERS_MAX)
}

fn letters(form: &[char]) -> usize {
    form.iter().filter(|character| character.is_alphabetic()).count()
}

/// Hashes of a word and of what is left of it without a letter, or without two.
fn remnants(form: &[char], depth: usize) -> Vec<u64> {
    let deep = depth > 1 && (LONG_LETTERS - 1..=DEEP_CHARACTERS_MAX).contains(&form.len());
    let hash = |without: &[usize]| {
        let kept = form.iter().enumerate().filter(|(index, _)| !without.contains(index));
        let kept: String = kept.map(|(_, character)| *character).collect();
        xxh3_64(kept.as_bytes())
    };
    let letters: Vec<usize> =
        (0..form.len()).filter(|index| form[*index].is_alphabetic()).collect();
    let mut hashes = vec![hash(&[])];
    for (position, first) in letters.iter().enumerate() {
        hashes.push(hash(&[*first]));
        if deep {
            hashes.extend(letters[position + 1..].iter().map(|second| hash(&[*first, *second])));
        }
    }
    hashes
}

/// Whether two words of equal length differ only in the order of two neighbours.
fn are_swapped(a: &[char], b: &[char]) -> bool {
    let differ: Vec<usize> = (0..a.len()).filter(|index| a[*index] != b[*index]).collect();
    matches!(*differ.as_slice(), [one, two] if two == one + 1 && a[one] == b[two] && a[two] == b[one])
}

/// How many letters differ: missing, too many, wrong, or swapped with their neighbour. More than
/// `limit` aren't counted to the end.
fn distance(a: &[char], b: &[char], limit: usize) -> usize {
    let beyond = limit + 1;
    if a.len().abs_diff(b.len()) > limit {
        return beyond;
    }
    let mut rows = [vec![beyond; b.len() + 1], (0..=b.len()).collect(), vec![beyond; b.len() + 1]];
    for i in 1..=a.len() {
        let [before, previous, current] = &mut rows;
        current.fill(beyond);
        current[0] = i;
        // Whatever leaves this band is too far off.
        for j in i.saturating_sub(limit).max(1)..=(i + limit).min(b.len()) {
            let replaced = previous[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut best = replaced.min(previous[j] + 1).min(current[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(before[j - 2] + 1);
            }
            current[j] = best;
        }
        rows.rotate_left(1);
    }
    rows[1][b.len()].min(beyond)
}
