//! The members of an entry of `x-constraints`.

use crate::diagnostic::nearest::nearest;
use crate::diagnostic::{Diagnostic, Place, code, quote};
use crate::pointer;
use crate::tape::{Tag, Value};

/// The members of an entry.
pub(super) struct Members<'a, 't> {
    pub value: Value<'t>,
    pub pointer: &'a str,
}

/// What an entry may have.
const MEMBERS: [&str; 6] = ["id", "assert", "when", "message", "at", "severity"];

impl Members<'_, '_> {
    /// Reports what doesn't belong there, and what must be there.
    pub fn check(&self, found: &mut Vec<Diagnostic>) {
        for entry in self.value.entries() {
            let name = entry.name();
            if MEMBERS.contains(&name) {
                continue;
            }
            let place = Place::of(entry.key).at(pointer::join(self.pointer, name));
            let message = format!("a constraint has no {}", quote(name));
            let finding = Diagnostic::new(&code::INVALID_CONSTRAINT, place, message);
            found.push(match nearest(name, MEMBERS) {
                Some(near) => finding.help(format!("did you mean `{near}`?")),
                None => finding.help(format!("it has {}", crate::spelling::all_of(MEMBERS))),
            });
        }
        for name in ["id", "assert"] {
            if self.value.get(name).is_none() {
                let place = Place::new(self.value.source(), self.value.opening()).at(self.pointer);
                let message = format!("the constraint has no `{name}`");
                let help = match name {
                    "id" => "name it, as in `\"id\": \"end-after-start\"`",
                    _ => "say what must hold, as in `\"assert\": \"self.start <= self.end\"`",
                };
                found.push(Diagnostic::new(&code::INVALID_CONSTRAINT, place, message).help(help));
            }
        }
    }

    /// The text of a member, with its place.
    pub fn text(&self, name: &str, found: &mut Vec<Diagnostic>) -> Option<(String, Place)> {
        let value = self.value.get(name)?;
        let place = Place::of(value).at(pointer::join(self.pointer, name));
        if value.tag() == Tag::Text
            && let Some(text) = value.as_str().filter(|text| !text.trim().is_empty())
        {
            return Some((text.to_owned(), place));
        }
        let message = format!("`{name}` is a text that isn't empty");
        found.push(
            Diagnostic::new(&code::INVALID_CONSTRAINT, place, message)
                .help("`docs/constraints.md` describes what a constraint has"),
        );
        None
    }
}
