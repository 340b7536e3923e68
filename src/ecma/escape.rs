//! What stands behind a backslash, where it is a character or a set of them.

use super::Fault;
use super::characters::{self, Set};
use super::parse::Reader;

/// What an escape means.
pub(super) enum Escape {
    /// A code point; half of a surrogate pair is one that no text has.
    Letter(u32),
    Set(Set),
}

/// Reads an escape from its backslash on, and says whether it is only taken without the `u` flag.
pub(super) fn read(reader: &mut Reader, in_class: bool) -> Result<(Escape, Option<Fault>), Fault> {
    let mark = reader.mark();
    reader.take();
    let Some(letter) = reader.take() else {
        let help = r"for the character, write `\\`";
        return Err(reader.fault_since(mark, "a backslash stands at the end", help));
    };
    let point = match letter {
        'f' => 0xc,
        'n' => 0xa,
        'r' => 0xd,
        't' => 0x9,
        'v' => 0xb,
        'b' if in_class => 0x8,
        '0' if !reader.peek().is_some_and(|next| next.is_ascii_digit()) => 0,
        'd' | 'D' | 's' | 'S' | 'w' | 'W' => {
            let set = characters::shorthand(letter).expect("one of the shorthands");
            return Ok((Escape::Set(set), None));
        }
        'p' | 'P' => return property(reader, mark, letter == 'P').map(|it| (it, None)),
        'c' => match reader.take() {
            Some(letter) if letter.is_ascii_alphabetic() => u32::from(letter) % 32,
            _ => return Err(foreign(reader, mark, 'c')),
        },
        'x' => match digits(reader, 2) {
            Some(point) => point,
            None => return Err(foreign(reader, mark, 'x')),
        },
        'u' => unicode(reader, mark)?,
        '^' | '$' | '\\' | '.' | '*' | '+' | '?' | '(' | ')' | '[' | ']' | '{' | '}' | '|'
        | '/' => letter.into(),
        '-' if in_class => letter.into(),
        _ if !letter.is_ascii_alphanumeric() => {
            // Without the `u` flag it is the character.
            let message = format!("`\\{letter}` needs no backslash, and may have none");
            let fault = reader.fault_since(mark, message, format!("write `{letter}`"));
            return Ok((Escape::Letter(letter.into()), Some(Fault { lenient: true, ..fault })));
        }
        _ => return Err(foreign(reader, mark, letter)),
    };
    Ok((Escape::Letter(point), None))
}

/// `\u0041`, `\u{41}`, or a surrogate pair.
fn unicode(reader: &mut Reader, mark: usize) -> Result<u32, Fault> {
    if reader.eat("{") {
        let mut point = 0u32;
        let mut any = false;
        while let Some(digit) = reader.peek().and_then(|letter| letter.to_digit(16)) {
            reader.take();
            point = point.saturating_mul(16).saturating_add(digit);
            any = true;
        }
        if any && reader.eat("}") && point <= 0x0010_ffff {
            return Ok(point);
        }
        let help = "write it in hexadecimal digits, up to `\\u{10FFFF}`";
        return Err(reader.fault_since(mark, "it is no character of Unicode", help));
    }
    let Some(first) = digits(reader, 4) else { return Err(foreign(reader, mark, 'u')) };
    let after = reader.mark();
    if (0xd800..0xdc00).contains(&first)
        && reader.eat("\\u")
        && let Some(second) = digits(reader, 4)
        && (0xdc00..0xe000).contains(&second)
    {
        return Ok(0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00));
    }
    reader.back_to(after);
    Ok(first)
}

/// So many hexadecimal digits.
fn digits(reader: &mut Reader, count: usize) -> Option<u32> {
    let mut number = 0;
    for _ in 0..count {
        number = number * 16 + reader.peek()?.to_digit(16)?;
        reader.take();
    }
    Some(number)
}

/// `\p{…}`, from the brace on.
fn property(reader: &mut Reader, mark: usize, negated: bool) -> Result<Escape, Fault> {
    let letter = if negated { 'P' } else { 'p' };
    if !reader.eat("{") {
        let next = reader.take().map_or_else(|| "L".to_owned(), String::from);
        let message = format!("`{}` has no braces", reader.since(mark));
        return Err(reader.fault_since(mark, message, format!("write `\\{letter}{{{next}}}`")));
    }
    let from = reader.mark();
    while reader.peek().is_some_and(|letter| letter != '}') {
        reader.take();
    }
    let name = reader.since(from);
    let closed = reader.eat("}");
    match characters::property(&name).filter(|_| closed) {
        Some(mut set) => {
            if negated {
                set.negate();
            }
            Ok(Escape::Set(set))
        }
        None => {
            let message = format!("`{name}` is no property that ECMA-262 knows");
            let help = match characters::property_hint(&name) {
                Some(written) => format!("ECMA-262 writes it as `{written}`"),
                None => r"write as in `\p{L}`, `\p{Lu}` or `\p{Script=Latin}`".to_owned(),
            };
            Err(reader.fault_since(mark, message, help))
        }
    }
}

/// An escape of another dialect.
fn foreign(reader: &Reader, mark: usize, letter: char) -> Fault {
    let help = match letter {
        'A' => "ECMA-262 writes the start of a text as `^`",
        'Z' | 'z' => "ECMA-262 writes the end of a text as `$`",
        'h' => r"ECMA-262 writes blanks as `[ \t]`",
        'R' => r"ECMA-262 writes the end of a line as `\r?\n`",
        'a' => r"write the character as `\x07`",
        'e' => r"write the character as `\x1B`",
        'U' | 'N' | 'u' => r"write the character as `\u{1F600}`, or four digits as in `\u0041`",
        'x' => r"write two digits as in `\x41`, or `\u{41}`",
        'c' => r"write a letter behind it, as in `\cJ`",
        'Q' | 'E' => "write a backslash before each character that means something else",
        'l' => r"write `\p{Ll}`",
        'L' => r"write `\P{Ll}`",
        '0'..='9' => r"ECMA-262 has no octal numbers: write the character as in `\x41`",
        _ => "leave out the backslash if the character itself is meant",
    };
    let message = format!("`{}` means nothing in ECMA-262", reader.since(mark));
    reader.fault_since(mark, message, help)
}
