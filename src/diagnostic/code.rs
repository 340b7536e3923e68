//! Every code that a diagnostic can carry. A code is written out, never derived, and never reused.
//!
//! The letter groups codes: `D` date, `K` key, `M` manifest and model, `P` parse, `R` reference,
//! `S` schema, `U` duplicates, `W` waivers and the baseline.

use super::Severity;

/// One kind of finding.
#[derive(Debug, PartialEq, Eq)]
pub struct Code {
    /// Stable and short, for people to look up and programs to match.
    pub id: &'static str,
    /// Named for the fault that it finds.
    pub name: &'static str,
    /// How grave it is unless the project says otherwise.
    pub severity: Severity,
    /// One sentence of documentation.
    pub summary: &'static str,
    /// Why it matters and what to do, in Markdown; may be empty.
    pub explanation: &'static str,
}

macro_rules! codes {
    ($($constant:ident = $id:literal $name:literal $severity:ident $summary:literal $($explanation:literal)?;)*) => {
        $(
            #[doc = $summary]
            pub static $constant: Code = Code {
                id: $id,
                name: $name,
                severity: Severity::$severity,
                summary: $summary,
                explanation: concat!($($explanation)?),
            };
        )*
        /// All codes, in the order of their ids.
        pub static ALL: &[&Code] = &[$(&$constant),*];
    };
}

