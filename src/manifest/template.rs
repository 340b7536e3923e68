//! Templates: how a key is made from other things, as in `{state}-{year}` or `{stem}`.

use crate::diagnostic::{Diagnostic, Place, code, quote};

/// A template of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    /// As the manifest spells it.
    pub text: String,
    /// What it is made of; at least one part is no text.
    pub parts: Vec<Part>,
    /// Where it is written.
    pub place: Place,
}

/// A part of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// Text that stands in every key.
    Text(String),
    /// The name of the record's file up to its first dot.
    Stem,
    /// A hash of what the record says.
    Content,
    /// A property of the record, by its path with dots.
    Property(String),
}

impl Template {
    /// Reads a template. None if it is none; then a finding says why.
    pub fn parse(text: &str, place: Place, diagnostics: &mut Vec<Diagnostic>) -> Option<Self> {
        match parts(text) {
            Ok(parts) => Some(Self { text: text.to_owned(), parts, place }),
            Err((message, help)) => {
                let message = format!("`from` is {}, {message}", quote(text));
                let finding = Diagnostic::new(&code::UNUSABLE_TEMPLATE, place, message);
                diagnostics.push(finding.help(help));
                None
            }
        }
    }

    /// Whether a part is in it.
    #[must_use]
    pub fn has(&self, part: &Part) -> bool {
        self.parts.contains(part)
    }
}

const BRACES: &str = "write `{stem}`, `{content}`, or the name of a property between braces";

fn parts(text: &str) -> Result<Vec<Part>, (String, &'static str)> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(['{', '}']) {
        let (before, from) = rest.split_at(at);
        if !before.is_empty() {
            parts.push(Part::Text(before.to_owned()));
        }
        let Some(inside) = from.strip_prefix('{') else {
            return Err(("with a `}` that no `{` belongs to".to_owned(), BRACES));
        };
        let Some((name, behind)) = inside.split_once('}') else {
            return Err(("with a `{` that isn't closed".to_owned(), BRACES));
        };
        if name.contains('{') {
            return Err(("with braces in braces".to_owned(), BRACES));
        }
        let part = match name {
            "" => return Err(("with nothing between braces".to_owned(), BRACES)),
            "stem" => Part::Stem,
            "content" => Part::Content,
            name => Part::Property(name.to_owned()),
        };
        if parts.contains(&part) {
            let message = format!("with `{{{name}}}` twice");
            return Err((message, "once is enough to tell records apart"));
        }
        parts.push(part);
        rest = behind;
    }
    if !rest.is_empty() {
        parts.push(Part::Text(rest.to_owned()));
    }
    if parts.iter().all(|part| matches!(part, Part::Text(_))) {
        return Err(("so that all records would have one key".to_owned(), BRACES));
    }
    Ok(parts)
}

#[cfg(test)]
mod tests {
    use super::{Part, parts};

    #[test]
    fn templates_are_text_and_names_in_braces() {
        let expected = [
            Part::Text("dispute-".to_owned()),
            Part::Property("port.code".to_owned()),
            Part::Stem,
            Part::Text("/".to_owned()),
            Part::Content,
            Part::Text("!".to_owned()),
        ];
        assert_eq!(parts("dispute-{port.code}{stem}/{content}!").as_deref(), Ok(&expected[..]));
        for none in
            ["", "a", "{", "}", "{}", "{a", "a}", "{{a}}", "{a}}", "{content}{content}", "{a}-{a}"]
        {
            assert!(parts(none).is_err(), "{none}");
        }
    }
}
