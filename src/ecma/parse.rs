//! The grammar of patterns: ECMA-262, with the `u` flag.

use std::ops::Range;

use super::Fault;
use super::characters::{self, Set};
use super::escape::{self, Escape};

/// A parsed pattern.
#[derive(Debug)]
pub(super) struct Parsed {
    pub root: Node,
    /// How many groups capture.
    pub groups: usize,
    pub has_backreferences: bool,
    /// What is only taken without the `u` flag.
    pub lenient: Vec<Fault>,
}

/// A part of a pattern.
#[derive(Debug)]
pub(super) enum Node {
    Empty,
    /// A character of a set.
    Set(Set),
    Start,
    End,
    Boundary {
        inverted: bool,
    },
    Look {
        ahead: bool,
        negated: bool,
        inner: Box<Node>,
    },
    /// A group; it captures if it has a number, from 0.
    Group {
        number: Option<usize>,
        inner: Box<Node>,
    },
    /// What the group of this number captured.
    Back(usize),
    Sequence(Vec<Node>),
    Either(Vec<Node>),
    Repeat {
        inner: Box<Node>,
        min: u32,
        max: Option<u32>,
        greedy: bool,
        /// The groups inside.
        groups: Range<usize>,
    },
}

/// Groups nested deeper than this are refused.
const DEPTH_MAX: usize = 100;

/// Parses a pattern.
pub(super) fn parse(pattern: &str) -> Result<Parsed, Fault> {
    let letters: Vec<_> = pattern.char_indices().collect();
    let mut parser = Parser {
        reader: Reader { letters, at: 0, length: pattern.len() },
        groups: 0,
        names: Vec::new(),
        numbered: Vec::new(),
        named: Vec::new(),
        lenient: Vec::new(),
        depth: 0,
    };
    let mut root = parser.either()?;
    if parser.reader.peek() == Some(')') {
        return Err(parser.reader.fault(1, "`)` closes nothing", r"for the character, write `\)`"));
    }
    parser.check_references()?;
    let has_backreferences = !parser.numbered.is_empty() || !parser.named.is_empty();
    resolve(&mut root, &parser);
    Ok(Parsed { root, groups: parser.groups, has_backreferences, lenient: parser.lenient })
}

/// Reads the characters of a pattern.
pub(super) struct Reader {
    /// With the bytes at which they begin.
    letters: Vec<(usize, char)>,
    at: usize,
    length: usize,
}

impl Reader {
    pub fn peek(&self) -> Option<char> {
        self.ahead(0)
    }

    pub fn ahead(&self, count: usize) -> Option<char> {
        self.letters.get(self.at + count).map(|(_, letter)| *letter)
    }

    pub fn take(&mut self) -> Option<char> {
        let letter = self.peek();
        self.at += usize::from(letter.is_some());
        letter
    }

    pub fn eat(&mut self, text: &str) -> bool {
        let matches = text.chars().enumerate().all(|(at, letter)| self.ahead(at) == Some(letter));
        if matches {
            self.at += text.chars().count();
        }
        matches
    }

    /// How far it has read.
    pub fn mark(&self) -> usize {
        self.at
    }

    pub fn back_to(&mut self, mark: usize) {
        self.at = mark;
    }

    fn byte(&self, at: usize) -> usize {
        self.letters.get(at).map_or(self.length, |(byte, _)| *byte)
    }

