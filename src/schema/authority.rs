//! The authority on JSON Schema: the `jsonschema` crate, run over tapes.
//!
//! This and the file below it are the only ones that see the crate. Verdicts and violations leave it in our own terms.

mod tape_json;

use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use jsonschema::error::{TypeKind, ValidationErrorKind};
use jsonschema::json::Node as _;
use jsonschema::{Draft, Keyword, Retrieve, Uri, ValidationError, Validator};
use serde_json::{Map, Value as JsonValue};
pub use tape_json::{Instance, TapeJson};

use super::references::{MARK, Schemas};
use super::undecided;
use crate::clock;
use crate::decimal::is_decimal;
use crate::ecma::{self, Pattern, Verdict};
use crate::edtf::Edtf;
use crate::tape::Value;

/// A clause of a schema that a value breaks.
#[derive(Clone, Debug, PartialEq)]
pub struct Violation {
    /// JSON Pointer of the value, from the record.
    pub pointer: String,
    /// Where the clause stands: the schema's URI with a JSON Pointer as its fragment.
    pub clause: String,
    /// What the clause demands.
    pub demand: Demand,
}

/// What a schema demands, in the words of its keyword.
#[derive(Clone, Debug, PartialEq)]
#[expect(missing_docs, reason = "each variant is the keyword of that name")]
pub enum Demand {
    Type(Vec<String>),
    Enum(Arc<JsonValue>),
    Const(Arc<JsonValue>),
    Required(String),
    AdditionalProperties(Vec<String>),
    UnevaluatedProperties(Vec<String>),
    /// The name, and what it breaks.
    PropertyNames(String, Box<Violation>),
    Minimum(JsonValue),
    Maximum(JsonValue),
    ExclusiveMinimum(JsonValue),
    ExclusiveMaximum(JsonValue),
    MultipleOf(f64),
    MinLength(u64),
    MaxLength(u64),
    Pattern(String),
    /// `pattern`, where the pattern gave up on the text.
    Undecided(String),
    Format(String),
    MinItems(u64),
    MaxItems(u64),
    MinProperties(u64),
    MaxProperties(u64),
    UniqueItems,
    AnyOf(Vec<Vec<Violation>>),
    OneOf(Vec<Vec<Violation>>),
    /// The positions of the branches that fit.
    OnlyOneOf(Vec<usize>),
    Not(JsonValue),
    Nothing,
    /// `contains`, `minContains` or `maxContains`: the clause says which.
    Contains,
    /// The items that no keyword allows, as the crate names them: see [`named_by_crate`].
    UnevaluatedItems(Vec<String>),
    /// Any other keyword.
    Other {
        keyword: String,
    },
}

/// Validators, one a table. Where an acceptor understands the whole schema it is compiled when the
/// first record isn't accepted: mostly never.
pub struct Authority {
    schemas: Arc<Schemas>,
    roots: Vec<usize>,
    validators: Vec<OnceLock<Validator<TapeJson>>>,
}

impl Authority {
    /// An authority over the documents `roots`, one a table; the others are there to be referred
    /// to. `known` says of each root whether it is known to be compilable.
    ///
    /// # Errors
    /// What is wrong with a schema, as (index into `roots`, JSON Pointer, message).
    pub fn new(
        schemas: Arc<Schemas>,
        roots: &[usize],
        known: impl Fn(usize) -> bool,
    ) -> Result<Self, (usize, String, String)> {
        let validators = roots.iter().map(|_| OnceLock::new()).collect();
        let authority = Self { schemas, roots: roots.to_vec(), validators };
        for (index, validator) in authority.validators.iter().enumerate() {
            if !known(index) {
                let compiled = authority.compile(index).map_err(|error| {
                    (index, error.instance_path().as_str().to_owned(), error.to_string())
                })?;
                validator.set(compiled).expect("it is compiled once");
            }
        }
        Ok(authority)
    }

