//! Texts like YAML: damaged, thrown together, and mostly valid.

use proptest::prelude::*;
use proptest::sample::Index;

/// Scalars that may stand in one line; some aren't taken.
const SCALARS: &[&str] = &[
    "x",
    "x y",
    "1",
    "-2.5",
    "~",
    "true",
    "0x1f",
    "1e+3",
    "2024-01-01",
    "'q'",
    "''",
    "'q''r'",
    "\"s\"",
    "\"s\\\"t\\n\"",
    "\"# u: v\"",
    "http://w/?x=#y",
    "é ü",
    "a:b",
    "a#b",
    "-x",
    "x-",
    "it's",
    "(x)",
    "<y>",
    "a, b",
    "[c]",
    "{d}",
    "e: f",
    "no",
    "*g",
    "@h",
    "x:",
    "\"\\u00e9\"",
    "-",
];

const KEYS: &[&str] = &["a", "'d e'", "\"f\"", "é", "7"];

/// Lines of plain scalars over several lines.
const PLAIN: &[&str] = &[
    "x", "x y ", "- x", "'x", "\"x\"", "x # c", "# c", "x: y", "[x", "é", "x:", "&x", "?", "--- x",
];

/// Lines without their indentation.
const LINES: &[&str] = &[
    "b:",
    "s:",
    "c: x",
    "d: 'x'",
    "\"e\": \"x\"",
    "-",
    "- x",
    "- a:",
    "- b: x",
    "- - x",
    "- - a: x",
    "-   c:",
    "f: [x, y]",
    "g: {a: x}",
    "- {a: x}",
    "h: |",
    "i: >-",
    "- |-",
    "x",
    "x y",
    "",
    "# c",
    "j: # c",
    "k: x # c",
    "- # c",
    "---",
    "...",
    "l: - x",
    "m: n: x",
    "'o",
    "[x",
    "? a",
    ": x",
    "|",
    ">",
    "'p'",
    "é: é",
    "--- x",
    "... x: y",
    "--- x: y",
    "'t': x",
    "q: ",
    "- ",
    "r: x ",
];

/// Bits of YAML.
const PIECES: &[&str] = &[
    "a",
    "b",
    "c: ",
    "d:",
    ": ",
    ":",
    "- ",
    "-",
    "\n",
    "\n",
    "\n  ",
    "\n    ",
    "\n- ",
    "\n  - ",
    "\na: ",
    "\n  b: ",
    "\n   ",
    " ",
    "  ",
    "#",
    " # e",
    "[",
    "]",
    "{",
    "}",
    ", ",
    ",",
    "'",
    "\"",
    "''",
    "\\",
    "\\n",
    "|",
    ">",
    "|\n  ",
    ">-\n  ",
    "|-\n   ",
    "---\n",
    "...\n",
    "\n---\n",
    "?",
    "? ",
    "&f ",
    "*f",
    "!g ",
    "%",
    "@",
    "`",
    "~",
    "1",
    "-1",
    "010",
    "1.5",
    ".nan",
    "no",
    "<<: ",
    "\t",
    "\r\n",
    "\r",
    "\0",
    "é",
    "\u{85}",
    "\u{a0}",
    "\u{feff}",
    "\u{2028}",
    "\u{ffff}",
    "\u{7f}",
    "\u{1f600}",
    "=",
    "x y",
    "null",
];

/// One of the texts, changed somewhere.
pub fn damaged(seeds: Vec<String>) -> impl Strategy<Value = String> {
    let change = (any::<Index>(), any::<Index>(), 0..8u8, prop::sample::select(PIECES));
    (prop::sample::select(seeds), prop::collection::vec(change, 1..4)).prop_map(
        |(mut text, changes)| {
            for (place, other, how, piece) in changes {
                text = change_text(&text, &place, &other, how, piece);
            }
            text
        },
    )
}

/// The text with one change.
fn change_text(text: &str, place: &Index, other: &Index, how: u8, piece: &str) -> String {
    let boundaries: Vec<_> = text.char_indices().map(|it| it.0).chain([text.len()]).collect();
    let at = boundaries[place.index(boundaries.len())];
    let next = text[at..].chars().next().map_or(at, |it| at + it.len_utf8());
    let mut lines: Vec<String> = text.split_inclusive('\n').map(str::to_owned).collect();
    let count = lines.len().max(1);
    let (line, second) = (place.index(count), other.index(count));
    match how {
        _ if lines.is_empty() => return piece.to_owned(),
        0 | 1 => return format!("{}{piece}{}", &text[..at], &text[at..]),
        2 => return format!("{}{}", &text[..at], &text[next..]),
        3 => return format!("{}{piece}{}", &text[..at], &text[next..]),
        4 => lines[line].insert_str(0, &" ".repeat(1 + other.index(3))),
        5 => {
            let spaces = lines[line].len() - lines[line].trim_start_matches(' ').len();
            lines[line].drain(..spaces.min(1 + other.index(3)));
        }
        6 => lines.swap(line, second),
        _ => {
            let copy = lines[second].clone();
            lines.insert(line, copy);
        }
    }
    lines.concat()
}

/// Pieces of YAML, some of which belong to the subset, in any order.
pub fn pieces() -> impl Strategy<Value = String> {
    let rest = prop::collection::vec(prop::sample::select(PIECES), 0..12);
    rest.prop_map(|it| format!("a: {}", it.concat()))
}

