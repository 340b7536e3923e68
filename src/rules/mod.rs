//! Rules: what makes a valid record doubtful, found without knowing any dataset.
//!
//! One file a rule: its [`Code`](crate::diagnostic::Code), what it explains, and its check. A rule
//! never names a field. It looks at every text, or at values by their [`Role`], which the schema's
//! `x-role` gives them. Rules also look at records that their schema rejects. They can rely on one
//! thing: a value with a role is of a kind that [`Role::misfit`] allows (a latitude is a number).
//! Other parts of the record may be wrong.
//!
//! There are nine kinds of [`Check`], by what a check must see: one text, one date, one list, one
//! record, a record that panels count, a record with those that it names, records that are alike, values of many records that are
//! about one thing, or the [`Facts`] of all.

mod actor_code_outside_spell;
mod actor_office_not_held;
mod actor_self_dyad;
mod code_lists;
mod coding_uneven_weight;
mod counted;
mod crosswalk_several;
mod dataset;
mod date_day_month_swapped;
mod date_end_before_start;
mod date_gap_between_spells;
mod date_impossible;
mod date_mixed_order;
mod date_not_yet_occurred;
mod date_outside_coverage;
mod date_overlapping_spells;
mod date_sentinel;
mod date_unreadable_year;
mod date_wrong_weekday;
mod duplicate_coding;
mod duplicate_item;
mod duplicate_mirrored;
mod duplicate_near;
mod evidence_missing;
mod evidence_one_publisher;
mod evidence_pointer;
mod evidence_repeated;
mod facts;
mod groups;
mod key_inconsistent_value;
mod key_reused;
mod key_withdrawn;
mod nearest;
mod numeric_sentinel;
mod place_coordinates;
mod place_outside_state;
mod place_precision;
mod prefilter;
mod record_outside_panel;
mod role_misuse;
pub mod roles;
mod source_published_early;
mod spells;
mod text_control_character;
mod text_mojibake;
mod text_not_normalised;
mod text_sentinel;
mod text_spreadsheet_error;
mod text_spreadsheet_formula;
mod text_stray_whitespace;
mod together;
mod unit_outside_system;

use std::collections::HashSet;
use std::sync::LazyLock;

use chrono::NaiveDate;

pub use actor_code_outside_spell::{Spells, spells};
pub use code_lists::check_code_lists;
pub use counted::{NamedPanel, check_parties, panels, party_lists};
pub use dataset::{ALIKE_RULES, AlikeAt, DatasetAt, Named, NamedAt, check_dataset, hash_of};
use date_mixed_order::may_be_written_date;
pub use date_mixed_order::{WrittenDates, order};
pub use facts::{At, Days, Facts, Previous, PreviousRecord, RecordFacts, Text, VALUES_MAX};
pub use groups::{CheckGroup, GroupAt, Grouping, note_members};
pub use nearest::When;
pub use numeric_sentinel::WrittenNumbers;
use prefilter::TextRules;
pub use role_misuse::check_roles;
pub use roles::{Found, Gathered, Roles};

use crate::diagnostic::{Certainty, Code, Diagnostic, Edit, Findings, Fix, Place, code};
use crate::edtf::Edtf;
use crate::fault::Fault;
use crate::manifest::{Dataset, Manifest};
use crate::model::kind::Class;
use crate::model::{Kind, Model, Role, Scalar, Table};
use crate::parse::spelling::respell;
use crate::tape::Value;

/// One rule.
pub struct Rule {
    /// Code, name, severity, a sentence, and why it matters.
    pub code: &'static Code,
    /// How it is checked.
    pub check: Check,
}