    fn compile(&self, table: usize) -> Result<Validator<TapeJson>, ValidationError<'static>> {
        let uri = self.schemas.uri(self.roots[table]);
        let schema = self.schemas.named(uri).expect("a document is known by its URI");
        let options = options()
            .with_base_uri(uri.to_owned())
            .with_retriever(Library(Arc::clone(&self.schemas)));
        options.build(&schema).map_err(ValidationError::to_owned)
    }

    fn validator(&self, table: usize) -> &Validator<TapeJson> {
        self.validators[table].get_or_init(|| {
            self.compile(table).unwrap_or_else(|error| {
                panic!("an acceptor understood a schema that can't be compiled: {error}")
            })
        })
    }

    /// An authority over one schema that refers to nothing outside itself but `library`, a map
    /// from URI to schema.
    ///
    /// # Errors
    /// What is wrong with the schema.
    pub fn of_schema(
        schema: &JsonValue,
        library: HashMap<String, Arc<JsonValue>>,
        assert_formats: bool,
    ) -> Result<Self, String> {
        let validator = options()
            .should_validate_formats(assert_formats)
            .with_retriever(Library(Arc::new(Schemas::of(&library))))
            .build(schema)
            .map_err(|error| error.to_string())?;
        let validators = vec![OnceLock::from(validator)];
        Ok(Self { schemas: Arc::default(), roots: Vec::new(), validators })
    }

    /// Whether a record of that table is certainly valid.
    #[must_use]
    pub fn accepts(&self, table: usize, record: Value<'_>) -> bool {
        let accepted = self.validator(table).is_valid(Instance::Value(record));
        undecided::take().is_none() && accepted
    }

    /// What an invalid record breaks, or where nobody can tell.
    #[must_use]
    pub fn violations(&self, table: usize, record: Value<'_>) -> Vec<Violation> {
        let errors = self.validator(table).iter_errors(Instance::Value(record));
        let mut violations: Vec<_> = errors.map(|error| violation(&error)).collect();
        let Some(pattern) = undecided::take() else { return violations };
        // What follows from something that nobody knows isn't known either.
        violations.retain(|violation| {
            let (_, way) = violation.clause.split_once('#').unwrap_or_default();
            !way.split('/').any(|keyword| DEPENDING.contains(&keyword))
        });
        if !violations.iter().any(|it| matches!(it.demand, Demand::Undecided(_))) {
            let demand = Demand::Undecided(pattern);
            violations.push(Violation { pointer: String::new(), clause: String::new(), demand });
        }
        violations
    }
}

/// Keywords whose verdict depends on a "no" that may be none.
const DEPENDING: [&str; 7] =
    ["anyOf", "contains", "dependentSchemas", "else", "not", "oneOf", "then"];

/// A part of a schema, as the crate sees it.
pub struct PartCheck {
    validator: Validator<TapeJson>,
    /// The part, for debugging.
    schema: JsonValue,
}

impl PartCheck {
    /// A demand on texts, of one keyword; none if it can't be compiled.
    #[must_use]
    pub fn keyword(keyword: &str, value: &str) -> Option<Self> {
        let schema = serde_json::json!({ keyword: value });
        let validator = options().build(&schema).ok()?;
        Some(Self { validator, schema })
    }

    /// What stands at a place of a document; none if it can't be compiled.
    #[must_use]
    pub fn subschema(
        schemas: &Arc<Schemas>,
        document: usize,
        pointer: &str,
        assert_formats: bool,
    ) -> Option<Self> {
        let mut reference = format!("{}#", schemas.uri(document));
        for byte in pointer.bytes() {
            match byte {
                b'/' | b'~' | b'-' | b'_' | b'$' => reference.push(byte.into()),
                byte if byte.is_ascii_alphanumeric() => reference.push(byte.into()),
                byte => write!(reference, "%{byte:02X}").expect("strings take all"),
            }
        }
        let schema = serde_json::json!({ "$ref": reference });
        let validator = options()
            .should_validate_formats(assert_formats)
            .with_retriever(Library(Arc::clone(schemas)))
            .build(&schema)
            .ok()?;
        Some(Self { validator, schema })
    }

    /// Whether a value meets it.
    #[must_use]
    pub fn accepts(&self, value: Value<'_>) -> bool {
        self.validator.is_valid(Instance::Value(value))
    }

    /// Whether a value meets it; none if nobody can decide, because a pattern took too many steps.
    #[must_use]
    pub fn decide(&self, value: Value<'_>) -> Option<bool> {
        let accepted = self.accepts(value);
        undecided::take().is_none().then_some(accepted)
    }

    /// Whether a text meets it.
    #[must_use]
    pub fn accepts_text(&self, text: &str) -> bool {
        self.validator.is_valid(Instance::Name(text))
    }
}

impl std::fmt::Debug for PartCheck {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}", self.schema)
    }
}

/// Checks a schema against the meta-schema of JSON Schema 2020-12.
#[must_use]
pub fn check_schema(schema: &JsonValue) -> Vec<Violation> {
    let validator = jsonschema::draft202012::meta::validator();
    validator.iter_errors(schema).map(|error| violation(&error)).collect()
}