/// Lines of YAML that are indented somehow.
pub fn lines() -> impl Strategy<Value = String> {
    let indent = prop::sample::select(&[0, 0, 1, 2, 2, 2, 3, 4][..]);
    let line = (indent, prop::sample::select(LINES))
        .prop_map(|(indent, line)| format!("{}{line}\n", " ".repeat(indent)));
    prop::collection::vec(line, 0..6).prop_map(|it| format!("a:\n{}", it.concat()))
}

/// YAML that is valid for the most part: nested collections, indented as people do.
pub fn nested() -> impl Strategy<Value = String> {
    prop::collection::vec(any::<u8>(), 4..80).prop_map(|choices| {
        let mut writer = Writer { choices, at: 0, text: String::new() };
        writer.mapping(0);
        writer.text
    })
}

/// Writes YAML by choices, and scalars when there are none left.
struct Writer {
    choices: Vec<u8>,
    at: usize,
    text: String,
}

impl Writer {
    fn choose(&mut self, end: usize) -> usize {
        self.at += 1;
        self.choices.get(self.at - 1).map_or(0, |&choice| usize::from(choice) % end)
    }

    fn indent(&mut self, column: usize) {
        match self.choose(24) {
            21 => self.text.push_str("# c\n"),
            22 => self.text.push_str("   \n\n"),
            23 => self.text.push_str("  # c: d\n"),
            _ => {}
        }
        self.text.push_str(&" ".repeat(column));
    }

    /// Entries, the first of which begins where the text ends.
    fn mapping(&mut self, column: usize) {
        let entries = 1 + self.choose(4);
        for entry in 0..entries {
            if entry > 0 {
                self.indent(column);
            }
            // Rarely twice the same.
            let key = KEYS[(self.choose(16) / 15 + entry) % KEYS.len()];
            self.text.push_str(key);
            self.text.push(':');
            self.below(column, true);
        }
    }

    fn sequence(&mut self, column: usize) {
        let items = 1 + self.choose(4);
        for item in 0..items {
            if item > 0 {
                self.indent(column);
            }
            self.text.push('-');
            match self.choose(8) {
                0..=2 => {
                    let blanks = 1 + self.choose(2);
                    self.text.push_str(&" ".repeat(blanks));
                    self.mapping(column + 1 + blanks);
                }
                3 => {
                    self.text.push(' ');
                    self.sequence(column + 2);
                }
                _ => self.below(column, false),
            }
        }
    }

    /// What stands behind a colon or a dash.
    fn below(&mut self, column: usize, key: bool) {
        let deeper = column + 1 + self.choose(3);
        let choice = if self.at < self.choices.len() { self.choose(16) } else { 15 };
        match choice {
            0..=2 => {
                self.end_line();
                self.indent(deeper);
                self.mapping(deeper);
            }
            3 | 4 => {
                self.end_line();
                self.indent(deeper);
                self.sequence(deeper);
            }
            5 if key => {
                self.end_line();
                self.indent(column);
                self.sequence(column);
            }
            6 => self.end_line(),
            7 | 8 => {
                const HEADERS: [&str; 7] = [" |", " >", " >-", " |-", " |+", " >2", " | # c"];
                let header = HEADERS[self.choose(7)];
                self.text.push_str(header);
                self.text.push('\n');
                for _ in 0..=self.choose(4) {
                    const TEXTS: [&str; 8] = ["x", "x y ", "", "# x", "x: y", " x", "- x", "é"];
                    let text = TEXTS[self.choose(8)];
                    let column = if text.is_empty() { self.choose(5) } else { deeper };
                    self.text.push_str(&format!("{}{text}\n", " ".repeat(column)));
                }
            }
            9 | 10 => {
                self.text.push(' ');
                for _ in 0..=self.choose(3) {
                    let text = PLAIN[self.choose(PLAIN.len())];
                    self.text.push_str(text);
                    self.text.push('\n');
                    if self.choose(4) == 0 {
                        self.text.push('\n');
                    }
                    self.text.push_str(&" ".repeat(deeper));
                }
                self.text.push_str("z\n");
            }
            11 => {
                self.text.push(' ');
                self.flow(3);
                self.end_line();
            }
            _ => {
                self.text.push(' ');
                let text = SCALARS[self.choose(SCALARS.len())];
                self.text.push_str(text);
                self.end_line();
            }
        }
    }

    fn flow(&mut self, levels: usize) {
        let mapping = self.choose(2) == 0;
        self.text.push(if mapping { '{' } else { '[' });
        for item in 0..self.choose(4) {
            if item > 0 {
                let comma = [", ", ",", " , "][self.choose(3)];
                self.text.push_str(comma);
            }
            if mapping {
                let key = KEYS[(self.choose(16) / 15 + item) % KEYS.len()];
                self.text.push_str(key);
                self.text.push_str(": ");
            }
            if levels > 0 && self.choose(4) == 0 {
                self.flow(levels - 1);
            } else {
                let text = SCALARS[self.choose(SCALARS.len())];
                self.text.push_str(text);
            }
        }
        self.text.push(if mapping { '}' } else { ']' });
    }

    fn end_line(&mut self) {
        let end = ["\n", "\n", "\n", " \n", " # c\n", "\n\n"][self.choose(6)];
        self.text.push_str(end);
    }
}
