//! The finding that a value is no code of its list.

use crate::diagnostic::{Diagnostic, Place, code, one_of};
use crate::model::{Codes, key_text};
use crate::pointer::readable;
use crate::schema::suggest;
use crate::schema::words::seen;
use crate::tape::Value;

/// A value that is no code of a list. `when` says under which condition the list holds, if it doesn't always.
pub(super) fn unknown_code(
    codes: &Codes,
    value: Value<'_>,
    pointer: &str,
    when: Option<&str>,
) -> Diagnostic {
    let list = codes.list.as_deref().unwrap_or_default();
    let options = || codes.values.iter().map(String::as_str);
    let when = when.map_or_else(String::new, |when| format!(" that holds {when}"));
    let message = format!(
        "`{}` is {}, which is no code of the list `{list}`{when}",
        readable(pointer),
        seen(value)
    );
    let place = Place::of(value).at(pointer);
    let diagnostic = Diagnostic::new(&code::UNKNOWN_CODE, place, message);
    let diagnostic = match value.as_str() {
        Some(_) => suggest(diagnostic, value, codes.words()),
        None => match codes.words().guess(&key_text(value)).question() {
            Some(question) => diagnostic.help(question),
            None => diagnostic,
        },
    };
    match &diagnostic.help {
        Some(_) => diagnostic,
        None => {
            diagnostic.help(format!("the codes are {}; {}", one_of(options()), codes.defined_by))
        }
    }
}