fn options<'i>() -> jsonschema::ValidationOptions<'i, Arc<dyn Retrieve>, TapeJson> {
    let known = Mutex::default();
    jsonschema::options_for::<TapeJson>()
        .with_draft(Draft::Draft202012)
        .should_validate_formats(true)
        .with_format("edtf", |text: &str| Edtf::parse(text).is_ok())
        .with_format("date-time-local", |text: &str| clock::local_time(text).is_some())
        .with_format("time-local", |text: &str| clock::time_of_day(text).is_some())
        .with_format("decimal", |text: &str| is_decimal(text.as_bytes()))
        .with_format("regex", ecma::is_pattern)
        .with_keyword("pattern", move |schema, value, _| {
            compile_pattern(&known, schema, value.as_str().unwrap_or_default())
        })
        .offline()
}

/// A keyword that the crate asks, or why there is none.
type Compiled<'a> = Result<Box<dyn for<'i> Keyword<'i, TapeJson>>, ValidationError<'a>>;

/// The keyword `pattern` by ECMA-262: the crate knows other regular expressions, and takes one that
/// gives up for one that says no.
fn compile_pattern<'a>(
    known: &Mutex<HashMap<String, Arc<Pattern>>>,
    schema: &Map<String, JsonValue>,
    text: &str,
) -> Compiled<'a> {
    let mut known = known.lock().unwrap_or_else(PoisonError::into_inner);
    let pattern = match known.get(text) {
        Some(pattern) => Arc::clone(pattern),
        None => {
            let compiled = Pattern::new(text)
                .map_err(|fault| ValidationError::custom(format!("`{text}`: {}", fault.message)))?;
            Arc::clone(known.entry(text.to_owned()).or_insert(Arc::new(compiled)))
        }
    };
    let at = schema.get(MARK).and_then(JsonValue::as_str).unwrap_or("#");
    let clause = format!("{at}/pattern");
    Ok(Box::new(PatternKeyword { pattern, text: text.to_owned(), clause }))
}

/// One `pattern` of a schema.
struct PatternKeyword {
    pattern: Arc<Pattern>,
    text: String,
    clause: String,
}

impl PatternKeyword {
    fn verdict(&self, instance: Instance<'_>) -> Verdict {
        let verdict = instance.as_string().map_or(Verdict::Match, |text| self.pattern.find(&text));
        if verdict == Verdict::Undecided {
            undecided::note(&self.text);
        }
        verdict
    }
}

impl<'i> Keyword<'i, TapeJson> for PatternKeyword {
    fn validate(&self, instance: Instance<'i>) -> Result<(), ValidationError<'i>> {
        // The crate lets keywords say nothing but a text.
        let wrong = |word: &str| {
            let Self { clause, text, .. } = self;
            Err(ValidationError::custom(format!("{word}\n{clause}\n{text}")))
        };
        match self.verdict(instance) {
            Verdict::Match => Ok(()),
            Verdict::NoMatch => wrong(NO_MATCH),
            Verdict::Undecided => wrong(UNDECIDED),
        }
    }

    fn is_valid(&self, instance: Instance<'i>) -> bool {
        self.verdict(instance) == Verdict::Match
    }
}

const NO_MATCH: &str = "no match";
const UNDECIDED: &str = "undecided";

/// What [`PatternKeyword`] said.
fn pattern_violation(pointer: &str, message: &str) -> Option<Violation> {
    let mut parts = message.splitn(3, '\n');
    let (word, clause, text) = (parts.next()?, parts.next()?, parts.next()?.to_owned());
    let demand = match word {
        NO_MATCH => Demand::Pattern(text),
        UNDECIDED => Demand::Undecided(text),
        _ => return None,
    };
    Some(Violation { pointer: pointer.to_owned(), clause: clause.to_owned(), demand })
}

impl std::fmt::Debug for Authority {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Authority over {} schemas", self.validators.len())
    }
}

/// Finds schemas by URI among those that were read; nothing is ever fetched.
#[derive(Clone)]
struct Library(Arc<Schemas>);

impl Retrieve for Library {
    fn retrieve(
        &self,
        uri: &Uri<String>,
    ) -> Result<JsonValue, Box<dyn std::error::Error + Send + Sync>> {
        let uri = uri.as_str().trim_end_matches('#');
        match self.0.named(uri) {
            Some(schema) => Ok(schema),
            None => Err(format!("no schema file has the `$id` {uri}").into()),
        }
    }
}

