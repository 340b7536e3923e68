//! The words and signs of an expression.

use super::{Fault, Span};

/// One of them.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token<'s> {
    /// Digits, perhaps with a point or an exponent.
    Number(&'s str),
    /// What quotes enclose, without escapes.
    Text(String),
    /// A name or a keyword.
    Name(&'s str),
    /// A name between backticks.
    Quoted(&'s str),
    /// A sign.
    Sign(&'static str),
    /// The end of the expression.
    End,
}

/// The longest first.
const SIGNS: [&str; 24] = [
    "||", "&&", "==", "!=", "<=", ">=", "!", "<", ">", "+", "-", "*", "/", "%", "?", ":", "(", ")",
    "[", "]", "{", "}", ".", ",",
];

/// The tokens of a text, one after the other.
pub(super) struct Lexer<'s> {
    text: &'s str,
    at: usize,
}

impl<'s> Lexer<'s> {
    pub fn new(text: &'s str) -> Self {
        Self { text, at: 0 }
    }

    fn rest(&self) -> &'s str {
        &self.text[self.at..]
    }

    fn skip(&mut self) {
        loop {
            // What CEL takes for a space; others look like one, and no other tool would read them.
            self.at += self.count(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | b'\x0c'));
            if !self.rest().starts_with("//") {
                return;
            }
            self.at += self.rest().find('\n').unwrap_or(self.rest().len());
        }
    }

    /// The next token, with its bytes.
    pub fn next(&mut self) -> Result<(Token<'s>, Span), Fault> {
        self.skip();
        let start = self.at;
        let Some(first) = self.rest().chars().next() else { return Ok((Token::End, start..start)) };
        let token = match first {
            '0'..='9' => self.number()?,
            '.' if self.text[start + 1..].starts_with(|it: char| it.is_ascii_digit()) => {
                self.number()?
            }
            '\'' | '"' => self.quoted(false)?,
            '`' => self.backticks()?,
            'a'..='z' | 'A'..='Z' | '_' => self.name()?,
            _ => self.sign(first)?,
        };
        Ok((token, start..self.at))
    }

    /// How many bytes from here on are such.
    fn count(&self, is: impl Fn(u8) -> bool) -> usize {
        self.rest().bytes().take_while(|byte| is(*byte)).count()
    }

    fn number(&mut self) -> Result<Token<'s>, Fault> {
        let start = self.at;
        let fault = |lexer: &Self, message: &str, help: &str| {
            let end = lexer.count(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
            Fault::new(start..lexer.at + end, message).help(help)
        };
        if self.rest().starts_with("0x") || self.rest().starts_with("0X") {
            self.at += 2;
            let digits = self.count(|byte| byte.is_ascii_hexdigit());
            if digits == 0 {
                return Err(fault(self, "this is no number", "digits follow `0x`"));
            }
            self.at += digits;
        } else {
            self.at += self.count(|byte| byte.is_ascii_digit());
            let behind = self.rest().strip_prefix('.').unwrap_or_default();
            if behind.starts_with(|it: char| it.is_ascii_digit()) {
                self.at += 1;
                self.at += self.count(|byte| byte.is_ascii_digit());
            }
            let exponent = self.rest().strip_prefix(['e', 'E']).unwrap_or_default();
            let digits = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
            if digits.starts_with(|it: char| it.is_ascii_digit()) {
                self.at += 1 + exponent.len() - digits.len();
                self.at += self.count(|byte| byte.is_ascii_digit());
            }
        }
        if self.rest().starts_with(['u', 'U']) {
            return Err(fault(self, "there are no unsigned numbers", "write it without the `u`"));
        }
        if self.rest().starts_with(|it: char| it.is_ascii_alphanumeric() || it == '_') {
            return Err(fault(self, "this is no number", "a name can't begin with a digit"));
        }
        Ok(Token::Number(&self.text[start..self.at]))
    }

    fn name(&mut self) -> Result<Token<'s>, Fault> {
        let start = self.at;
        self.at += self.count(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        let name = &self.text[start..self.at];
        if self.rest().starts_with(['\'', '"']) {
            match name {
                "r" | "R" => return self.quoted(true),
                "b" | "B" | "br" | "bR" | "Br" | "BR" | "rb" | "rB" | "Rb" | "RB" => {
                    return Err(Fault::new(start..self.at, "there are no bytes")
                        .help("write a text, without the `b`"));
                }
                _ => {}
            }
        }
        Ok(Token::Name(name))
    }

    fn backticks(&mut self) -> Result<Token<'s>, Fault> {
        let start = self.at;
        let inside = &self.text[start + 1..];
        let Some(length) = inside.find('`') else {
            return Err(Fault::new(start..self.text.len(), "the name has no closing backtick"));
        };
        self.at += length + 2;
        Ok(Token::Quoted(&inside[..length]))
    }

    fn sign(&mut self, first: char) -> Result<Token<'s>, Fault> {
        let start = self.at;
        if let Some(sign) = SIGNS.into_iter().find(|sign| self.rest().starts_with(sign)) {
            self.at += sign.len();
            return Ok(Token::Sign(sign));
        }
        let span = start..start + first.len_utf8();
        let shown: String = match first {
            _ if first.is_control() || first.is_whitespace() => first.escape_unicode().collect(),
            _ => first.into(),
        };
        let fault = Fault::new(span, format!("`{shown}` means nothing here"));
        Err(match first {
            '=' if self.rest().starts_with("=<") => fault.help("write `<=`"),
            '=' if self.rest().starts_with("=>") => fault.help("write `>=`"),
            '=' => fault.help("write `==` to compare"),
            '&' => fault.help("write `&&`"),
            '|' => fault.help("write `||`"),
            '“' | '”' | '‘' | '’' => fault.help("write texts between `'` or `\"`"),
            '≤' => fault.help("write `<=`"),
            '≥' => fault.help("write `>=`"),
            '≠' => fault.help("write `!=`"),
            _ if first.is_alphabetic() => fault.help(
                "a name with other letters than a to z stands between backticks: ``self.`…` ``",
            ),
            _ if first.is_whitespace() => fault.help("write an ordinary space"),
            _ => fault,
        })
    }

    fn quoted(&mut self, raw: bool) -> Result<Token<'s>, Fault> {
        let start = self.at;
        let quote = &self.rest()[..1];
        let triple = quote.repeat(3);
        let end = if self.rest().starts_with(&triple) { triple.as_str() } else { quote };
        self.at += end.len();
        let mut text = String::new();
        loop {
            if self.rest().starts_with(end) {
                self.at += end.len();
                return Ok(Token::Text(text));
            }
            match self.rest().chars().next() {
                None | Some('\n' | '\r') if end.len() == 1 || self.rest().is_empty() => {
                    return Err(Fault::new(start..self.at, "the text has no closing quote"));
                }
                Some('\\') if !raw => text.push(self.escape()?),
                Some(character) => {
                    self.at += character.len_utf8();
                    text.push(character);
                }
                None => unreachable!("an empty rest was reported"),
            }
        }
    }

    fn escape(&mut self) -> Result<char, Fault> {
        let start = self.at;
        let mut characters = self.rest().chars().skip(1);
        let escaped = characters.next();
        let simple = match escaped {
            Some('a') => '\u{7}',
            Some('b') => '\u{8}',
            Some('f') => '\u{c}',
            Some('n') => '\n',
            Some('r') => '\r',
            Some('t') => '\t',
            Some('v') => '\u{b}',
            Some(it @ ('\\' | '?' | '"' | '\'' | '`')) => it,
            Some('x' | 'X') => return self.code(start, 2, 2, 16),
            Some('u') => return self.code(start, 2, 4, 16),
            Some('U') => return self.code(start, 2, 8, 16),
            Some('0'..='3') => return self.code(start, 1, 3, 8),
            _ => {
                let end = start + 1 + escaped.map_or(0, char::len_utf8);
                return Err(Fault::new(start..end, "there is no such escape")
                    .help("write `\\\\` for a backslash, or `r'…'` for a text without escapes"));
            }
        };
        self.at += 2;
        Ok(simple)
    }

    /// A character by its number, whose digits stand so many bytes behind the backslash.
    fn code(
        &mut self,
        start: usize,
        skip: usize,
        digits: usize,
        radix: u32,
    ) -> Result<char, Fault> {
        let text = self.text.get(start + skip..start + skip + digits);
        // Numbers may have a sign, and escapes have none.
        let text = text.filter(|text| !text.starts_with('+'));
        let number = text.and_then(|text| u32::from_str_radix(text, radix).ok());
        let Some(character) = number.and_then(char::from_u32) else {
            return Err(Fault::new(start..start + skip, "this escape is no character"));
        };
        self.at = start + skip + digits;
        Ok(character)
    }
}