/// How a rule is checked, by what it must see.
#[derive(Clone, Copy)]
pub enum Check {
    /// Every free text that has what the rule is about.
    Text(Prefilter, CheckText),
    /// Every date.
    Date(CheckText),
    /// Every list of objects.
    List(fn(&ListAt<'_>, &mut Vec<Diagnostic>)),
    /// Every record of a table that has roles.
    Record(fn(&RecordAt<'_>, &mut Vec<Diagnostic>)),
    /// Every record that panels of the manifest count.
    Counted(fn(&RecordAt<'_>, &mut Vec<Diagnostic>)),
    /// Every record of a table that names others by a role, with the facts of both.
    Named(Role, CheckNamed),
    /// Records of a table that are alike, after the last one.
    Alike(BlockingKey, CheckAlike),
    /// Values of a table's records that are about one thing, after the last one.
    Group(Grouping, CheckGroup),
    /// All records together, after the last one.
    Dataset(fn(&DatasetAt<'_>, &mut Findings) -> Result<(), Fault>),
}

/// Looks at the facts of one record and of those that it names.
pub type CheckNamed = fn(&NamedAt<'_>, &mut Vec<Diagnostic>) -> Result<(), Fault>;

/// Looks at records of one table that may be alike.
pub type CheckAlike = fn(&AlikeAt<'_, '_>, &mut Findings) -> Result<(), Fault>;

/// What records that may be alike have in common, as [`hash_of`] sums it up; none if there is
/// nothing that would make the record like another. By chance others may have the same hash.
pub type BlockingKey = fn(&RecordFacts<'_>) -> Option<u64>;

/// Looks at one text.
pub type CheckText = fn(&TextAt<'_>, &mut Vec<Diagnostic>);

/// What a text must look like for a rule to read it. Most texts look like nothing of this, and are
/// passed over after one look at their bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Prefilter {
    /// Not all printable ASCII.
    Special,
    /// Has an ASCII digit, and at least this many bytes.
    Digits(usize),
    /// May begin or end with white space, or with what begins a formula.
    Edges,
    /// Begins with one of some bytes, and is short.
    Begins {
        /// The bytes.
        with: &'static [u8],
        /// So many bytes at most.
        most: usize,
    },
}

/// All rules, in the order of their codes.
pub static RULES: &[&Rule] = &[
    &actor_code_outside_spell::RULE,
    &actor_office_not_held::RULE,
    &actor_self_dyad::RULE,
    &unit_outside_system::RULE,
    &crosswalk_several::RULE,
    &date_outside_coverage::RULE,
    &source_published_early::RULE,
    &date_end_before_start::RULE,
    &date_not_yet_occurred::RULE,
    &date_wrong_weekday::RULE,
    &date_day_month_swapped::RULE,
    &date_sentinel::RULE,
    &date_mixed_order::RULE,
    &date_unreadable_year::RULE,
    &date_impossible::RULE,
    &date_overlapping_spells::RULE,
    &date_gap_between_spells::RULE,
    &record_outside_panel::RULE,
    &evidence_missing::RULE,
    &evidence_repeated::RULE,
    &evidence_pointer::RULE,
    &evidence_one_publisher::RULE,
    &key_reused::RULE,
    &key_withdrawn::RULE,
    &key_inconsistent_value::RULE,
    &place_coordinates::RULE,
    &place_outside_state::RULE,
    &place_precision::RULE,
    &numeric_sentinel::RULE,
    &text_stray_whitespace::RULE,
    &text_not_normalised::RULE,
    &text_mojibake::RULE,
    &text_control_character::RULE,
    &text_spreadsheet_formula::RULE,
    &text_sentinel::RULE,
    &text_spreadsheet_error::RULE,
    &duplicate_near::RULE,
    &duplicate_item::RULE,
    &duplicate_mirrored::RULE,
    &duplicate_coding::RULE,
    &coding_uneven_weight::RULE,
];

/// All codes: those of the stages, and those of rules; sorted.
#[must_use]
pub fn all_codes() -> Vec<&'static Code> {
    let rules = RULES.iter().map(|rule| rule.code);
    let mut codes: Vec<_> = code::ALL.iter().copied().chain(rules).collect();
    codes.sort_unstable_by_key(|code| code.id);
    codes
}

/// The code with that id or name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Code> {
    all_codes().into_iter().find(|code| code.id == name || code.name == name)
}

/// Rules about texts, apart from the others: they are asked most often.
static TEXT_RULES: LazyLock<TextRules> = LazyLock::new(|| {
    let of_text = |rule: &&Rule| match rule.check {
        Check::Text(prefilter, check) => Some((prefilter, check)),
        Check::Date(_)
        | Check::List(_)
        | Check::Record(_)
        | Check::Counted(_)
        | Check::Named(..)
        | Check::Alike(..)
        | Check::Group(..)
        | Check::Dataset(_) => None,
    };
    TextRules::new(RULES.iter().filter_map(of_text).collect())
});

/// Whether any rule about texts, or about how dates are written in them, may have something to say of a
/// text.
#[inline]
#[must_use]
pub fn concern(text: &[u8]) -> bool {
    may_be_written_date(text) || TEXT_RULES.concern(text)
}

/// Applies the rules about texts.
pub fn check_text(at: &TextAt<'_>, diagnostics: &mut Vec<Diagnostic>) {
    TEXT_RULES.check(at, diagnostics);
}

/// Rules about dates.
static DATE_RULES: LazyLock<Vec<CheckText>> = LazyLock::new(|| {
    let of_date =
        |rule: &&Rule| if let Check::Date(check) = rule.check { Some(check) } else { None };
    RULES.iter().filter_map(of_date).collect()
});

/// Whether a date is of our time, so that no rule about single dates has anything to say.
#[inline]
#[must_use]
pub fn is_common_date(text: &[u8]) -> bool {
    // Without a time of day, and no interval.
    matches!(text, [b'1', b'8' | b'9', ..] | [b'2', b'0', ..])
        && text.len() <= 10
        && !text.contains(&b'/')
}

/// Applies the rules about dates.
pub fn check_date(at: &TextAt<'_>, diagnostics: &mut Vec<Diagnostic>) {
    for check in &*DATE_RULES {
        check(at, diagnostics);
    }
}

/// Applies the rules about lists.
pub fn check_list(at: &ListAt<'_>, diagnostics: &mut Vec<Diagnostic>) {
    for rule in RULES {
        if let Check::List(check) = rule.check {
            check(at, diagnostics);
        }
    }
}

/// Applies the rules about records.
pub fn check_record(at: &RecordAt<'_>, diagnostics: &mut Vec<Diagnostic>) {
    if at.roles.is_empty() {
        return;
    }
    check_composed(at, diagnostics);
    for rule in RULES {
        if let Check::Record(check) = rule.check {
            check(at, diagnostics);
        }
    }
}

/// Applies the rules about what panels count.
pub fn check_counted(at: &RecordAt<'_>, diagnostics: &mut Vec<Diagnostic>) {
    for rule in RULES {
        if let Check::Counted(check) = rule.check {
            check(at, diagnostics);
        }
    }
}

/// Applies the rules about dates to those that are composed of several values.
fn check_composed(at: &RecordAt<'_>, diagnostics: &mut Vec<Diagnostic>) {
    for date in at.roles.composed(at.record, at.gathered) {
        let text = date.text();
        if text.is_empty() || is_common_date(text.as_bytes()) {
            continue;
        }
        let (value, table) = (date.value, at.table);
        let pointer = &|| date.pointer();
        check_date(&TextAt { text: &text, value, scalar: None, table, pointer }, diagnostics);
    }
}

/// A text of a record.
pub struct TextAt<'a> {
    /// The text.
    pub text: &'a str,
    /// Where it stands.
    pub value: Value<'a>,
    /// What the schema says of it; none for a text of a language map.
    pub scalar: Option<&'a Scalar>,
    /// The table of the record.
    pub table: &'a Table,
    /// Spells out its pointer; only findings need it.
    pub pointer: &'a dyn Fn() -> String,
}

impl TextAt<'_> {
    /// The place of the whole text.
    #[must_use]
    pub fn place(&self) -> Place {
        Place::of(self.value).at((self.pointer)())
    }

    /// The place of some bytes of the text; of the whole where the source spells it with escapes.
    #[must_use]
    pub fn place_of(&self, bytes: std::ops::Range<usize>) -> Place {
        let mut place = self.place();
        let spelled = self.value.literal().and_then(|literal| literal.find(self.text));
        if let Some(offset) = spelled {
            let start = place.span.start + offset as u64;
            place.span = start + bytes.start as u64..start + bytes.end as u64;
        }
        place
    }

    /// How a message calls it.
    #[must_use]
    pub fn subject(&self) -> String {
        format!("`{}`", crate::pointer::readable(&(self.pointer)()))
    }

    /// Whether the text is a record's key, its own or another's.
    #[must_use]
    pub fn identifies(&self) -> bool {
        self.scalar.is_some_and(|scalar| scalar.reference.is_some())
            || self.table.is_key(&(self.pointer)())
    }

    /// A fix that writes another text in its place, if the source can spell it there. There is none
    /// for a key, nor for what refers to one: another key, however little it differs, is that of
    /// another record.
    #[must_use]
    pub fn rewrite(&self, certainty: Certainty, title: &str, text: &str) -> Option<Fix> {
        if self.identifies() {
            return None;
        }
        let replacement = respell(self.value, text)?;
        let edits = vec![Edit { place: self.place(), replacement }];
        Some(Fix { title: title.to_owned(), certainty, edits })
    }
}

/// A list of objects, of two at least.
pub struct ListAt<'a> {
    /// The list.
    pub list: Value<'a>,
    /// Spells out its pointer; only findings need it.
    pub pointer: &'a dyn Fn() -> String,
}

/// A record, with what rules know about its table.
pub struct RecordAt<'a> {
    /// The record.
    pub record: Value<'a>,
    /// Its table.
    pub table: &'a Table,
    /// Where its roles are.
    pub roles: &'a Roles,
    /// The values of the roles.
    pub gathered: &'a Gathered,
    /// What the manifest and the schemas say.
    pub context: &'a Context<'a>,
}

impl<'a> RecordAt<'a> {
    /// The values of a role, in the order of the schema, then of the record.
    pub fn find(&self, role: Role) -> impl Iterator<Item = Found<'a, 'a>> + use<'a> {
        self.roles.find(role, self.record, self.gathered)
    }

    /// How many values of a role there are.
    #[must_use]
    pub fn count(&self, role: Role) -> usize {
        self.roles.count(role, self.gathered)
    }
}

/// What holds for all records.
pub struct Context<'a> {
    /// About the dataset.
    pub dataset: &'a Dataset,
    /// The schemas.
    pub model: &'a Model,
    /// The time that the dataset covers.
    pub coverage: Option<Edtf>,
    /// When it is released.
    pub released: Option<NaiveDate>,
    /// When the codes of code lists were valid.
    pub spells: Spells<'a>,
    /// Where the roles of each table are.
    pub roles: Vec<Roles>,
    /// The panels that count the records of each table.
    pub panels: Vec<Vec<NamedPanel<'a>>>,
    /// The lists of parties of each table of which dyads are made, with the name of the dyads.
    pub party_lists: Vec<Vec<(&'a str, usize)>>,
    /// Table and key of the records that the manifest has waivers for.
    pub waived: HashSet<(&'a str, &'a str)>,
}

impl<'a> Context<'a> {
    /// The context of a project.
    #[must_use]
    pub fn new(manifest: &'a Manifest, model: &'a Model) -> Self {
        let dataset = &manifest.dataset;
        let covered = |temporal: &String| Edtf::parse(temporal).ok();
        Self {
            dataset,
            model,
            coverage: dataset.temporal.as_ref().and_then(covered),
            released: dataset.released.as_deref().and_then(|day| day.parse().ok()),
            spells: spells(&model.code_lists),
            roles: roles(model),
            panels: panels(model),
            party_lists: party_lists(model),
            waived: manifest.waivers.iter().map(|it| (&*it.table, &*it.key)).collect(),
        }
    }
}

/// Where the roles of each table are.
fn roles(model: &Model) -> Vec<Roles> {
    let mut roles: Vec<_> = model.tables.iter().map(Roles::of).collect();
    for index in 0..roles.len() {
        let named = roles.iter().any(|other| {
            other.targets(Role::Person).any(|target| target == model.tables[index].name)
        });
        roles[index].offices = named;
    }
    roles
}

/// The first and the last day that a value of a date's kind can mean; none where it is open or no
/// date.
#[must_use]
pub fn days(value: Value<'_>, kind: &Kind) -> (Option<NaiveDate>, Option<NaiveDate>) {
    let Class::Date(form) = kind.class() else { return (None, None) };
    form.days(value, &[]).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{Check, RULES};

    #[test]
    fn codes_of_rules_say_what_their_checks_need() {
        for rule in RULES {
            let needs_all = match rule.check {
                Check::Named(..) | Check::Alike(..) | Check::Group(..) | Check::Dataset(_) => true,
                Check::Text(..)
                | Check::Date(_)
                | Check::List(_)
                | Check::Record(_)
                | Check::Counted(_) => false,
            };
            assert!(rule.code.is_rule(), "{}", rule.code.id);
            assert_eq!(rule.code.needs_all_records, needs_all, "{}", rule.code.id);
        }
    }
}
