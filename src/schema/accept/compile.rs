//! JSON Schema to compiled schemas.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use serde_json::{Map, Value as Json};

use super::pattern::Pattern;
use super::{
    Acceptor, Applied, Condition, Constants, Contains, Format, Id, Object, Schema, Slot, TextDemand,
};
use crate::schema::authority::PartCheck;
use crate::schema::certain::evaluated;
use crate::schema::{SchemaPlace as At, Schemas, types};
use crate::tape::{Names, UNKNOWN};

/// Keywords that only the authority understands. What is neither here nor in
/// [`Compiler::absorb`] demands nothing by itself.
const NOT_UNDERSTOOD: [&str; 3] = ["$vocabulary", "dependencies", "unevaluatedItems"];

/// Keywords by which references mean what the way to them says: a document that has them is the
/// authority's.
const NOT_ALONE: [&str; 2] = ["$dynamicRef", "$recursiveRef"];

/// The dialect; a schema that names another is the authority's.
const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";

/// `$ref` in `allOf` in `$ref` deeper than this is the authority's.
const MERGED_DEPTH_MAX: usize = 32;

/// A schema that merges more subschemas than this is the authority's, which doesn't merge.
const MERGED_MAX: usize = 100_000;

/// All objects together have no more places for names than this.
const SLOTS_MAX: usize = 5_000_000;

/// The authority is asked for no more parts than this: for each it reads the documents anew.
const ASKED_MAX: usize = 32;

/// Compiles a document; none if something is not understood.
pub(super) fn compile(
    documents: &Arc<Schemas>,
    root: usize,
    names: &Names,
    assert_formats: bool,
) -> Option<Acceptor> {
    let mut compiler = Compiler {
        documents,
        names,
        assert_formats,
        schemas: Vec::new(),
        known: HashMap::new(),
        merging: Vec::new(),
        absorbed: HashSet::new(),
        merged: 0,
        slots: 0,
        asked: 0,
        plain: HashMap::new(),
        recursive: false,
        may_give_up: false,
    };
    let root = compiler.schema(&At { document: root, pointer: String::new() })?;
    compiler.prepare();
    let schemas = compiler.schemas.into_iter().collect::<Option<_>>()?;
    let Compiler { recursive, may_give_up, .. } = compiler;
    Some(Acceptor { schemas, root, recursive, may_give_up })
}

pub(super) struct Compiler<'d> {
    documents: &'d Arc<Schemas>,
    pub names: &'d Names,
    assert_formats: bool,
    /// None while one is being compiled.
    pub schemas: Vec<Option<Schema>>,
    known: HashMap<At, Id>,
    /// The subschemas that are being merged into one another.
    merging: Vec<At>,
    /// Those that were merged into the schema that is being compiled: a second time adds nothing.
    absorbed: HashSet<At>,
    /// How many subschemas were merged, into all schemas.
    merged: usize,
    /// How many places for names all objects have.
    slots: usize,
    /// How many parts the authority is asked for.
    asked: usize,
    /// Documents that were looked at for what isn't understood.
    plain: HashMap<usize, bool>,
    /// A schema was met again while it was compiled.
    recursive: bool,
    may_give_up: bool,
}

