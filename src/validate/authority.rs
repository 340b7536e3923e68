//! The authority on JSON Schema: the `jsonschema` crate, run over tapes.
//!
//! This is the only file that sees the crate. Verdicts and violations leave it in our own terms.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::{Arc, OnceLock};

use jsonschema::error::{TypeKind, ValidationErrorKind};
use jsonschema::json::{Array, Json, JsonNumber, Node, NodeIdentity, Object};
use jsonschema::{Draft, JsonType, Retrieve, Uri, ValidationError, Validator};
use serde_json::Value as JsonValue;

use super::equality::{equals_json, first_repeated};
use crate::edtf::Edtf;
use crate::model::Document;
use crate::tape::{Entries, Items, Tag, Value};

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
    library: Library,
    schemas: Vec<(String, Arc<JsonValue>)>,
    validators: Vec<OnceLock<Validator<TapeJson>>>,
}

impl Authority {
    /// An authority over the documents of `roots`, one a table; the others are there to be referred
    /// to. `known` says of each root whether it is known to be compilable.
    ///
    /// # Errors
    /// What is wrong with a schema, as (index into `roots`, JSON Pointer, message).
    pub fn new(
        documents: &[Document],
        roots: &[usize],
        known: impl Fn(usize) -> bool,
    ) -> Result<Self, (usize, String, String)> {
        let schema = |document: &Document| (document.uri.clone(), Arc::clone(&document.json));
        let authority = Self {
            library: Library(Arc::new(documents.iter().map(schema).collect())),
            schemas: roots.iter().map(|&root| schema(&documents[root])).collect(),
            validators: roots.iter().map(|_| OnceLock::new()).collect(),
        };
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
        let (uri, schema) = &self.schemas[table];
        let options = options().with_base_uri(uri.clone()).with_retriever(self.library.clone());
        options.build(schema).map_err(ValidationError::to_owned)
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
            .with_retriever(Library(Arc::new(library)))
            .build(schema)
            .map_err(|error| error.to_string())?;
        let library = Library(Arc::default());
        Ok(Self { library, schemas: Vec::new(), validators: vec![OnceLock::from(validator)] })
    }

    /// Whether a record of that table is valid.
    #[must_use]
    pub fn accepts(&self, table: usize, record: Value<'_>) -> bool {
        self.validator(table).is_valid(Instance::Value(record))
    }

    /// What an invalid record breaks.
    #[must_use]
    pub fn violations(&self, table: usize, record: Value<'_>) -> Vec<Violation> {
        self.validator(table)
            .iter_errors(Instance::Value(record))
            .map(|error| violation(&error))
            .collect()
    }
}

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

    /// What stands at a place of `documents` (by URI); none if it can't be compiled.
    #[must_use]
    pub fn subschema(
        documents: &HashMap<String, Arc<JsonValue>>,
        document: &str,
        pointer: &str,
        assert_formats: bool,
    ) -> Option<Self> {
        let mut reference = format!("{document}#");
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
            .with_retriever(Library(Arc::new(documents.clone())))
            .build(&schema)
            .ok()?;
        Some(Self { validator, schema })
    }

    /// Whether a value meets it.
    #[must_use]
    pub fn accepts(&self, value: Value<'_>) -> bool {
        self.validator.is_valid(Instance::Value(value))
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
    jsonschema::options_for::<TapeJson>()
        .with_draft(Draft::Draft202012)
        .should_validate_formats(true)
        .with_format("edtf", |text: &str| Edtf::parse(text).is_ok())
        .offline()
}

impl std::fmt::Debug for Authority {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Authority over {} schemas", self.validators.len())
    }
}

/// Finds schemas by URI among those that were read; nothing is ever fetched.
#[derive(Clone)]
struct Library(Arc<HashMap<String, Arc<JsonValue>>>);

impl Retrieve for Library {
    fn retrieve(
        &self,
        uri: &Uri<String>,
    ) -> Result<JsonValue, Box<dyn std::error::Error + Send + Sync>> {
        let uri = uri.as_str().trim_end_matches('#');
        match self.0.get(uri) {
            Some(schema) => Ok(schema.as_ref().clone()),
            None => Err(format!("no schema file has the `$id` {uri}").into()),
        }
    }
}