    /// A fault at the next characters.
    pub fn fault(
        &self,
        count: usize,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> Fault {
        self.fault_between(self.at, self.at + count, message, help)
    }

    /// A fault at what was read since `mark`.
    pub fn fault_since(
        &self,
        mark: usize,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> Fault {
        self.fault_between(mark, self.at, message, help)
    }

    fn fault_between(
        &self,
        first: usize,
        end: usize,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> Fault {
        let span = self.byte(first)..self.byte(end);
        Fault { span, message: message.into(), help: help.into(), lenient: false }
    }

    /// What was read since `mark`.
    pub fn since(&self, mark: usize) -> String {
        self.letters[mark..self.at].iter().map(|(_, letter)| *letter).collect()
    }
}

struct Parser {
    reader: Reader,
    groups: usize,
    /// Names of groups, with their numbers.
    names: Vec<(String, usize)>,
    /// Backreferences, with the faults that they are if there is no such group.
    numbered: Vec<(usize, Fault)>,
    named: Vec<(String, Fault)>,
    lenient: Vec<Fault>,
    depth: usize,
}

/// Stands for the named reference at an index of [`Parser::named`] until all names are known.
const NAMED: usize = usize::MAX / 2;

impl Parser {
    fn either(&mut self) -> Result<Node, Fault> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            let message = format!("groups are nested more than {DEPTH_MAX} deep");
            return Err(self.reader.fault(1, message, "nest them less"));
        }
        let mut nodes = vec![self.sequence()?];
        while self.reader.eat("|") {
            nodes.push(self.sequence()?);
        }
        self.depth -= 1;
        Ok(if nodes.len() == 1 { nodes.remove(0) } else { Node::Either(nodes) })
    }

    fn sequence(&mut self) -> Result<Node, Fault> {
        let mut nodes = Vec::new();
        while self.reader.peek().is_some_and(|letter| !matches!(letter, '|' | ')')) {
            nodes.push(self.term()?);
        }
        Ok(match nodes.len() {
            0 => Node::Empty,
            1 => nodes.remove(0),
            _ => Node::Sequence(nodes),
        })
    }

    fn term(&mut self) -> Result<Node, Fault> {
        let before = self.groups;
        let inner = self.atom()?;
        let mark = self.reader.mark();
        let Some((min, max)) = self.count()? else { return Ok(inner) };
        if matches!(inner, Node::Start | Node::End | Node::Boundary { .. } | Node::Look { .. }) {
            let help = "put what may repeat into a group, as in `(?:…)*`";
            return Err(self.reader.fault_since(mark, "it repeats what takes no character", help));
        }
        if max.is_some_and(|max| max < min) {
            let message = format!("`{}` counts backwards", self.reader.since(mark));
            return Err(self.reader.fault_since(mark, message, "write the smaller number first"));
        }
        let greedy = !self.reader.eat("?");
        let mark = self.reader.mark();
        if self.reader.eat("+") {
            let help = "ECMA-262 has no possessive quantifiers: leave out the second `+`";
            return Err(self.reader.fault_since(mark, "`+` stands behind a quantifier", help));
        }
        let groups = before..self.groups;
        Ok(Node::Repeat { inner: Box::new(inner), min, max, greedy, groups })
    }

    /// A quantifier, if one stands here.
    fn count(&mut self) -> Result<Option<(u32, Option<u32>)>, Fault> {
        let mark = self.reader.mark();
        if self.reader.eat("*") {
            return Ok(Some((0, None)));
        }
        if self.reader.eat("+") {
            return Ok(Some((1, None)));
        }
        if self.reader.eat("?") {
            return Ok(Some((0, Some(1))));
        }
        if !self.reader.eat("{") {
            return Ok(None);
        }
        if self.reader.peek() == Some(',') {
            self.reader.eat(",");
            if self.number().is_some() && self.reader.eat("}") {
                let help = "begin with the least, as in `{0,3}`";
                return Err(self.reader.fault_since(mark, "the least count is missing", help));
            }
        } else if let Some(min) = self.number() {
            if self.reader.eat("}") {
                return Ok(Some((min, Some(min))));
            }
            if self.reader.eat(",") {
                if self.reader.eat("}") {
                    return Ok(Some((min, None)));
                }
                if let Some(max) = self.number()
                    && self.reader.eat("}")
                {
                    return Ok(Some((min, Some(max))));
                }
            }
        }
        // No quantifier: a brace, which is told as an atom.
        self.reader.back_to(mark);
        Ok(None)
    }

    /// Digits; what is beyond all texts is as good as the largest number.
    fn number(&mut self) -> Option<u32> {
        let mut number = None;
        while let Some(digit) = self.reader.peek().and_then(|letter| letter.to_digit(10)) {
            self.reader.take();
            number = Some(number.unwrap_or(0u32).saturating_mul(10).saturating_add(digit));
        }
        number
    }

    fn atom(&mut self) -> Result<Node, Fault> {
        let letter = self.reader.peek().expect("a term begins with a character");
        match letter {
            '^' | '$' | '.' => {
                self.reader.take();
                Ok(match letter {
                    '^' => Node::Start,
                    '$' => Node::End,
                    _ => Node::Set(characters::dot()),
                })
            }
            '(' => self.group(),
            '[' => self.class().map(Node::Set),
            '\\' => self.escaped(),
            '*' | '+' | '?' => {
                let help = format!(r"for the character, write `\{letter}`");
                Err(self.reader.fault(1, format!("`{letter}` repeats nothing"), help))
            }
            _ => {
                if matches!(letter, '{' | '}' | ']') {
                    let help = format!(r"write `\{letter}`");
                    let message = format!("`{letter}` stands alone");
                    let fault = self.reader.fault(1, message, help);
                    self.lenient.push(Fault { lenient: true, ..fault });
                }
                self.reader.take();
                Ok(Node::Set(characters::range(letter.into(), letter.into())))
            }
        }
    }

    fn group(&mut self) -> Result<Node, Fault> {
        let mark = self.reader.mark();
        self.reader.take();
        let look =
            [("?=", true, false), ("?!", true, true), ("?<=", false, false), ("?<!", false, true)];
        let look = look.into_iter().find(|(opening, ..)| self.reader.eat(opening));
        let mut number = None;
        if look.is_none() && !self.reader.eat("?:") {
            if self.reader.eat("?<") {
                let name = self.name(mark)?;
                if self.names.iter().any(|(known, _)| *known == name) {
                    let message = format!("two groups are called `{name}`");
                    let help = "give each group a name of its own";
                    return Err(self.reader.fault_since(mark, message, help));
                }
                self.names.push((name, self.groups));
            } else if self.reader.peek() == Some('?') {
                return Err(self.foreign_group(mark));
            }
            number = Some(self.groups);
            self.groups += 1;
        }
        let inner = Box::new(self.either()?);
        if !self.reader.eat(")") {
            self.reader.back_to(mark);
            let help = r"close it with `)`; for the character, write `\(`";
            return Err(self.reader.fault(1, "`(` is never closed", help));
        }
        Ok(match look {
            Some((_, ahead, negated)) => Node::Look { ahead, negated, inner },
            None => Node::Group { number, inner },
        })
    }

    /// What other dialects write behind `(?`.
    fn foreign_group(&mut self, mark: usize) -> Fault {
        self.reader.take();
        let next = self.reader.peek();
        self.reader.take();
        let help = match next {
            Some('P') => {
                "ECMA-262 writes a named group as `(?<name>…)`, and `\\k<name>` for what it \
                          took"
            }
            Some('>') => "ECMA-262 has no atomic groups: write `(?:…)`",
            Some('#') => "ECMA-262 has no comments: write it into `$comment`",
            Some('i') => "ECMA-262 has no such flags: write both cases, as in `[Aa]`",
            Some('s') => "ECMA-262 has no such flags: write `[^]` for any character",
            Some('m') => "ECMA-262 has no such flags: write `(?:^|\\n)` for the start of a line",
            _ => "a group begins with `(`, `(?:`, `(?<name>`, `(?=`, `(?!`, `(?<=` or `(?<!`",
        };
        let message = format!("`{}` is no group of ECMA-262", self.reader.since(mark));
        self.reader.fault_since(mark, message, help)
    }

    /// A name up to `>`.
    fn name(&mut self, from: usize) -> Result<String, Fault> {
        let mark = self.reader.mark();
        while self.reader.peek().is_some_and(|letter| letter != '>') {
            self.reader.take();
        }
        let name = self.reader.since(mark);
        let first = |letter: char| letter.is_alphabetic() || matches!(letter, '_' | '$');
        let fits = name.starts_with(first)
            && name.chars().all(|letter| first(letter) || letter.is_alphanumeric());
        if self.reader.eat(">") && fits {
            return Ok(name);
        }
        let help = "a name holds letters, digits and _, and doesn't begin with a digit";
        Err(self.reader.fault_since(from, "it has no name that could be one", help))
    }

    fn escaped(&mut self) -> Result<Node, Fault> {
        let mark = self.reader.mark();
        self.reader.take();
        match self.reader.peek() {
            Some(letter @ ('b' | 'B')) => {
                self.reader.take();
                return Ok(Node::Boundary { inverted: letter == 'B' });
            }
            Some('k') => {
                self.reader.take();
                let name = if self.reader.eat("<") { self.name(mark)? } else { String::new() };
                let help = "name a group of the pattern, as in `(?<name>…)\\k<name>`";
                let message = format!("`\\k` names no group: `{name}`");
                let fault = self.reader.fault_since(mark, message, help);
                self.named.push((name, fault));
                return Ok(Node::Back(NAMED + self.named.len() - 1));
            }
            Some('1'..='9') => {
                let number = self.number().expect("a digit") as usize;
                let message = format!("`\\{number}` refers to a group that isn't there");
                let help = "ECMA-262 has no octal numbers: write a character as in `\\x41`";
                let fault = self.reader.fault_since(mark, message, help);
                self.numbered.push((number, fault));
                return Ok(Node::Back(number - 1));
            }
            _ => {}
        }
        self.reader.back_to(mark);
        Ok(Node::Set(match self.escape(false)? {
            Escape::Letter(letter) => characters::range(letter, letter),
            Escape::Set(set) => set,
        }))
    }

    fn escape(&mut self, in_class: bool) -> Result<Escape, Fault> {
        let (escape, lenient) = escape::read(&mut self.reader, in_class)?;
        self.lenient.extend(lenient);
        Ok(escape)
    }

    fn class(&mut self) -> Result<Set, Fault> {
        let opening = self.reader.mark();
        self.reader.take();
        let negated = self.reader.eat("^");
        let mut set = Set::empty();
        loop {
            if self.reader.peek().is_none() {
                self.reader.back_to(opening);
                let help = r"close it with `]`; for the character, write `\[`";
                return Err(self.reader.fault(1, "`[` is never closed", help));
            }
            if self.reader.eat("]") {
                break;
            }
            let mark = self.reader.mark();
            let first = self.member()?;
            let is_range =
                self.reader.peek() == Some('-') && self.reader.ahead(1).is_some_and(|it| it != ']');
            if !is_range {
                set.union(&match first {
                    Escape::Letter(letter) => characters::range(letter, letter),
                    Escape::Set(set) => set,
                });
                continue;
            }
            self.reader.take();
            match (first, self.member()?) {
                (Escape::Letter(first), Escape::Letter(last)) if first <= last => {
                    set.union(&characters::range(first, last));
                }
                (Escape::Letter(_), Escape::Letter(_)) => {
                    let message = format!("the range `{}` runs backwards", self.reader.since(mark));
                    let help = r"write the smaller end first; for the character `-`, write `\-`";
                    return Err(self.reader.fault_since(mark, message, help));
                }
                _ => {
                    let message = format!("`{}` is no range", self.reader.since(mark));
                    let help = r"a set like `\d` has no end: for the character `-`, write `\-`";
                    return Err(self.reader.fault_since(mark, message, help));
                }
            }
        }
        if negated {
            set.negate();
        }
        Ok(set)
    }

    fn member(&mut self) -> Result<Escape, Fault> {
        if self.reader.peek() == Some('\\') {
            return self.escape(true);
        }
        let mark = self.reader.mark();
        for name in ["[:alpha:]", "[:digit:]", "[:alnum:]", "[:upper:]", "[:lower:]", "[:space:]"] {
            if self.reader.eat(name) {
                let message = format!("`{name}` is no set of ECMA-262");
                let help = r"write `\p{L}` for letters, `\d` for digits, `\s` for blanks";
                return Err(self.reader.fault_since(mark, message, help));
            }
        }
        Ok(match self.reader.take() {
            Some(letter) => Escape::Letter(letter.into()),
            None => Escape::Set(Set::empty()),
        })
    }

    fn check_references(&self) -> Result<(), Fault> {
        let numbered = self.numbered.iter().find(|(number, _)| *number > self.groups);
        let is_known = |name: &str| self.names.iter().any(|(known, _)| known == name);
        let named = self.named.iter().find(|(name, _)| !is_known(name));
        match numbered.map(|(_, fault)| fault).or(named.map(|(_, fault)| fault)) {
            Some(fault) => Err(fault.clone()),
            None => Ok(()),
        }
    }
}

/// Puts numbers in the place of names.
fn resolve(node: &mut Node, parser: &Parser) {
    match node {
        Node::Back(number) if *number >= NAMED => {
            let (name, _) = &parser.named[*number - NAMED];
            let known = parser.names.iter().find(|(known, _)| known == name);
            *number = known.expect("references were checked").1;
        }
        Node::Look { inner, .. } | Node::Group { inner, .. } | Node::Repeat { inner, .. } => {
            resolve(inner, parser);
        }
        Node::Sequence(nodes) | Node::Either(nodes) => {
            nodes.iter_mut().for_each(|node| resolve(node, parser));
        }
        Node::Empty
        | Node::Set(_)
        | Node::Start
        | Node::End
        | Node::Boundary { .. }
        | Node::Back(_) => {}
    }
}