impl<'d> Compiler<'d> {
    fn json(&mut self, at: &At) -> Option<&'d Json> {
        let document: &'d Json = self.documents.json(at.document);
        let plain = self.plain.entry(at.document).or_insert_with(|| is_plain(document));
        plain.then(|| document.pointer(&at.pointer))?
    }

    /// The compiled schema at a place, compiled once.
    fn schema(&mut self, at: &At) -> Option<Id> {
        if let Some(&id) = self.known.get(at) {
            self.recursive |= self.schemas[id as usize].is_none();
            return Some(id);
        }
        // Nothing but a reference: what it refers to is compiled once for all.
        if let Json::Object(keywords) = self.json(at)?
            && let [reference] = asserting(keywords).as_slice()
            && *reference == "$ref"
            && !self.merging.contains(at)
        {
            let target = self.resolve(at, keywords)?;
            self.merging.push(at.clone());
            let id =
                if self.merging.len() > MERGED_DEPTH_MAX { None } else { self.schema(&target) };
            self.merging.pop();
            self.known.insert(at.clone(), id?);
            return id;
        }
        let id = Id::try_from(self.schemas.len()).ok()?;
        self.schemas.push(None);
        self.known.insert(at.clone(), id);
        let outer = std::mem::take(&mut self.merging);
        let beside = std::mem::take(&mut self.absorbed);
        let mut schema = Schema::default();
        let understood = self.absorb(&mut schema, at, true);
        self.merging = outer;
        self.absorbed = beside;
        if understood.is_none() {
            schema = self.asked(at)?;
        }
        self.schemas[id as usize] = Some(schema);
        Some(id)
    }

    /// A schema that asks the authority for what stands at a place.
    fn asked(&mut self, at: &At) -> Option<Schema> {
        // There is nothing to gain from asking for the whole.
        if self.schemas.len() == 1 || at.pointer.is_empty() {
            return None;
        }
        self.asked += 1;
        if self.asked > ASKED_MAX || self.merged > MERGED_MAX {
            return None;
        }
        let formats = self.assert_formats;
        let asked = PartCheck::subschema(self.documents, at.document, &at.pointer, formats)?;
        // Whatever pattern is inside of it.
        self.may_give_up = true;
        let applied = Applied { asked: Some(asked), ..Applied::default() };
        Some(Schema { applied: Some(Box::new(applied)), ..Schema::default() })
    }

    /// Adds what the subschema at a place demands. `whole` if nothing else is merged into `schema`
    /// beside it.
    fn absorb(&mut self, schema: &mut Schema, at: &At, whole: bool) -> Option<()> {
        self.merged += 1;
        if self.merged > MERGED_MAX {
            return None;
        }
        if !self.absorbed.insert(at.clone()) {
            return Some(());
        }
        let keywords = match self.json(at)? {
            Json::Bool(true) => return Some(()),
            Json::Bool(false) => {
                schema.types = 0;
                return Some(());
            }
            Json::Object(keywords) => keywords,
            _ => return None,
        };
        if self.merging.len() > MERGED_DEPTH_MAX {
            return None;
        }
        self.merging.push(at.clone());
        // `additionalProperties` sees the properties beside it and no others.
        let object = match keywords.get("additionalProperties") {
            Some(_) => None,
            None => Some(0),
        };
        for (keyword, value) in keywords {
            match keyword.as_str() {
                "$ref" => {
                    let target = self.resolve(at, keywords)?;
                    self.apply(schema, &target)?;
                }
                "allOf" => {
                    for index in 0..value.as_array()?.len() {
                        self.apply(schema, &at.item(keyword, index))?;
                    }
                }
                "anyOf" => {
                    let any = self.each(at, keyword, value)?;
                    applied(schema).any.push(any);
                }
                "oneOf" => {
                    let one = self.each(at, keyword, value)?;
                    applied(schema).one.push(one);
                }
                "not" => {
                    let not = self.schema(&at.below(keyword))?;
                    applied(schema).not.push(not);
                }
                "type" => schema.types &= types::named(value)?,
                "enum" => schema.constants.push(constants(value.as_array()?)),
                "const" => schema.constants.push(constants(std::slice::from_ref(value))),
                "minLength" => {
                    schema.text.length_min = schema.text.length_min.max(value.as_u64()?);
                }
                "maxLength" => tighten(&mut schema.text.length_max, value.as_u64()?),
                "pattern" => {
                    let pattern = self.pattern(value.as_str()?)?;
                    schema.text.checks.push(TextDemand::Pattern(pattern));
                }
                "format" if self.assert_formats => {
                    schema.text.checks.push(match value.as_str()? {
                        "date" => TextDemand::Date,
                        "edtf" => TextDemand::Edtf,
                        format => match Format::named(format) {
                            Some(format) => TextDemand::Format(format),
                            None => TextDemand::Ask(PartCheck::keyword("format", format)?),
                        },
                    });
                }
                "minimum" => schema.number.min.push((value.as_number()?.clone(), false)),
                "exclusiveMinimum" => schema.number.min.push((value.as_number()?.clone(), true)),
                "maximum" => schema.number.max.push((value.as_number()?.clone(), false)),
                "exclusiveMaximum" => schema.number.max.push((value.as_number()?.clone(), true)),
                "multipleOf" => schema.number.multiple_of.push(value.as_number()?.clone()),
                "minItems" => {
                    schema.list.count_min = schema.list.count_min.max(value.as_u64()?);
                }
                "maxItems" => tighten(&mut schema.list.count_max, value.as_u64()?),
                "uniqueItems" => schema.list.unique |= value.as_bool()?,
                "items" | "prefixItems" => {
                    // The two belong together; whichever comes second has nothing left to do.
                    if keyword == "items" && keywords.contains_key("prefixItems") {
                        continue;
                    }
                    let prefix = match keywords.get("prefixItems") {
                        Some(prefix) => self.each(at, "prefixItems", prefix)?,
                        None => Vec::new(),
                    };
                    let rest = match keywords.get("items") {
                        Some(_) => Some(self.schema(&at.below("items"))?),
                        None => None,
                    };
                    schema.list.items.push((prefix, rest));
                }
                "contains" => {
                    let schema_id = self.schema(&at.below(keyword))?;
                    let limit = |name: &str| match keywords.get(name) {
                        Some(limit) => limit.as_u64().map(Some),
                        None => Some(None),
                    };
                    let min = limit("minContains")?.unwrap_or(1);
                    let max = limit("maxContains")?;
                    schema.list.contains.push(Contains { schema: schema_id, min, max });
                }
                "properties"
                | "patternProperties"
                | "additionalProperties"
                | "required"
                | "propertyNames"
                | "minProperties"
                | "maxProperties"
                | "dependentRequired"
                | "dependentSchemas" => {}
                "unevaluatedProperties" => {
                    if !whole || keywords.contains_key("additionalProperties") {
                        return None;
                    }
                    let schemas = Arc::clone(self.documents);
                    let mut budget = MERGED_MAX.saturating_sub(self.merged);
                    let before = budget;
                    let found = evaluated(&schemas, at, &mut budget, |part| self.json(part))?;
                    self.merged += before - budget;
                    if !found.possibly.is_subset(&found.certainly) {
                        return None;
                    }
                }
                keyword if NOT_UNDERSTOOD.contains(&keyword) => return None,
                _ => {}
            }
        }
        if keywords.contains_key("if") {
            let condition = self.schema(&at.below("if"))?;
            let mut branch = |keyword: &str| match keywords.get(keyword) {
                Some(_) => self.schema(&at.below(keyword)).map(Some),
                None => Some(None),
            };
            let (then, otherwise) = (branch("then")?, branch("else")?);
            let glimpses = None;
            applied(schema).conditions.push(Condition { condition, then, otherwise, glimpses });
        }
        if OBJECT_KEYWORDS.iter().any(|keyword| keywords.contains_key(*keyword)) {
            let mut own = match object {
                Some(_) if !schema.objects.is_empty() => schema.objects.remove(0),
                _ => Object::default(),
            };
            self.object(&mut own, at, keywords)?;
            match object {
                // The merged one comes first.
                Some(_) => schema.objects.insert(0, own),
                None if schema.objects.is_empty() => {
                    schema.objects.extend([Object::default(), own]);
                }
                None => schema.objects.push(own),
            }
        }
        if whole {
            // Left over as the place of what is merged, where nothing was.
            schema.objects.retain(Object::demands);
        }
        self.merging.pop();
        Some(())
    }

    /// Adds what an `allOf` or `$ref` leads to: merged, or to be checked beside the rest where
    /// merging would change what it means.
    fn apply(&mut self, schema: &mut Schema, at: &At) -> Option<()> {
        let apart = match self.json(at)? {
            Json::Object(keywords) => keywords.contains_key("unevaluatedProperties"),
            _ => false,
        };
        self.recursive |= self.merging.contains(at);
        if apart || self.merging.contains(at) {
            let id = self.schema(at)?;
            applied(schema).all.push(id);
            return Some(());
        }
        self.absorb(schema, at, false)
    }

    /// The compiled schemas of a keyword's list.
    fn each(&mut self, at: &At, keyword: &str, value: &Json) -> Option<Vec<Id>> {
        (0..value.as_array()?.len()).map(|index| self.schema(&at.item(keyword, index))).collect()
    }

    fn object(&mut self, object: &mut Object, at: &At, keywords: &Map<String, Json>) -> Option<()> {
        for (keyword, value) in keywords {
            match keyword.as_str() {
                "properties" => {
                    for name in value.as_object()?.keys() {
                        let id = self.schema(&at.below(keyword).below(name))?;
                        let slot = self.slot(object, name)?;
                        let slot = &mut object.slots[usize::from(slot)];
                        slot.declared = true;
                        slot.schema = Some(match slot.schema {
                            None => id,
                            Some(other) if other == id => id,
                            Some(other) => self.both(other, id)?,
                        });
                    }
                }
                "patternProperties" => {
                    for pattern in value.as_object()?.keys() {
                        let id = self.schema(&at.below(keyword).below(pattern))?;
                        object.patterns.push((self.pattern(pattern)?, id));
                    }
                }
                "additionalProperties" | "unevaluatedProperties" if *value != Json::Bool(true) => {
                    object.additional = Some(self.schema(&at.below(keyword))?);
                }
                "propertyNames" => object.names.push(self.schema(&at.below(keyword))?),
                "required" => {
                    for name in value.as_array()? {
                        let slot = usize::from(self.slot(object, name.as_str()?)?);
                        object.required[slot / 64] |= 1 << (slot % 64);
                    }
                }
                "minProperties" => object.count_min = object.count_min.max(value.as_u64()?),
                "maxProperties" => tighten(&mut object.count_max, value.as_u64()?),
                "dependentRequired" => {
                    for (name, needs) in value.as_object()? {
                        let slot = self.slot(object, name)?;
                        let needs = needs.as_array()?.iter();
                        let needs = needs
                            .map(|need| self.slot(object, need.as_str()?))
                            .collect::<Option<_>>()?;
                        object.dependent_required.push((slot, needs));
                    }
                }
                "dependentSchemas" => {
                    for name in value.as_object()?.keys() {
                        let id = self.schema(&at.below(keyword).below(name))?;
                        let slot = self.slot(object, name)?;
                        object.dependent_schemas.push((slot, id));
                    }
                }
                _ => {}
            }
        }
        Some(())
    }

    fn pattern(&mut self, pattern: &str) -> Option<Pattern> {
        let pattern = Pattern::new(pattern)?;
        self.may_give_up |= pattern.may_give_up();
        Some(pattern)
    }

    /// The place of a property; none if no tape would number its name.
    pub fn slot(&mut self, object: &mut Object, name: &str) -> Option<u16> {
        let number = self.names.number(name);
        if number == UNKNOWN {
            return None;
        }
        let number = number as usize;
        if object.slot_of.len() <= number {
            self.slots += number + 1 - object.slot_of.len();
            if self.slots > SLOTS_MAX {
                return None;
            }
            object.slot_of.resize(number + 1, 0);
        }
        if object.slot_of[number] == 0 {
            object.slots.push(Slot::default());
            object.slot_of[number] = u16::try_from(object.slots.len()).ok()?;
            object.required.resize(object.slots.len().div_ceil(64), 0);
        }
        Some(object.slot_of[number] - 1)
    }

    /// A schema that demands what two demand.
    fn both(&mut self, first: Id, second: Id) -> Option<Id> {
        let applied = Applied { all: vec![first, second], ..Applied::default() };
        let id = Id::try_from(self.schemas.len()).ok()?;
        self.schemas.push(Some(Schema { applied: Some(Box::new(applied)), ..Schema::default() }));
        Some(id)
    }

    /// Where a `$ref` leads.
    fn resolve(&mut self, at: &At, keywords: &Map<String, Json>) -> Option<At> {
        let reference = keywords.get("$ref")?.as_str()?;
        let target = self.documents.resolve(at, reference).ok()?;
        self.json(&target)?;
        Some(target)
    }
}

