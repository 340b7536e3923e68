//! `[systems]`, `[crosswalks]` and `[derived]`: which units there are, how their codes match, and which tables
//! are worked out from records. What the names in them lead to, the compiler of schemas finds out.

mod dyads;
mod links;
mod membership;
mod panel;
mod view;

use super::entries;
use crate::diagnostic::Place;
use crate::parse::spelling::Written;
use crate::pointer;
use crate::tape::{Entry, Tag, Value};

pub use dyads::{DeclaredDirection, DeclaredDyads, Overlap};
pub use links::DeclaredLinks;
pub use membership::{DeclaredMembership, Existence, Pairs};
pub use panel::{
    DeclaredCoverage, DeclaredMeasure, DeclaredPanel, SearchedPairs, Straddle, Uncertain,
};
pub use view::DeclaredView;

/// What `[systems]`, `[crosswalks]` and `[derived]` say, each in the order of the file.
#[derive(Clone, Debug, Default)]
pub struct Derivations {
    /// Which units there are, and when.
    pub systems: Vec<DeclaredSystem>,
    /// How the codes of two lists match.
    pub crosswalks: Vec<DeclaredCrosswalk>,
    /// Tables that are worked out.
    pub tables: Vec<DeclaredDerived>,
}

/// A system of units: a code list, with spells where units come and go.
#[derive(Clone, Debug)]
pub struct DeclaredSystem {
    /// Its name in the manifest.
    pub name: String,
    /// Where it is declared.
    pub place: Place,
    /// The code list.
    pub codelist: Written,
    /// The last day of which the list knows who belongs to it.
    pub as_of: Option<Written>,
}

/// How the codes of one list match those of another.
#[derive(Clone, Debug)]
pub struct DeclaredCrosswalk {
    /// Its name in the manifest.
    pub name: String,
    /// Where it is declared.
    pub place: Place,
    /// The code list that says it.
    pub codelist: Written,
    /// The codes that are known.
    pub from: DeclaredCodes,
    /// The codes that are wanted.
    pub to: DeclaredCodes,
    /// What becomes of a code that matches several.
    pub several: Several,
    /// The last day of which the list knows the matches.
    pub as_of: Option<Written>,
}

/// A column of a crosswalk.
#[derive(Clone, Debug)]
pub struct DeclaredCodes {
    /// Its name in the file.
    pub column: Written,
    /// The code list that its codes are of.
    pub codelist: Written,
}

/// What becomes of a code that matches several codes on one day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Several {
    /// The record is an error.
    #[default]
    Error,
    /// It becomes each of them.
    Keep,
    /// It becomes the one that stands first in the list.
    First,
}

/// A table that is worked out.
#[derive(Clone, Debug)]
pub struct DeclaredDerived {
    /// Its name.
    pub name: String,
    /// Where it is declared.
    pub place: Place,
    /// What a codebook calls it, if the manifest says so.
    pub title: Option<String>,
    /// The formats that it is released in.
    pub formats: Vec<String>,
    /// How it is worked out.
    pub says: Derivation,
}

/// How a table is worked out.
#[derive(Clone, Debug)]
pub enum Derivation {
    /// Pairs of units that meet in a record.
    Dyads(DeclaredDyads),
    /// Records counted by unit and period.
    Panel(DeclaredPanel),
    /// The units of a system by period.
    Membership(DeclaredMembership),
    /// One wide row a record.
    View(DeclaredView),
    /// Records that refer to records of the same table.
    Links(DeclaredLinks),
}

/// A value that a record must have to count.
#[derive(Clone, Debug)]
pub struct DeclaredCondition {
    /// Where the value stands.
    pub path: Written,
    /// The values that count, each as a cell of a release spells it.
    pub values: Vec<(String, Place)>,
}

/// Reads all three.
pub(super) fn read(root: Value<'_>) -> Derivations {
    Derivations {
        systems: entries(root, "systems").map(system).collect(),
        crosswalks: entries(root, "crosswalks").map(crosswalk).collect(),
        tables: entries(root, "derived").map(derived).collect(),
    }
}

fn system(entry: Entry<'_>) -> DeclaredSystem {
    let block = Block::new(entry, "systems");
    DeclaredSystem {
        name: entry.name().to_owned(),
        place: block.place(),
        codelist: block.required("codelist"),
        as_of: block.text("as_of"),
    }
}

fn crosswalk(entry: Entry<'_>) -> DeclaredCrosswalk {
    let block = Block::new(entry, "crosswalks");
    let codes = |key: &str| {
        let inner = block.inner(key).expect("the schema requires it");
        DeclaredCodes { column: inner.required("column"), codelist: inner.required("codelist") }
    };
    DeclaredCrosswalk {
        name: entry.name().to_owned(),
        place: block.place(),
        codelist: block.required("codelist"),
        from: codes("from"),
        to: codes("to"),
        several: block.choice("several", &SEVERAL),
        as_of: block.text("as_of"),
    }
}