fn violation(error: &ValidationError<'_>) -> Violation {
    let pointer = error.instance_path().as_str().to_owned();
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
        K::Not { schema } => Demand::Not(schema.clone()),
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

/// Of larger values, errors hold only the number.
const SHOWN_SIZE_MAX: u32 = 256;

/// What the crate calls an item of a list in [`Demand::UnevaluatedItems`].
pub(super) fn named_by_crate(item: Value<'_>) -> String {
    Instance::Value(item).to_value().to_string()
}

/// Tapes as a representation that `jsonschema` reads in place.
pub struct TapeJson;

/// A value on a tape, or a property's name standing for itself.
#[derive(Clone, Copy)]
pub enum Instance<'t> {
    /// A value.
    Value(Value<'t>),
    /// A name, while `propertyNames` looks at it.
    Name(&'t str),
}

impl Json for TapeJson {
    type Node<'t> = Instance<'t>;
    type PreparedKey = String;
    type StringBuffer = ();

    const ACYCLIC: bool = true;

    fn prepare_key(key: &str) -> String {
        key.to_owned()
    }

    fn with_string_node<T>((): &mut (), string: &str, f: impl FnOnce(Self::Node<'_>) -> T) -> T {
        f(Instance::Name(string))
    }
}

impl<'t> Node<'t, TapeJson> for Instance<'t> {
    type Object = TapeObject<'t>;
    type Array = TapeArray<'t>;
    type Number = TapeNumber;

    fn as_object(&self) -> Option<TapeObject<'t>> {
        match self {
            Self::Value(value) if value.tag() == Tag::Object => Some(TapeObject(*value)),
            Self::Value(_) | Self::Name(_) => None,
        }
    }

    fn as_array(&self) -> Option<TapeArray<'t>> {
        match self {
            Self::Value(value) if value.tag() == Tag::Array => Some(TapeArray(*value)),
            Self::Value(_) | Self::Name(_) => None,
        }
    }

    fn as_string(&self) -> Option<Cow<'t, str>> {
        match self {
            Self::Value(value) => value.as_str().map(Cow::Borrowed),
            Self::Name(name) => Some(Cow::Borrowed(name)),
        }
    }

    fn as_number(&self) -> Option<TapeNumber> {
        let Self::Value(value) = self else { return None };
        match value.tag() {
            Tag::Integer => value.as_i64().map(TapeNumber::Integer),
            Tag::Unsigned => value.as_large_u64().map(TapeNumber::Unsigned),
            Tag::Float => value.as_f64().map(TapeNumber::Float),
            Tag::Null | Tag::Boolean | Tag::Text | Tag::Array | Tag::Object => None,
        }
    }

    fn as_boolean(&self) -> Option<bool> {
        match self {
            Self::Value(value) => value.as_bool(),
            Self::Name(_) => None,
        }
    }

    fn is_null(&self) -> bool {
        matches!(self, Self::Value(value) if value.is_null())
    }

    fn json_type(&self) -> JsonType {
        match self {
            Self::Name(_) => JsonType::String,
            Self::Value(value) => match value.tag() {
                Tag::Null => JsonType::Null,
                Tag::Boolean => JsonType::Boolean,
                Tag::Integer | Tag::Unsigned | Tag::Float => JsonType::Number,
                Tag::Text => JsonType::String,
                Tag::Array => JsonType::Array,
                Tag::Object => JsonType::Object,
            },
        }
    }

    fn string_length_within(&self, min: u64, max: u64) -> Option<bool> {
        let text = self.as_string()?;
        // A character takes one to four bytes, so most bounds are decided without counting.
        let bytes = text.len() as u64;
        if bytes < min || bytes.div_ceil(4) > max {
            return Some(false);
        }
        if min <= bytes.div_ceil(4) && bytes <= max {
            return Some(true);
        }
        Some((min..=max).contains(&(text.chars().count() as u64)))
    }

    fn equals_value(&self, expected: &JsonValue) -> bool {
        match self {
            Self::Name(name) => expected.as_str() == Some(name),
            Self::Value(value) => equals_json(*value, expected),
        }
    }

    fn to_value(&self) -> Cow<'t, JsonValue> {
        Cow::Owned(match self {
            // Every error holds the value that it is about, and one value may have many errors.
            Self::Value(value) if value.size() > SHOWN_SIZE_MAX => JsonValue::from(value.index()),
            Self::Value(value) => value.to_json(),
            Self::Name(name) => JsonValue::from(*name),
        })
    }

    fn identity(&self) -> Option<NodeIdentity> {
        Some(match self {
            Self::Value(value) => NodeIdentity::tagged(value.tape_address(), value.index()),
            Self::Name(name) => NodeIdentity::tagged(name.as_ptr() as usize, u32::MAX),
        })
    }
}