/// Keywords about objects.
const OBJECT_KEYWORDS: [&str; 10] = [
    "properties",
    "patternProperties",
    "additionalProperties",
    "unevaluatedProperties",
    "propertyNames",
    "required",
    "minProperties",
    "maxProperties",
    "dependentRequired",
    "dependentSchemas",
];

impl Object {
    /// Whether anything is demanded at all.
    fn demands(&self) -> bool {
        !self.slots.is_empty()
            || !self.patterns.is_empty()
            || self.additional.is_some()
            || !self.names.is_empty()
            || self.count_min > 0
            || self.count_max.is_some()
    }
}

/// The keywords that aren't there for people only.
fn asserting(keywords: &Map<String, Json>) -> Vec<&str> {
    const ANNOTATIONS: [&str; 11] = [
        "$anchor",
        "$comment",
        "$defs",
        "$dynamicAnchor",
        "$id",
        "default",
        "deprecated",
        "description",
        "examples",
        "title",
        "$schema",
    ];
    keywords
        .keys()
        .map(String::as_str)
        .filter(|keyword| !ANNOTATIONS.contains(keyword) && !keyword.starts_with("x-"))
        .collect()
}

/// Whether a document is of the dialect, and its references mean what they say.
fn is_plain(document: &Json) -> bool {
    fn is_foreign(json: &Json, is_root: bool) -> bool {
        match json {
            Json::Object(entries) => {
                // A property of that name has a schema, not a text.
                let is_keyword = |name: &&str| entries.get(*name).is_some_and(Json::is_string);
                NOT_ALONE.iter().any(is_keyword)
                    || (!is_root && is_keyword(&"$schema"))
                    || entries.values().any(|value| is_foreign(value, false))
            }
            Json::Array(items) => items.iter().any(|item| is_foreign(item, false)),
            _ => false,
        }
    }
    let Json::Object(entries) = document else { return true };
    let dialect = entries.get("$schema").is_none_or(|it| {
        it.as_str().is_some_and(|dialect| dialect.trim_end_matches('#') == DIALECT)
    });
    dialect && !is_foreign(document, true)
}

fn applied(schema: &mut Schema) -> &mut Applied {
    schema.applied.get_or_insert_default()
}

fn tighten(max: &mut Option<u64>, other: u64) {
    *max = Some(max.map_or(other, |max| max.min(other)));
}

fn constants(values: &[Json]) -> Constants {
    let texts: Option<Vec<_>> = values.iter().map(Json::as_str).collect();
    match texts {
        Some(texts) => Constants::Texts(Names::new(texts)),
        None => Constants::Values(values.to_vec()),
    }
}