const SEVERAL: [(&str, Several); 3] =
    [("error", Several::Error), ("keep", Several::Keep), ("first", Several::First)];

fn derived(entry: Entry<'_>) -> DeclaredDerived {
    let block = Block::new(entry, "derived");
    let says = match block.value.get("kind").and_then(Value::as_str) {
        Some("dyads") => Derivation::Dyads(dyads::read(&block)),
        Some("panel") => Derivation::Panel(panel::read(&block)),
        Some("membership") => Derivation::Membership(membership::read(&block)),
        Some("view") => Derivation::View(view::read(&block)),
        Some("links") => Derivation::Links(links::read(&block)),
        other => unreachable!("the schema lists the kinds, and not {other:?}"),
    };
    let formats = block.texts("formats").into_iter().map(|it| it.text).collect::<Vec<_>>();
    let usual = || ["csv", "parquet"].map(str::to_owned).to_vec();
    DeclaredDerived {
        name: entry.name().to_owned(),
        place: block.place(),
        title: block.text("title").map(|it| it.text),
        formats: if formats.is_empty() { usual() } else { formats },
        says,
    }
}

/// A block of the manifest with what leads to it.
pub(super) struct Block<'t> {
    value: Value<'t>,
    key: Value<'t>,
    pointer: String,
}

impl<'t> Block<'t> {
    fn new(entry: Entry<'t>, section: &str) -> Self {
        let pointer = pointer::join(&format!("/{section}"), entry.name());
        Self { value: entry.value, key: entry.key, pointer }
    }

    fn place(&self) -> Place {
        Place::of(self.key).at(self.pointer.clone())
    }

    fn at(&self, key: &str) -> String {
        pointer::join(&self.pointer, key)
    }

    fn inner(&self, key: &str) -> Option<Self> {
        let value = self.value.get(key).filter(|value| value.tag() == Tag::Object)?;
        Some(Self { value, key: value, pointer: self.at(key) })
    }

    fn text(&self, key: &str) -> Option<Written> {
        let value = self.value.get(key).filter(|value| value.tag() == Tag::Text)?;
        Some(Written::of(value, self.at(key)))
    }

    fn required(&self, key: &str) -> Written {
        self.text(key).expect("the schema requires it")
    }

    fn flag(&self, key: &str) -> bool {
        self.value.get(key).and_then(Value::as_bool) == Some(true)
    }

    /// One text, or a list of them.
    fn texts(&self, key: &str) -> Vec<Written> {
        let Some(value) = self.value.get(key) else { return Vec::new() };
        let at = self.at(key);
        if value.tag() == Tag::Text {
            return vec![Written::of(value, at)];
        }
        let items = value.items().enumerate();
        items.map(|(index, item)| Written::of(item, pointer::join_index(&at, index))).collect()
    }

    /// What a word of a closed set means; what is usual where it isn't written.
    fn choice<T: Copy + Default>(&self, key: &str, words: &[(&str, T)]) -> T {
        let said = self.value.get(key).and_then(Value::as_str);
        let found = said.and_then(|said| words.iter().find(|(word, _)| *word == said));
        found.map_or_else(T::default, |(_, meaning)| *meaning)
    }

    /// Texts by name.
    fn named(&self, key: &str) -> Vec<(Written, Written)> {
        let at = self.at(key);
        let entries = self.value.get(key).into_iter().flat_map(Value::entries);
        let read = |entry: Entry<'_>| {
            let at = pointer::join(&at, entry.name());
            let mut name = Written::of(entry.value, at.clone());
            entry.name().clone_into(&mut name.text);
            name.place = Place::of(entry.key).at(at.clone());
            (name, Written::of(entry.value, at))
        };
        entries.map(read).collect()
    }

    /// What records must say to count.
    fn conditions(&self) -> Vec<DeclaredCondition> {
        let at = self.at("where");
        let entries = self.value.get("where").into_iter().flat_map(Value::entries);
        let read = |entry: Entry<'_>| {
            let at = pointer::join(&at, entry.name());
            let mut path = Written::of(entry.key, at.clone());
            entry.name().clone_into(&mut path.text);
            let one = |value: Value<'_>, at: String| (cell(value), Place::of(value).at(at));
            let values = match entry.value.tag() {
                Tag::Array => {
                    let items = entry.value.items().enumerate();
                    items.map(|(index, item)| one(item, pointer::join_index(&at, index))).collect()
                }
                _ => vec![one(entry.value, at)],
            };
            DeclaredCondition { path, values }
        };
        entries.map(read).collect()
    }
}

/// A value as a cell of a release spells it.
fn cell(value: Value<'_>) -> String {
    match value.as_str() {
        Some(text) => text.to_owned(),
        None => value.to_json().to_string(),
    }
}
