//! Values of another type than the schema wants, and values that are none of those that it lists.

use std::sync::Arc;

use serde_json::Value as Json;

use super::Translator;
use crate::diagnostic::nearest::Words;
use crate::diagnostic::{Certainty, Diagnostic, Place, code, one_of, quote};
use crate::dialect::{self, block_of_table, number_lines};
use crate::parse::scalar::is_json_number;
use crate::schema::outline::{CodeSet, Expected, Subject};
use crate::schema::suggest::suggest;
use crate::schema::words::{leave_out, or, seen, type_words};
use crate::tape::{Tag, Value};
use crate::workspace::Format;

/// In longer lists, words are taken for codes: short ones that differ in a letter are others.
const FEW_OPTIONS: usize = 200;

/// What YAML 1.1 reads as a boolean.
const TRUE: [&str; 4] = ["true", "yes", "y", "on"];
const FALSE: [&str; 4] = ["false", "no", "n", "off"];

impl Translator<'_> {
    pub(super) fn wrong_type(&self, value: Value<'_>, at: &str, types: &[String]) -> Diagnostic {
        let wanted: Vec<_> = types.iter().map(|name| type_words(name)).collect();
        // `true` may be text, too.
        let text = if value.tag() == Tag::Text { "the text " } else { "" };
        let message =
            format!("{} is {text}{}, but must be {}", self.subject(at), seen(value), or(&wanted));
        let diagnostic = Diagnostic::new(&code::WRONG_TYPE, Place::of(value).at(at), message)
            .label(format!("expected {}", or(&wanted)));
        let wants = |name: &str| types.iter().any(|other| other == name);
        match value.tag() {
            Tag::Integer | Tag::Unsigned | Tag::Float | Tag::Boolean if wants("string") => {
                self.without_quotes(diagnostic, value, at)
            }
            Tag::Null => diagnostic.help(leave_out(self.outline, at)),
            Tag::Text if wants("integer") || wants("number") => {
                let text = value.as_str().unwrap_or_default();
                let property = self.outline.and_then(|outline| outline.property(at));
                if let Some(Expected::Codes(codes)) = property.map(|property| property.expected)
                    && !is_json_number(text)
                {
                    return code_of_name(diagnostic, value, codes);
                }
                if is_quoted(value) && is_json_number(text) {
                    diagnostic.help(format!("write the number without quotes: {text}")).replace(
                        Certainty::Suggested,
                        "remove the quotes",
                        text,
                    )
                } else {
                    let help = "write digits only, with `.` for decimals, and no unit";
                    let lines = number_lines(text);
                    diagnostic.help(self.with_block(help, value, &lines))
                }
            }
            Tag::Text if wants("boolean") => boolean(diagnostic, value, types.len() == 1),
            Tag::Text | Tag::Array if wants("object") => match self.inside(at) {
                Some(inside) => diagnostic.help(format!("write {inside} below it")),
                None => diagnostic,
            },
            Tag::Object if wants("array") => diagnostic.help("write a list, even of one item"),
            Tag::Text if wants("array") => {
                diagnostic.help("write a list, even of one item: `[…]`, or `- …` in YAML")
            }
            Tag::Boolean
            | Tag::Integer
            | Tag::Unsigned
            | Tag::Float
            | Tag::Text
            | Tag::Array
            | Tag::Object => diagnostic,
        }
    }

    /// A help that also says what the manifest could say of the file, if a record stands in a row of it.
    pub(super) fn with_block(
        &self,
        help: &str,
        value: Value<'_>,
        lines: &[impl AsRef<str>],
    ) -> String {
        let records = self.outline.filter(|outline| outline.subject() == Subject::Record);
        match records {
            Some(table) if value.format() == Format::Csv && !lines.is_empty() => {
                dialect::or(help, &block_of_table(table.name(), lines))
            }
            Some(_) | None => help.to_owned(),
        }
    }

    /// A number or boolean where text belongs: mostly a text that lacks its quotes.
    fn without_quotes(&self, diagnostic: Diagnostic, value: Value<'_>, at: &str) -> Diagnostic {
        let Some(literal) = value.literal() else { return diagnostic.help("write it as text") };
        let property = self.outline.and_then(|outline| outline.property(at));
        if let Some(Expected::Codes(codes)) = property.map(|property| property.expected)
            && !codes.contains(literal)
        {
            return no_text_of(diagnostic, value, literal, codes);
        }
        if let Some((help, date)) = self.number_for_date(literal, at) {
            let diagnostic = diagnostic.help(help);
            return match date {
                Some(date) => {
                    diagnostic.replace(Certainty::Suggested, format!("write {date}"), date)
                }
                None => diagnostic,
            };
        }
        let quoted = Json::from(literal).to_string();
        diagnostic.help(format!("put it in quotes: {quoted}")).replace(
            Certainty::Certain,
            "quote it",
            quoted,
        )
    }

    pub(super) fn not_in_enum(
        &self,
        value: Value<'_>,
        at: &str,
        clause: &str,
        options: &[Json],
    ) -> Diagnostic {
        let texts: Vec<_> = options.iter().map(spelt).collect();
        let texts = || texts.iter().map(String::as_str);
        let all = |is: fn(&Json) -> bool| options.iter().all(is);
        let is_text = value.tag() == Tag::Text;
        let kind = match () {
            () if all(Json::is_number) && is_text => "the number ",
            () if all(Json::is_string) && !is_text => "the text ",
            () => "",
        };
        let written = match value.tag() {
            Tag::Text => value.as_str(),
            Tag::Null | Tag::Boolean | Tag::Integer | Tag::Unsigned | Tag::Float => value.literal(),
            Tag::Array | Tag::Object => None,
        };
        let twin = options.iter().find(|option| Some(spelt(option).as_str()) == written);
        let text = if is_text && (twin.is_some() || !options.iter().any(Json::is_string)) {
            "the text "
        } else {
            ""
        };
        let message = format!(
            "{} is {text}{}, but must be {kind}{}",
            self.subject(at),
            seen(value),
            one_of(texts())
        );
        let diagnostic = Diagnostic::new(&code::NOT_IN_ENUM, Place::of(value).at(at), message);
        let Some(written) = written else { return diagnostic };
        if let Some(twin) = twin {
            return other_type(diagnostic, value, twin, written);
        }
        let words = self.words(clause, || match options.len() {
            0..=FEW_OPTIONS => Words::few(texts()),
            _ => Words::codes(texts()),
        });
        if value.tag() == Tag::Boolean
            && let Some(diagnostic) = taken_for_boolean(&diagnostic, value, texts())
        {
            return diagnostic;
        }
        let guess = words.guess(written);
        let near = guess.one().and_then(|near| options.iter().find(|it| spelt(it) == near.word));
        match near {
            // Written as it stands, it would be of another type.
            Some(option) if option.is_string() != is_text => {
                let quotes = if is_text { "without" } else { "in" };
                diagnostic.help(format!("did you mean `{option}`, {quotes} quotes?"))
            }
            _ => match (value.tag(), guess.question()) {
                (Tag::Text, _) => suggest(diagnostic, value, &words),
                (_, Some(question)) => diagnostic.help(question),
                (_, None) => diagnostic,
            },
        }
    }

    /// What is allowed at a place of the schema, for guesses.
    pub(super) fn words(&self, place: &str, make: impl FnOnce() -> Words) -> Arc<Words> {
        match self.clauses {
            Some(clauses) => clauses.words(place, make),
            None => Arc::new(make()),
        }
    }
}