codes! {
    INVALID_EDTF = "D001" "invalid-edtf" Error
        "A date isn't Extended Date/Time Format (ISO 8601-2) level 0 or 1."
        "Dates here may be uncertain, approximate or open, and EDTF is the standard that says so: \
         `2023-12`, `2023-12-03?`, `2023-12-03/2023-12-05`, `2023-12-XX`, `2023/..`. A day that \
         no calendar has, or an interval that runs backwards, is refused too.";
    DUPLICATE_ID = "K001" "duplicate-id" Error
        "Two records of a table have the same key."
        "A key names one record for good: references and earlier releases rely on it. Give the \
         second record a key of its own, or remove it if it is the same thing entered twice.";
    MISSING_ID = "K002" "missing-id" Error
        "A record has no key."
        "A record without a key can't be referred to, corrected or compared with the last \
         release.";
    UNKNOWN_NAME = "M001" "unknown-name" Error
        "The manifest or a schema names a table, code list, file or prefix that isn't declared.";
    NO_RECORDS = "M002" "no-records" Warning
        "A pattern of the manifest matches no file."
        "Mostly a mistyped path or a file in another directory: its records would be left out of \
         the release without a word.";
    UNREADABLE_FILE = "M003" "unreadable-file" Error
        "A file named by the manifest or a schema can't be used as what it is named for.";
    INVALID_SCHEMA = "M004" "invalid-schema" Error
        "A schema isn't valid JSON Schema 2020-12.";
    UNRESOLVED_REF = "M005" "unresolved-ref" Error
        "A `$ref` leads nowhere, or in a circle.";
    UNKNOWN_ANNOTATION = "M006" "unknown-annotation" Error
        "A keyword that begins with `x-` isn't one that Demarche knows."
        "Annotations begin with `x-`. A mistyped one would be ignored, and its column would \
         quietly lose its code list, its term or its role.";
    MISUSED_ANNOTATION = "M007" "misused-annotation" Error
        "An annotation has a value, or stands in a place, that means nothing.";
    OPEN_OBJECT = "M008" "open-object" Error
        "An object allows properties that its schema doesn't name."
        "Properties that the schema doesn't name have no column, so they would be lost. Write \
         `\"additionalProperties\": false`, and name what records may hold.";
    UNTYPED = "M009" "untyped" Error
        "A property has no type, so no column can hold it."
        "A column has one type. Give the property a `type`, an `enum` or a `$ref` that has one.";
    AMBIGUOUS_UNION = "M010" "ambiguous-union" Error
        "A property may hold values of different types, so no column can hold it."
        "A column has one type, in every format and for every reader. Split the property in two, \
         or make it text.";
    UNUSABLE_NAME = "M011" "unusable-name" Error
        "A column or table has a name that statistical software can't take."
        "SPSS, Stata and SQL take names of letters, digits and underscores that begin with a \
         letter and have at most 32 characters. `x-column` gives a property a column name of its \
         own.";
    NAME_COLLISION = "M012" "name-collision" Error
        "Two columns or tables have the same name.";
    TERM_CONFLICT = "M013" "term-conflict" Error
        "One JSON-LD key means two things."
        "A JSON-LD context has each key once, for the whole dataset. Give one of the two \
         properties a key of its own with `x-jsonld-term`.";
    INVALID_CODE_LIST = "M014" "invalid-code-list" Error
        "A code list breaks the rules for code lists.";
    UNLOWERABLE_LIST = "M015" "unlowerable-list" Error
        "A list holds something that no child table can hold."
        "Each list becomes a table of its own with one row an item. A list of lists has no such \
         rows: make the inner list a property of an object.";
    RECURSIVE_SCHEMA = "M016" "recursive-schema" Error
        "A schema contains itself, so its columns never end."
        "A schema that contains itself has no end of columns. Refer to other records by key \
         instead.";
    CLAIMED_TWICE = "M017" "claimed-twice" Error
        "Two tables claim the same file."
        "A record would be in two tables. Narrow one of the two patterns.";
    INVALID_SYNTAX = "P001" "invalid-syntax" Error
        "A file can't be parsed."
        "Nothing in the file can be trusted after the place where it stops making sense; the \
         other files are checked all the same.";
    INVALID_UTF8 = "P002" "invalid-utf8" Error
        "A file isn't UTF-8."
        "Save the file as UTF-8. Spreadsheets write Windows-1252 unless told otherwise: choose \
         “CSV UTF-8”.";
    DUPLICATE_KEY = "P003" "duplicate-key" Error
        "An object has the same key twice."
        "Most software keeps one of the two values and says nothing. Remove one; if both are \
         meant, make a list.";
    INEXACT_NUMBER = "P004" "inexact-number" Error
        "A number has more digits than a 64-bit number keeps."
        "Software that reads the number gets another one. If it is an identifier, make the \
         property text and quote the value; else round it.";
    NON_FINITE_NUMBER = "P005" "non-finite-number" Error
        "A number is infinite, not a number, or too large.";
    NESTING_TOO_DEEP = "P006" "nesting-too-deep" Error
        "Values are nested deeper than any record needs.";
    LINE_TOO_LONG = "P007" "line-too-long" Error
        "A line or file is longer than any record needs.";
    ALIAS_EXPLOSION = "P008" "alias-explosion" Error
        "YAML aliases expand to more than a record needs.";
    YAML_1_1_VALUE = "P009" "yaml-1-1-value" Warning
        "YAML 1.1 software reads a plain scalar as something else."
        "Most YAML software still reads version 1.1, in which `no` is false, `0123` is 83 and \
         `12:30:00` is 45000. Demarche reads what is written; quotes make everybody do so.";
    CORRUPT_COMPRESSION = "P010" "corrupt-compression" Error
        "A compressed file can't be unpacked.";
    UNKNOWN_COLUMN = "P011" "unknown-column" Error
        "A CSV column belongs to no property of the table."
        "Its cells would be lost. Columns are named as in the release: `venue_name` for `name` in \
         `venue`.";
    DUPLICATE_COLUMN = "P012" "duplicate-column" Error
        "Two CSV columns hold the same property.";
    RAGGED_ROW = "P013" "ragged-row" Error
        "A CSV row has more or fewer cells than the header."
        "A cell with a comma needs quotes, or the row's cells shift to the right.";
    ORPHAN_ROW = "P014" "orphan-row" Error
        "A row of a child table names no parent record."
        "Rows of a child table belong to a parent by its key. Without the parent the row would be \
         lost.";
    INVALID_POSITION = "P015" "invalid-position" Error
        "The positions of a list's rows aren't 0, 1, 2 and so on."
        "Positions say the order of a list's items. A gap or a repeated one mostly means that \
         rows were lost, sorted apart or entered twice.";
    DERIVED_MISMATCH = "P016" "derived-mismatch" Error
        "A derived column says something else than what it is derived from."
        "Derived columns are worked out again at each build. If one was edited by hand, edit what \
         it is derived from.";
    UNSUPPORTED_TAG = "P017" "unsupported-tag" Error
        "A YAML tag has no meaning in a record.";
    NOT_A_RECORD = "P018" "not-a-record" Error
        "A record isn't an object.";
    DANGLING_REFERENCE = "R001" "dangling-reference" Error
        "A reference names a record that isn't there."
        "Either the record is missing, or the key is mistyped. References are checked over the \
         whole dataset, whatever file they stand in.";
    ORPHAN = "R002" "orphan" Note
        "No record refers to a record that is only there to be referred to."
        "Persons, places or sources that nothing refers to are mostly left over from a \
         correction, or the reference was forgotten.";
    WRONG_TYPE = "S001" "wrong-type" Error
        "A value has another type than its schema allows."
        "Quotes decide in YAML and JSON: `2023` is a number, `\"2023\"` is text. A table's column \
         holds one type.";
    NOT_IN_ENUM = "S002" "not-in-enum" Error
        "A value is none of those that its schema lists.";
    UNKNOWN_CODE = "S003" "unknown-code" Error
        "A value is no code of its code list."
        "Codes are compared letter by letter, capitals too. New codes are added to the list's CSV \
         file, with a definition.";
    MISSING_PROPERTY = "S004" "missing-property" Error
        "An object lacks a property that its schema requires.";
    UNKNOWN_PROPERTY = "S005" "unknown-property" Error
        "An object has a property that its schema doesn't know."
        "What the schema doesn't name has no column and would be lost; mostly the name is \
         misspelt.";
    OUT_OF_RANGE = "S006" "out-of-range" Error
        "A number is outside the bounds of its schema.";
    WRONG_LENGTH = "S007" "wrong-length" Error
        "Text is shorter or longer than its schema allows.";
    PATTERN_MISMATCH = "S008" "pattern-mismatch" Error
        "Text doesn't match the pattern of its schema.";
    FORMAT_MISMATCH = "S009" "format-mismatch" Error
        "Text isn't of the format that its schema names.";
    WRONG_COUNT = "S010" "wrong-count" Error
        "A list or object has fewer or more members than its schema allows.";
    DUPLICATE_ITEM = "S011" "duplicate-item" Error
        "A list says the same thing twice where its schema wants unique items.";
    NO_ALTERNATIVE = "S012" "no-alternative" Error
        "A value fits none of the alternatives of its schema, or more than one.";
    FORBIDDEN = "S013" "forbidden" Error
        "A value is one that its schema rules out.";
    EMPTY_TEXT = "S014" "empty-text" Error
        "Text is empty, which a table can't tell from missing."
        "Leave the property out where nothing is known: a CSV cell can't tell empty text from a \
         missing value.";
    EMPTY_OBJECT = "S015" "empty-object" Error
        "An object says nothing, which a table can't tell from missing."
        "Leave the property out where nothing is known: an object without values leaves no trace \
         in a table.";
    UNDECLARED_LANGUAGE = "S016" "undeclared-language" Error
        "A text is in a language that the manifest doesn't declare."
        "Each language of a text has a column, so the manifest's `languages` must name it.";
    INTEGER_TOO_LARGE = "S017" "integer-too-large" Error
        "An integer doesn't fit the 64 bits of a column."
        "Numbers of that size are mostly identifiers: make the property text, and quote the \
         values.";
    OTHER_VIOLATION = "S099" "other-violation" Error
        "A value breaks a rule of its schema that has no code of its own.";
    DUPLICATE_RECORD = "U001" "duplicate-record" Warning
        "Two records of a table say the same under different keys."
        "Two coders, or one file copied, easily make two records of one thing, and it is counted \
         twice. Keep one, or add what tells them apart.";
    STALE_WAIVER = "W001" "stale-waiver" Warning
        "A waiver accepts a finding that isn't there any more."
        "What was mended needs no waiver, and a waiver that stays may hide the next fault. Remove it.";
    UNKNOWN_WAIVER = "W002" "unknown-waiver" Error
        "A waiver names no code."
        "`demarche explain` lists the codes and their names.";
    UNEXPLAINED_WAIVER = "W003" "unexplained-waiver" Error
        "A waiver gives no reason."
        "Whoever reads the record next must know why the finding was accepted. Say why in a sentence.";
    STALE_BASELINE = "W004" "stale-baseline" Note
        "The baseline records a finding that isn't there any more."
        "Run `demarche check --update-baseline` to forget what was mended.";
    FORBIDDEN_WAIVER = "W005" "forbidden-waiver" Error
        "A waiver accepts what nothing can be built from."
        "Only rules about doubtful data can be waived. Mend the data.";
}

/// Whether a file with such a finding may hold records that nobody has read. What seems to be
/// missing elsewhere may be among them.
#[must_use]
pub fn loses_records(code: &Code) -> bool {
    [
        &INVALID_SYNTAX,
        &INVALID_UTF8,
        &NESTING_TOO_DEEP,
        &LINE_TOO_LONG,
        &ALIAS_EXPLOSION,
        &NON_FINITE_NUMBER,
        &CORRUPT_COMPRESSION,
        &RAGGED_ROW,
        &NOT_A_RECORD,
        &MISSING_ID,
    ]
    .contains(&code)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::ALL;

    #[test]
    fn ids_and_names_are_unique_and_ids_sorted() {
        let ids: BTreeSet<_> = ALL.iter().map(|code| code.id).collect();
        let names: BTreeSet<_> = ALL.iter().map(|code| code.name).collect();
        assert_eq!(ids.len(), ALL.len());
        assert_eq!(names.len(), ALL.len());
        assert!(ALL.windows(2).all(|pair| pair[0].id < pair[1].id), "sorted by id");
    }
}
