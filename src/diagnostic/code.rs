//! Every code that a diagnostic can carry. A code is written out, never derived, and never reused.
//!
//! The letter of a code says its [`Group`]. Codes of rules stand with their rules.

mod group;
mod kind;

use super::Severity;

pub use self::group::{GROUPS, Group};
pub use self::kind::{Code, Concern, Consequence, FoundBy};

macro_rules! codes {
    ($($constant:ident = $id:literal $name:literal $severity:ident $since:literal $summary:literal $explanation:literal $(, $fact:ident: $value:expr)*;)*) => {
        $(
            #[doc = $summary]
            pub static $constant: Code = Code {
                id: $id,
                name: $name,
                severity: Severity::$severity,
                summary: $summary,
                since: $since,
                explanation: $explanation,
                $($fact: $value,)*
                ..Code::OF_STAGE
            };
        )*
        /// All codes, in the order of their ids.
        pub static ALL: &[&Code] = &[$(&$constant),*];
    };
}

codes! {
    CONSTRAINT = "C001" "constraint" Error "0.2.0"
        "Values of a record contradict a constraint of the schema."
        "`x-constraints` says what must hold between the values of a record, of its lists and of the records that \
         it names; `docs/constraints.md` describes them. The finding shows the values that were compared, and the \
         expression in the schema. Where a value is missing nothing is compared. Correct the value that is wrong; where the record is right all the same, \
         waive the finding by the constraint's id with a reason.",
        found_by: FoundBy::Constraint,
        consequence: Consequence::Nothing;
    UNDECIDED_CONSTRAINT = "C002" "undecided-constraint" Note "0.2.0"
        "A constraint or expectation was never decided: a value that it needs was always missing."
        "A comparison with a missing value is neither true nor false. A constraint that is undecided for every \
         record checks nothing, mostly because it names another property than the one that is filled in. Who wants a \
         value to be there says so, with `required` or `has(…)`: see `docs/constraints.md`.",
        needs_all_records: true;
    UNCOMPUTABLE_CONSTRAINT = "C003" "uncomputable-constraint" Error "0.2.0"
        "Whether a constraint holds for a record can't be worked out."
        "Sums and products are exact, with at most 38 digits, and the constraints of one record take at most a \
         million steps. Mostly a number in the record is far too large, or a list far too long.",
        found_by: FoundBy::Constraint,
        consequence: Consequence::Nothing;
    EXPECTATION = "C004" "expectation" Error "0.2.0"
        "A table, or a group of its records, isn't as the manifest expects."
        "`[[tables.<name>.expect]]` in the manifest says what must hold of a table as a whole or of groups of its \
         records: how many there are, what values sum up to, how many lack a value. The finding shows the numbers \
         that came out, and the first record of the group.",
        found_by: FoundBy::Constraint,
        concern: Concern::Group,
        needs_all_records: true,
        consequence: Consequence::Nothing;
    INVALID_EDTF = "D001" "invalid-edtf" Error "0.1.0"
        "A date isn't Extended Date/Time Format (ISO 8601-2) level 0 or 1."
        "Dates here may be uncertain, approximate or open, and EDTF is the standard that says so: \
         `2023-12`, `2023-12-03?`, `2023-12-03/2023-12-05`, `2023-12-XX`, `2023/..`. A day that \
         no calendar has, or an interval that runs backwards, is refused too.",
        concern: Concern::Form;
    DUPLICATE_ID = "K001" "duplicate-id" Error "0.1.0"
        "Two records of a table have the same key."
        "A key names one record for good: references and earlier releases rely on it. Give the \
         second record a key of its own, or remove it if it is the same thing entered twice.",
        needs_all_records: true;
    MISSING_ID = "K002" "missing-id" Error "0.1.0"
        "A record has no key."
        "A record without a key can't be referred to, corrected or compared with the last \
         release.",
        loses_records: true;
    DUPLICATE_VALUE = "K005" "duplicate-value" Error "0.2.0"
        "A value stands twice that the schema says is unique."
        "`x-unique` says that no two rows of a table have the same value, or the same values together. \
         References may lead there, and whoever merges by it would get rows twice. Rows that lack one \
         of the values aren't compared.",
        needs_all_records: true;
    ITEM_KEY = "K006" "repeated-item-key" Error "0.2.0"
        "Two items of a list have the same key, or one has none."
        "`x-item-key` says which properties identify an item in its list. Its IRI is made from them, \
         references and evidence lead to it by them, and two releases are compared by them. So they \
         differ between the items of a list, and no item lacks them all.";
    KEY_MISMATCH = "K010" "key-mismatch" Error "0.2.0"
        "A record states another key than the one that its table makes of it."
        "The manifest says from what the keys of the table are made, such as the name of the file or other \
         properties. A record needn't write its key then, and one that does must write the same. If what the \
         key is made from was corrected, the key is another one, and references to it must change as well.";
    UNMADE_KEY = "K011" "unmade-key" Error "0.2.0"
        "A record has no key, because something is missing from which it is made."
        "The template of the key in the manifest names a property that this record lacks. Write it, or make \
         the keys from properties that every record has.";
    UNKNOWN_NAME = "M001" "unknown-name" Error "0.1.0"
        "The manifest or a schema names a table, code list, file or prefix that isn't declared."
        "Names are compared letter by letter. Correct the name, or declare what it means: a \
         table or prefix in the manifest, a code list as a CSV file in `schema/codelists/`.";
    NO_RECORDS = "M002" "no-records" Warning "0.1.0"
        "A pattern of the manifest matches no file."
        "Mostly a mistyped path or a file in another directory: its records would be left out of \
         the release without a word.";
    UNREADABLE_FILE = "M003" "unreadable-file" Error "0.1.0"
        "A file named by the manifest or a schema can't be used as what it is named for."
        "A schema must be a JSON or YAML file inside the project, a record file one of the \
         formats that Demarche reads. Nothing that depends on it can be \
         checked without it.";
    INVALID_SCHEMA = "M004" "invalid-schema" Error "0.1.0"
        "A schema isn't valid JSON Schema 2020-12."
        "Records are checked against JSON Schema 2020-12. A schema that isn't one says nothing \
         about them, so no record is checked until it is mended.";
    UNRESOLVED_REF = "M005" "unresolved-ref" Error "0.1.0"
        "A `$ref` leads nowhere, or in a circle."
        "A `$ref` names a place in the same file (`#/$defs/name`) or another schema file, by \
         its path or its `$id`. Nothing is fetched from the network.";
    UNKNOWN_ANNOTATION = "M006" "unknown-annotation" Error "0.1.0"
        "A keyword that begins with `x-` isn't one that Demarche knows."
        "Annotations begin with `x-`. A mistyped one would be ignored, and its column would \
         quietly lose its code list, its term or its role.";
    MISUSED_ANNOTATION = "M007" "misused-annotation" Error "0.1.0"
        "An annotation has a value, or stands in a place, that means nothing."
        "An annotation that is ignored would do harm without a word: a code list that checks \
         nothing, a reference that may dangle. Write it as `docs/schema.md` says, on a \
         property of a kind that it is for.";
    OPEN_OBJECT = "M008" "open-object" Error "0.1.0"
        "An object allows properties that its schema doesn't name."
        "Properties that the schema doesn't name have no column, so they would be lost. Write \
         `\"additionalProperties\": false`, and name what records may hold.";
    UNTYPED = "M009" "untyped" Error "0.1.0"
        "A property has no type, so no column can hold it."
        "A column has one type. Give the property a `type`, an `enum` or a `$ref` that has one.";
    AMBIGUOUS_UNION = "M010" "ambiguous-union" Error "0.1.0"
        "A property may hold values of different types, so no column can hold it."
        "A column has one type, in every format and for every reader. Split the property in two, \
         or make it text.";
    UNUSABLE_NAME = "M011" "unusable-name" Error "0.1.0"
        "A column or table has a name that statistical software can't take."
        "SPSS, Stata and SQL take names of letters, digits and underscores that begin with a \
         letter and have at most 32 characters. `x-column` gives a property a column name of its \
         own.";
    NAME_COLLISION = "M012" "name-collision" Error "0.1.0"
        "Two columns or tables have the same name."
        "A release would hold one of the two and lose the other. Columns are called after the \
         path to their property; `x-column` gives one of them another name.";
    TERM_CONFLICT = "M013" "term-conflict" Error "0.1.0"
        "One JSON-LD key means two things."
        "A JSON-LD context has each key once, for the whole dataset. Give one of the two \
         properties a key of its own with `x-jsonld-term`.";
    INVALID_CODE_LIST = "M014" "invalid-code-list" Error "0.1.0"
        "A code list breaks the rules for code lists."
        "A code list is a CSV file with the columns `code` and `label`, one row a code, each \
         code once. Records are coded by it, so it must be unambiguous. Where it stands on integers, \
         its codes are whole numbers.";
    UNLOWERABLE_LIST = "M015" "unlowerable-list" Error "0.1.0"
        "A list holds something that no child table can hold."
        "Each list becomes a table of its own with one row an item. A list of lists has no such \
         rows: make the inner list a property of an object.";
    RECURSIVE_SCHEMA = "M016" "recursive-schema" Error "0.1.0"
        "A schema contains itself, so its columns never end."
        "A schema that contains itself has no end of columns. Refer to other records by key \
         instead.";
    CLAIMED_TWICE = "M017" "claimed-twice" Error "0.1.0"
        "Two tables claim the same file."
        "A record would be in two tables. Narrow one of the two patterns.";
    UNKNOWN_FORMAT = "M018" "unknown-format" Warning "0.1.0"
        "A schema names a format that Demarche doesn't check."
        "JSON Schema lets software ignore formats that it doesn't know, so a misspelt one would \
         check nothing. Correct it. If it is a format of your own, write a `pattern` that checks \
         it, and leave `format` out.";
    UNUSABLE_PATH = "M019" "unusable-path" Error "0.2.0"
        "A path or pattern of the manifest is absolute, leads out of the project, or is none."
        "The manifest says what a release is made of, and everybody who proposes a change can \
         write into it. So what it names lies in the project: relative to the manifest, with `/` \
         between directories, without `..` and without hidden names, wherever links lead. Only \
         schemas may lie in a directory outside, which `[roots]` or `--root` names. A path has at \
         most 1,000 bytes, and braces of a pattern nest at most 8 deep.";
    UNREADABLE_ENTRY = "M020" "unreadable-entry" Error "0.2.0"
        "Something lies where records lie, and can't be read as a file of the project."
        "A link that leads out of the project or to nothing, a pipe, a device, a name that isn't \
         UTF-8: none of it is opened, and the records that somebody expects there would be left out \
         of the release. Where no pattern matches it, it is a warning.";
    UNMATCHED_FILE = "M021" "unmatched-file" Warning "0.2.0"
        "A file lies beside record files, and no pattern matches it."
        "Mostly another ending (`.yml` beside `*.yaml`), a name that an editor or a download has \
         changed (`x.yaml.txt`), or a directory that no pattern reaches: its records would be left out \
         of the release without a word. Texts about the data (`README`, `.md`) and hidden files \
         may lie there. Where others may, too, say so in `[rules]`.";
    EMPTY_FILE = "M022" "empty-file" Warning "0.2.0"
        "A record file holds no record."
        "A file that was emptied by mistake looks like this: what it recorded is gone from the \
         release. Restore it, or remove the file.";
    SAME_FILE = "M023" "same-file" Warning "0.2.0"
        "Two paths lead to the same file, or do on other systems."
        "A file that patterns find under two names is read once, so that no record is there \
         twice. Names that differ only in capitals, or in how an accent is encoded, are one file on \
         macOS and Windows: one of the two is lost there.";
    TABLE_WITHOUT_FILES = "M024" "table-without-files" Error "0.2.0"
        "No file matches any pattern of a table."
        "A mistyped pattern would publish an empty table. Correct it. If a table has no records \
         yet, write `may_be_empty = true` for it in the manifest.";
    TOO_LARGE_SCHEMA = "M025" "too-large-schema" Error "0.2.0"
        "A schema or code list is larger than Demarche takes."
        "Schemas come with the data, so a small file could otherwise take all memory: one that \
         doubles itself thirty times has a thousand million columns. The limits in \
         `docs/schema.md` are far beyond what people can fill in by hand.";
    FOREIGN_PATTERN = "M026" "foreign-pattern" Error "0.2.0"
        "A pattern isn't a regular expression of ECMA-262, or is too large for one."
        "JSON Schema says that patterns are regular expressions of ECMA-262 (JavaScript), read with \
         the flag `u`. Other dialects look alike and mean other things, so that other software would \
         refuse the schema, or take other texts. Write it as the finding says. Where all software \
         would still take it for the same, the finding is a warning.";
    UNDECIDED_PATTERN = "M027" "undecided-pattern" Error "0.2.0"
        "Whether a text matches a pattern takes too many steps to tell."
        "Some patterns can be matched in so many ways that trying all of them takes years. The text may \
         be right or wrong: it wasn't judged, so it isn't released. Change the pattern in the schema: \
         leave out `\\1` and its like, and let each text be read in one way, as in `^(aa?)+$` for \
         `^(a|aa)+$`.";
    UNSATISFIABLE = "M028" "unsatisfiable" Error "0.2.0"
        "A schema demands what it doesn't allow, so that no value can be valid."
        "Every record would be refused, for a mistake that stands once, in the schema: a required \
         property that a closed object doesn't have, a smallest value above the largest one, types \
         that no value has at once.";
    RESERVED_NAME = "M029" "reserved-name" Warning "0.2.0"
        "A table or column is called like a reserved word of SQL, Stata or R."
        "Whoever asks for the column `from` or `order` in SQL gets an error until they quote it, and \
         Stata refuses or renames `in` and `using` without being asked. The words are those that \
         DuckDB, PostgreSQL or SQLite refuse as the name of a column, and those that Stata and R \
         reserve. `x-column` gives a property another column name; records stay as they are.";
    UNUSABLE_MARKER = "M030" "unusable-marker" Error "0.2.0"
        "A marker for missing values is declared that can't be one."
        "`missing` in the manifest and `x-missing` in a schema say which texts and numbers stand for a \
         missing value. What is a value of the same column, such as a code of its list or the `1` of a \
         boolean, can't be a marker as well: nobody could tell the two apart. Nor can a key be missing. A \
         reason must be one of the codes of the property that takes it (`x-missing-of`).";
    UNUSABLE_TEMPLATE = "M031" "unusable-template" Error "0.2.0"
        "A template from which keys are to be made can't be used."
        "`key = { property = \"id\", from = \"{state}-{year}\" }` makes the key of each record from text and from \
         what stands in braces: `{stem}` is the name of the file up to its first dot, `{content}` a hash of what \
         the record says, and anything else a property of the record, or of an object in it (`{port.name}`). It \
         must be released, and text, a code, an integer or a date.";
    ADMITTED_MARKER = "M032" "admitted-marker" Warning "0.2.0"
        "A marker for missing values of a table is a value that the schema of a column allows."
        "A table's markers hold for all its columns. Where the schema of one has bounds that let `-9` \
         through, or a pattern of codes that fits `NA`, which is Namibia in ISO 3166, the value may be meant. \
         It counts as missing. If that is right, let the bounds or the pattern leave it out, or list it in \
         `x-missing` on the property; if it is a value there, give the property an `x-missing` without it.";
    CONTRADICTORY_DIALECT = "M033" "contradictory-dialect" Error "0.2.0"
        "What the manifest says of how a CSV file is written can't be so."
        "A mark can't both separate cells and enclose them, and no number can be read whose decimals and \
         thousands have the same mark. Each key of a block `[[tables.<name>.csv]]` has one meaning; where \
         two contradict each other, no file is read by them.";
    UNMATCHED_COLUMN = "M034" "unmatched-column" Warning "0.2.0"
        "The manifest names a column that none of the files has."
        "A block `[[tables.<name>.csv]]` renames, ignores or gathers a column by its name or by a pattern, \
         and no header of the block's files has such a column. Either the name is mistyped, and the column \
         that was meant is read otherwise, or the line is left over.";
    CONTRADICTORY_CODE_LIST = "M038" "contradictory-code-list" Error "0.2.0"
        "An entry of `[codelists]` contradicts itself."
        "A code list is a file, or made of other lists: then what is said of files (`file`, `columns`, \
         `open`) belongs into the entries of these. And no list is made of itself, by whatever way.";
    INVALID_CONSTRAINT = "M039" "invalid-constraint" Error "0.2.0"
        "A constraint or expectation can't be used."
        "The expression doesn't parse, names what the schema doesn't have, compares values of different kinds, or is \
         over a limit. It would check nothing, so no record is checked until it is mended. `docs/constraints.md` \
         describes the language.";
    UNUSABLE_DERIVATION = "M040" "unusable-derivation" Error "0.2.0"
        "A system, a crosswalk or a derived table of the manifest can't be used."
        "What is worked out from records depends on rules that the manifest states: which units there are and until \
         when that is known, what a record's date is, which values count. Where such a rule is missing or \
         contradicts the schema, no table is made of it. `docs/derived.md` describes the rules.";
    REASON_BESIDE_VALUE = "N002" "reason-beside-value" Error "0.2.0"
        "A record gives a value and a reason why it is missing, or two reasons."
        "A property with `x-missing-of` says why another one is missing. Where both are there, one of the \
         two is wrong, and nobody else can tell which.";
    INVALID_SYNTAX = "P001" "invalid-syntax" Error "0.1.0"
        "A file can't be parsed."
        "Nothing in the file can be trusted after the place where it stops making sense; the \
         other files are checked all the same.",
        loses_records: true;
    INVALID_UTF8 = "P002" "invalid-utf8" Error "0.1.0"
        "A file isn't UTF-8."
        "Save the file as UTF-8. Spreadsheets write Windows-1252 unless told otherwise: choose \
         “CSV UTF-8”.";
    DUPLICATE_KEY = "P003" "duplicate-key" Error "0.1.0"
        "An object has the same key twice."
        "Most software keeps one of the two values and says nothing. Remove one; if both are \
         meant, make a list.";
    INEXACT_NUMBER = "P004" "inexact-number" Error "0.1.0"
        "A number has more digits than a 64-bit number keeps."
        "Software that reads the number gets another one. If it is an identifier, make the \
         property text and quote the value; else round it.";
    NON_FINITE_NUMBER = "P005" "non-finite-number" Error "0.1.0"
        "A number is infinite, not a number, or too large."
        "JSON has no such numbers, and a 64-bit column has no room for larger ones. Leave the \
         property out where the value isn't known.",
        loses_records: true;
    NESTING_TOO_DEEP = "P006" "nesting-too-deep" Error "0.1.0"
        "Values are nested deeper than any record needs."
        "Records are a few levels deep. Hundreds of them are an attack, or a program that \
         wrote brackets without end; the record isn't read.",
        loses_records: true;
    LINE_TOO_LONG = "P007" "line-too-long" Error "0.1.0"
        "A line or file is longer than any record needs."
        "Mostly a line feed is missing, or the file isn't text at all. A file of many records \
         belongs in JSON Lines or CSV, which are read line by line.",
        loses_records: true;
    ALIAS_EXPLOSION = "P008" "alias-explosion" Error "0.1.0"
        "YAML aliases expand to more than a record needs."
        "A few lines of YAML can stand for billions of values, or for a value that contains \
         itself. Write the values out.",
        loses_records: true;
    YAML_1_1_VALUE = "P009" "yaml-1-1-value" Warning "0.1.0"
        "YAML 1.1 software reads a plain scalar as something else."
        "Most YAML software still reads version 1.1, in which `no` is false, `0123` is 83 and \
         `12:30:00` is 45000. Demarche reads what is written; quotes make everybody do so.";
    CORRUPT_COMPRESSION = "P010" "corrupt-compression" Error "0.1.0"
        "A compressed file can't be unpacked."
        "The file is damaged or was cut off on its way. Make it again; what could be unpacked \
         isn't trusted.",
        loses_records: true;
    UNKNOWN_COLUMN = "P011" "unknown-column" Error "0.1.0"
        "A CSV column belongs to no property of the table."
        "Its cells would be lost. Columns are named as in the release: `venue_name` for `name` in \
         `venue`.";
    DUPLICATE_COLUMN = "P012" "duplicate-column" Error "0.1.0"
        "Two CSV columns hold the same property."
        "Each row would have two values for one property, and no way to choose. A column may \
         go by its name in releases or by the path of its property, so two names can mean the \
         same.";
    RAGGED_ROW = "P013" "ragged-row" Error "0.1.0"
        "A CSV row has more or fewer cells than the header."
        "A cell with a comma needs quotes, or the row's cells shift to the right.",
        loses_records: true;
    ORPHAN_ROW = "P014" "orphan-row" Error "0.1.0"
        "A row of a child table names no parent record."
        "Rows of a child table belong to a parent by its key. Without the parent the row would be \
         lost.";
    INVALID_POSITION = "P015" "invalid-position" Error "0.1.0"
        "The positions of a list's rows aren't 0, 1, 2 and so on."
        "Positions say the order of a list's items. A gap or a repeated one mostly means that \
         rows were lost, sorted apart or entered twice.";
    DERIVED_MISMATCH = "P016" "derived-mismatch" Error "0.1.0"
        "A derived column says something else than what it is derived from."
        "Derived columns are worked out again at each build. If one was edited by hand, edit what \
         it is derived from.";
    UNSUPPORTED_TAG = "P017" "unsupported-tag" Error "0.1.0"
        "A YAML tag has no meaning in a record."
        "A tag such as `!!binary` or `!person` makes YAML software read a value as something \
         else than it looks like. Records are text, numbers, lists and objects: remove the \
         tag.";
    NOT_A_RECORD = "P018" "not-a-record" Error "0.1.0"
        "A record isn't an object."
        "A record says something about one thing, property by property. A file that holds only \
         a number, a text or a list of them says nothing about anything.",
        loses_records: true;
    FOREIGN_CONTENT = "P019" "foreign-content" Error "0.2.0"
        "A file holds something else than its name says."
        "A workbook saved as `.xlsx` and renamed, a web page that came instead of the download, a \
         Git LFS pointer whose file was never fetched, a packed file without its ending: nothing of \
         it can be read. Export or fetch the data, in the format that the name says.",
        loses_records: true;
    MERGE_CONFLICT = "P020" "merge-conflict" Error "0.2.0"
        "A file holds the marks of a merge that nobody finished."
        "Git writes both versions into the file, between `<<<<<<<` and `>>>>>>>`, where it can't \
         decide. Keep what is right and remove the marks. What lies between them isn't read, and \
         of a file that isn't read line by line nothing is.",
        loses_records: true;
    MISREAD_TEXT = "P021" "misread-text" Warning "0.2.0"
        "A text is read otherwise than whoever wrote it plainly meant."
        "The format has a rule that people stumble over: in YAML ` #` begins a comment, a line that \
         is indented further goes on with the text above, and only straight quotation marks quote; \
         in a CSV cell with several items the separator ends an item even between brackets. What is \
         read is valid and says something else. Quote the text, so that it means what it says.";
    WRAPPED_RECORDS = "P022" "wrapped-records" Error "0.2.0"
        "The records of a file stand below a key of their own."
        "A file holds a record, or a list of records, and nothing around them. Exports of databases \
         and web services often wrap the list: `{\"items\": [ … ]}`. Remove what is around it.",
        loses_records: true;
    WRONG_SEPARATOR = "P023" "wrong-separator" Error "0.2.0"
        "The cells of a CSV file aren't separated by commas."
        "Spreadsheets separate cells by semicolons where the comma is the decimal mark, and some \
         programs by tabs. Here cells are separated by commas, and numbers have a point. Nothing of \
         the file is read.",
        loses_records: true;
    EMPTY_ROW = "P024" "empty-row" Warning "0.2.0"
        "A CSV row has nothing in its cells."
        "Spreadsheets write rows of commas for lines that were once in use. Such a row is no record \
         and is passed over. Delete it; if a record was meant, it was lost before.";
    UNDECODABLE_BYTE = "P025" "undecodable-byte" Error "0.2.0"
        "A file holds bytes that stand for nothing in the encoding that the manifest declares."
        "Every encoding has bytes that stand for no character. A file that holds such a byte was saved \
         in another encoding, or was damaged, and its other letters may be wrong, too. Declare the encoding \
         that it was saved in.";
    MISSPELT_NUMBER = "P026" "misspelt-number" Error "0.2.0"
        "A number isn't written as the manifest says that numbers are written in its file."
        "Where decimals stand behind a comma, `1.234` may be a thousand or one and a bit. It is read as \
         neither. Mend the cell, or declare `decimal` and `thousands` as the file writes them.",
        explains: Consequence::OfValue, consequence: Consequence::Nothing;
    AMBIGUOUS_DATE = "P027" "ambiguous-date" Error "0.2.0"
        "Two patterns of dates read different days in one cell."
        "The manifest declares both `dd/MM/yyyy` and `MM/dd/yyyy`, and `01/02/2023` fits both. It is read \
         as neither. Write the day as 2023-02-01, or declare only the pattern that the file keeps to.",
        explains: Consequence::OfValue, consequence: Consequence::Nothing;
    UNEQUAL_LISTS = "P028" "unequal-lists" Error "0.2.0"
        "Cells that make a list together hold different numbers of items."
        "The manifest says that the items of some cells belong together, the first of one to the first of \
         the other. Where one cell has fewer, nobody can tell which items belong together.";
    DANGLING_REFERENCE = "R001" "dangling-reference" Error "0.1.0"
        "A reference names a record that isn't there."
        "Either the record is missing, or the key is mistyped. References are checked over the \
         whole dataset, whatever file they stand in.",
        needs_all_records: true;
    ORPHAN = "R002" "orphan" Note "0.1.0"
        "No record refers to a record that is only there to be referred to."
        "Persons, places or sources that nothing refers to are mostly left over from a \
         correction, or the reference was forgotten.",
        needs_all_records: true;
    UNCHECKED_REFERENCES = "R003" "unchecked-references" Note "0.2.0"
        "References weren't checked, because records that they may lead to couldn't be read."
        "A reference to a record that can't be read, or whose key is missing, isn't wrong: its \
         record is. So while a table has such records, references that lead to none of its other \
         records are only counted. Mend the records, and the references are checked.";
    WRONG_TYPE = "S001" "wrong-type" Error "0.1.0"
        "A value has another type than its schema allows."
        "Quotes decide in YAML and JSON: `2023` is a number, `\"2023\"` is text. A table's column \
         holds one type.",
        concern: Concern::Form, explains: Consequence::OfValue, consequence: Consequence::Nothing;
    NOT_IN_ENUM = "S002" "not-in-enum" Error "0.1.0"
        "A value is none of those that its schema lists."
        "The schema allows a few words here, and compares them letter by letter. Write one of \
         them. If one is missing, add it to the schema, with a description that says when to \
         use it.";
    UNKNOWN_CODE = "S003" "unknown-code" Error "0.1.0"
        "A value is no code of its code list."
        "Codes are compared letter by letter, capitals too. New codes are added to the list's CSV \
         file, with a definition.";
    MISSING_PROPERTY = "S004" "missing-property" Error "0.1.0"
        "An object lacks a property that its schema requires."
        "A column that every record must fill is empty in this one. Add the property. Where \
         nobody knows the value, say so as the schema provides for it; don't invent one. If \
         the property may well be unknown, the schema shouldn't require it.",
        concern: Concern::Properties, consequence: Consequence::Nothing;
    UNKNOWN_PROPERTY = "S005" "unknown-property" Error "0.1.0"
        "An object has a property that its schema doesn't know."
        "What the schema doesn't name has no column and would be lost; mostly the name is \
         misspelt.",
        concern: Concern::Properties;
    OUT_OF_RANGE = "S006" "out-of-range" Error "0.1.0"
        "A number is outside the bounds of its schema."
        "The schema gives the smallest or largest value that makes sense. A value beyond it is \
         mostly a slip of the keyboard, another unit, or a value for missing such as -99.";
    WRONG_LENGTH = "S007" "wrong-length" Error "0.1.0"
        "Text is shorter or longer than its schema allows."
        "The schema limits how short or long a text may be, mostly so that it fits a column, \
         or so that it says something at all.";
    PATTERN_MISMATCH = "S008" "pattern-mismatch" Error "0.1.0"
        "Text doesn't match the pattern of its schema."
        "A pattern is a regular expression that the whole dataset follows, such as that of \
         identifiers. The schema's description of the property says in words what it wants.";
    FORMAT_MISMATCH = "S009" "format-mismatch" Error "0.1.0"
        "Text isn't of the format that its schema names."
        "Formats are fixed ways of writing, such as `2023-12-03` for a day. What is written \
         otherwise can't be compared or computed with.",
        concern: Concern::Form;
    WRONG_COUNT = "S010" "wrong-count" Error "0.1.0"
        "A list or object has fewer or more members than its schema allows."
        "The schema says how many items a list, or how many properties an object, must or may \
         have.";
    DUPLICATE_ITEM = "S011" "duplicate-item" Error "0.1.0"
        "A list says the same thing twice where its schema wants unique items."
        "The list is a set: an item counts once, however often it is listed. Remove one, or \
         correct it if another was meant.";
    NO_ALTERNATIVE = "S012" "no-alternative" Error "0.1.0"
        "A value fits none of the alternatives of its schema, or more than one."
        "The schema offers several shapes for the value. Where one was plainly meant, by what it is or by \
         the value of a property that tells them apart, the finding is about that one, under the code of \
         its fault. Else the help says of each why the value doesn't fit.";
    FORBIDDEN = "S013" "forbidden" Error "0.1.0"
        "A value is one that its schema rules out."
        "The schema says what may not be here, on its own or together with something else.";
    EMPTY_TEXT = "S014" "empty-text" Error "0.1.0"
        "Text is empty, which a table can't tell from missing."
        "Leave the property out where nothing is known: a CSV cell can't tell empty text from a \
         missing value.",
        explains: Consequence::OfValue, consequence: Consequence::Nothing;
    EMPTY_OBJECT = "S015" "empty-object" Error "0.1.0"
        "An object says nothing, which a table can't tell from missing."
        "Leave the property out where nothing is known: an object without values leaves no trace \
         in a table.",
        explains: Consequence::OfValue, consequence: Consequence::Nothing;
    UNDECLARED_LANGUAGE = "S016" "undeclared-language" Error "0.1.0"
        "A text is in a language that the manifest doesn't declare."
        "Each language of a text has a column, so the manifest's `languages` must name it.";
    INTEGER_TOO_LARGE = "S017" "integer-too-large" Error "0.1.0"
        "An integer doesn't fit the 64 bits of a column."
        "Numbers of that size are mostly identifiers: make the property text, and quote the \
         values.";
    TOO_MANY_VALUES = "S018" "too-many-values" Warning "0.2.0"
        "A record has more values with roles than rules compare."
        "Rules that compare records look at the first 65,535 dates with roles of a record, and at as \
         many codes, names and references. What comes later they don't see, so they may miss a \
         duplicate or a contradiction. The schema still checks every value.";
    TOO_MANY_PARTIES = "S019" "too-many-parties" Error "0.2.0"
        "A record has more parties than pairs are made of."
        "Dyads of the manifest make a row of each two parties of a record: a hundred parties are 5,000 pairs, and ten thousand would be \
         fifty million. Of more than 1,000 parties in one record no pairs are made: split the record, or leave its list out of the dyads.";
    TOO_LARGE_DERIVATION = "S020" "too-large-derivation" Error "0.2.0"
        "A derived table would have more rows than can be made."
        "A panel and a membership have a row for each unit, or pair of units, and each period, whatever the records say: all \
         pairs of 5,000 units by day are more than anybody can keep. Choose longer periods, a shorter time, or fewer units.";
    OTHER_VIOLATION = "S099" "other-violation" Error "0.1.0"
        "A value breaks a rule of its schema that has no code of its own."
        "Rarely used keywords of JSON Schema share this code. The message says what the \
         keyword asks for.";
    DUPLICATE_RECORD = "U001" "duplicate-record" Warning "0.1.0"
        "Two records of a table say the same under different keys."
        "Two coders, or one file copied, easily make two records of one thing, and it is counted \
         twice. Keep one, or add what tells them apart.",
        needs_all_records: true;
    STALE_WAIVER = "W001" "stale-waiver" Warning "0.1.0"
        "A waiver accepts a finding that isn't there any more."
        "What was mended needs no waiver, and a waiver that stays may hide the next fault. Remove it.";
    UNKNOWN_WAIVER = "W002" "unknown-waiver" Error "0.1.0"
        "A waiver names no code, and no constraint."
        "`demarche explain` lists the codes with their names, and the constraints and expectations of the project.";
    UNEXPLAINED_WAIVER = "W003" "unexplained-waiver" Error "0.1.0"
        "A waiver gives no reason."
        "Whoever reads the record next must know why the finding was accepted. Say why in a sentence.";
    STALE_BASELINE = "W004" "stale-baseline" Note "0.1.0"
        "The baseline records a finding that isn't there any more."
        "Run `demarche check --update-baseline` to forget what was mended.";
    FORBIDDEN_WAIVER = "W005" "forbidden-waiver" Error "0.1.0"
        "A waiver accepts what nothing can be built from."
        "Only rules about doubtful data can be waived. Mend the data.";
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