/// An option as people write it.
fn spelt(option: &Json) -> String {
    option.as_str().map_or_else(|| option.to_string(), str::to_owned)
}

/// Whether the source has quotation marks around a text and writes it letter by letter.
fn is_quoted(value: Value<'_>) -> bool {
    value.literal().is_some_and(|literal| {
        let inner = |mark| literal.strip_prefix(mark)?.strip_suffix(mark);
        value.as_str().is_some() && inner('"').or_else(|| inner('\'')) == value.as_str()
    })
}

/// A text where a boolean belongs.
fn boolean(diagnostic: Diagnostic, value: Value<'_>, only: bool) -> Diagnostic {
    let word = value.as_str().unwrap_or_default().to_ascii_lowercase();
    let word = word.as_str();
    let meant = match () {
        () if TRUE.contains(&word) => "true",
        () if FALSE.contains(&word) => "false",
        () if only => return diagnostic.help("write `true` or `false`, without quotes"),
        () => return diagnostic,
    };
    let quoted = is_quoted(value);
    let without = if quoted && word == meant { " without quotes" } else { "" };
    let diagnostic = diagnostic.help(format!("write `{meant}`{without}"));
    if !quoted && value.literal() != value.as_str() {
        return diagnostic;
    }
    diagnostic.replace(Certainty::Suggested, format!("write `{meant}`"), meant)
}