fn violation(error: &ValidationError<'_>) -> Violation {
    let pointer = error.instance_path().as_str().to_owned();
    if let ValidationErrorKind::Custom { message, .. } = error.kind()
        && let Some(violation) = pattern_violation(&pointer, message)
    {
        return violation;
    }
    let clause = error.absolute_keyword_location().map_or_else(
        || format!("#{}", error.schema_path().as_str()),
        |uri| uri.as_str().to_owned(),
    );
    Violation { pointer, clause, demand: demand(error.kind()) }
}

fn demand(kind: &ValidationErrorKind) -> Demand {
    use ValidationErrorKind as K;
    let branches = |context: &Vec<Vec<ValidationError<'static>>>| {
        context.iter().map(|branch| branch.iter().map(violation).collect()).collect()
    };
    match kind {
        K::Type { kind } => Demand::Type(match kind {
            TypeKind::Single(one) => vec![one.to_string()],
            TypeKind::Multiple(several) => several.iter().map(|one| one.to_string()).collect(),
        }),
        K::Enum { options } => Demand::Enum(Arc::clone(options)),
        K::Constant { expected_value } => Demand::Const(Arc::clone(expected_value)),
        K::Required { property } => {
            Demand::Required(property.as_str().unwrap_or_default().to_owned())
        }
        K::AdditionalProperties { unexpected } => Demand::AdditionalProperties(unexpected.clone()),
        K::UnevaluatedProperties { unexpected } => {
            Demand::UnevaluatedProperties(unexpected.clone())
        }
        K::PropertyNames { error } => {
            let name = error.instance().as_str().unwrap_or_default().to_owned();
            Demand::PropertyNames(name, Box::new(violation(error)))
        }
        K::Minimum { limit } => Demand::Minimum(limit.clone()),
        K::Maximum { limit } => Demand::Maximum(limit.clone()),
        K::ExclusiveMinimum { limit } => Demand::ExclusiveMinimum(limit.clone()),
        K::ExclusiveMaximum { limit } => Demand::ExclusiveMaximum(limit.clone()),
        K::MultipleOf { multiple_of } => Demand::MultipleOf(*multiple_of),
        K::MinLength { limit } => Demand::MinLength(*limit),
        K::MaxLength { limit } => Demand::MaxLength(*limit),
        K::Pattern { pattern } => Demand::Pattern(pattern.clone()),
        K::Format { format } => Demand::Format(format.clone()),
        K::MinItems { limit } => Demand::MinItems(*limit),
        K::MaxItems { limit } => Demand::MaxItems(*limit),
        K::MinProperties { limit } => Demand::MinProperties(*limit),
        K::MaxProperties { limit } => Demand::MaxProperties(*limit),
        K::UniqueItems => Demand::UniqueItems,
        K::AnyOf { context } => Demand::AnyOf(branches(context)),
        K::OneOfNotValid { context } => Demand::OneOf(branches(context)),
        K::OneOfMultipleValid { context } => {
            let fitting = context.iter().enumerate().filter(|(_, branch)| branch.is_empty());
            Demand::OnlyOneOf(fitting.map(|(position, _)| position).collect())
        }
        K::Not { schema } => Demand::Not(unmarked(schema.clone())),
        K::FalseSchema => Demand::Nothing,
        K::Contains => Demand::Contains,
        K::UnevaluatedItems { unexpected } => Demand::UnevaluatedItems(unexpected.clone()),
        K::AdditionalItems { .. }
        | K::BacktrackLimitExceeded { .. }
        | K::RegexEngineFailure { .. }
        | K::ContentEncoding { .. }
        | K::ContentMediaType { .. }
        | K::Custom { .. }
        | K::FromUtf8 { .. }
        | K::Referencing(_) => Demand::Other { keyword: kind.keyword().to_owned() },
    }
}

/// A schema without marks.
fn unmarked(mut schema: JsonValue) -> JsonValue {
    match &mut schema {
        JsonValue::Object(entries) => {
            entries.remove(MARK);
            entries.values_mut().for_each(|value| *value = unmarked(value.take()));
        }
        JsonValue::Array(items) => {
            items.iter_mut().for_each(|item| *item = unmarked(item.take()));
        }
        JsonValue::Null | JsonValue::Bool(_) | JsonValue::Number(_) | JsonValue::String(_) => {}
    }
    schema
}

/// Of larger values, errors hold only the number.
const SHOWN_SIZE_MAX: u32 = 256;

/// What the crate calls an item of a list in [`Demand::UnevaluatedItems`].
pub(super) fn named_by_crate(item: Value<'_>) -> String {
    Instance::Value(item).to_value().to_string()
}