/// An object on a tape.
pub struct TapeObject<'t>(Value<'t>);

impl<'t> Object<'t, TapeJson> for TapeObject<'t> {
    type Node = Instance<'t>;
    type MemberName = &'t str;
    type MembersIter = Members<'t>;

    fn len(&self) -> usize {
        self.0.len()
    }

    fn get(&self, key: &String) -> Option<Instance<'t>> {
        self.0.get(key).map(Instance::Value)
    }

    fn members(&self) -> Members<'t> {
        Members(self.0.entries())
    }
}

/// The entries of an object on a tape.
pub struct Members<'t>(Entries<'t>);

impl<'t> Iterator for Members<'t> {
    type Item = (&'t str, Instance<'t>);

    fn next(&mut self) -> Option<Self::Item> {
        self.0.next().map(|entry| (entry.name(), Instance::Value(entry.value)))
    }
}

/// A list on a tape.
pub struct TapeArray<'t>(Value<'t>);

impl<'t> Array<'t, TapeJson> for TapeArray<'t> {
    type Node = Instance<'t>;
    type ElementsIter = Elements<'t>;

    fn len(&self) -> usize {
        self.0.len()
    }

    fn elements(&self) -> Elements<'t> {
        Elements(self.0.items())
    }

    fn is_unique(&self) -> bool {
        first_repeated(self.0).is_none()
    }
}

/// The items of a list on a tape.
pub struct Elements<'t>(Items<'t>);

impl<'t> Iterator for Elements<'t> {
    type Item = Instance<'t>;

    fn next(&mut self) -> Option<Instance<'t>> {
        self.0.next().map(Instance::Value)
    }
}

/// A number on a tape.
#[derive(Clone, Copy)]
pub enum TapeNumber {
    /// Fits an `i64`.
    Integer(i64),
    /// Only fits a `u64`.
    Unsigned(u64),
    /// Anything else.
    Float(f64),
}

impl JsonNumber for TapeNumber {
    fn as_u64(&self) -> Option<u64> {
        match self {
            Self::Integer(value) => u64::try_from(*value).ok(),
            Self::Unsigned(value) => Some(*value),
            Self::Float(_) => None,
        }
    }

    fn as_i64(&self) -> Option<i64> {
        match self {
            Self::Integer(value) => Some(*value),
            Self::Unsigned(_) | Self::Float(_) => None,
        }
    }

    fn as_f64(&self) -> Option<f64> {
        Some(match self {
            Self::Integer(value) => *value as f64,
            Self::Unsigned(value) => *value as f64,
            Self::Float(value) => *value,
        })
    }

    fn as_str(&self) -> Cow<'_, str> {
        Cow::Owned(self.to_number().to_string())
    }

    fn to_number(&self) -> Cow<'_, serde_json::Number> {
        Cow::Owned(match self {
            Self::Integer(value) => (*value).into(),
            Self::Unsigned(value) => (*value).into(),
            Self::Float(value) => {
                serde_json::Number::from_f64(*value).expect("tapes hold finite numbers")
            }
        })
    }

    fn is_integer(&self) -> bool {
        match self {
            Self::Integer(_) | Self::Unsigned(_) => true,
            Self::Float(value) => value.fract() == 0.0,
        }
    }
}