/// A text where a code that is a number belongs: perhaps what people call the code.
fn code_of_name(diagnostic: Diagnostic, value: Value<'_>, codes: &dyn CodeSet) -> Diagnostic {
    let words = codes.words();
    let guess = words.guess(value.as_str().unwrap_or_default());
    let Some(question) = guess.question() else {
        let codes = codes.values().iter().map(String::as_str);
        return diagnostic.help(format!("write one of the codes, as a number: {}", one_of(codes)));
    };
    let diagnostic = diagnostic.help(question);
    let is_plain = is_quoted(value) || value.literal() == value.as_str();
    match guess.one().filter(|near| near.is_writable() && is_plain) {
        Some(near) => {
            diagnostic.replace(Certainty::Suggested, format!("write `{}`", near.word), near.word)
        }
        None => diagnostic,
    }
}

/// A number or boolean that would be no code in quotes either.
fn no_text_of(
    diagnostic: Diagnostic,
    value: Value<'_>,
    literal: &str,
    codes: &dyn CodeSet,
) -> Diagnostic {
    let texts = codes.values().iter().map(String::as_str);
    if value.tag() == Tag::Boolean
        && let Some(diagnostic) = taken_for_boolean(&diagnostic, value, texts)
    {
        return diagnostic;
    }
    let words = codes.words();
    let guess = words.guess(literal);
    let Some(question) = guess.question() else {
        let texts = codes.values().iter().map(String::as_str);
        return diagnostic.help(format!("write one of the codes, in quotes: {}", one_of(texts)));
    };
    let diagnostic = diagnostic.help(format!("{question} Write it in quotes"));
    match guess.one().filter(|near| near.is_writable()) {
        Some(near) => diagnostic.replace(
            Certainty::Suggested,
            format!("write `{}`", near.word),
            Json::from(near.word).to_string(),
        ),
        None => diagnostic,
    }
}

/// A boolean that was the code `NO` before YAML 1.1 software wrote the file.
fn taken_for_boolean<'o>(
    diagnostic: &Diagnostic,
    value: Value<'_>,
    options: impl Iterator<Item = &'o str>,
) -> Option<Diagnostic> {
    let same = if value.as_bool() == Some(true) { TRUE } else { FALSE };
    let mut options = options.filter(|it| same.contains(&it.to_ascii_lowercase().as_str()));
    let (option, None) = (options.next()?, options.next()) else { return None };
    let help = format!(
        "did you mean {}? Software that reads YAML 1.1 takes it for a boolean: put it in quotes",
        quote(option)
    );
    Some(diagnostic.clone().help(help))
}

/// A value that is spelt like one of the options, and is of another type.
fn other_type(
    diagnostic: Diagnostic,
    value: Value<'_>,
    option: &Json,
    written: &str,
) -> Diagnostic {
    if !option.is_string() {
        let diagnostic = diagnostic.help(format!("write it without quotes: {written}"));
        return if is_quoted(value) {
            diagnostic.replace(Certainty::Suggested, "remove the quotes", written)
        } else {
            diagnostic
        };
    }
    let quoted = Json::from(written).to_string();
    diagnostic.help(format!("put it in quotes: {quoted}")).replace(
        Certainty::Certain,
        "quote it",
        quoted,
    )
}
