//! Schemas at random: one thing in many spellings, with branches, conditions, references, embedded
//! resources and null in all its forms. Not all of them say what they seem to, and some say nonsense.

use serde_json::{Map, Value, json};

use crate::support::random::Random;

/// What a property seems to be.
#[derive(Clone, Copy, PartialEq)]
pub enum Target {
    Boolean,
    Integer,
    Number,
    Text,
    Enum,
    Code,
    Date,
    DateTime,
    Edtf,
    Group,
    Values,
    Objects,
}

const SCALARS: [Target; 9] = [
    Target::Boolean,
    Target::Integer,
    Target::Number,
    Target::Text,
    Target::Enum,
    Target::Code,
    Target::Date,
    Target::DateTime,
    Target::Edtf,
];

/// Makes schemas, and values for them.
pub struct Speller {
    random: Random,
    /// What goes below the root's `$defs`.
    pub definitions: Map<String, Value>,
}

impl Speller {
    pub fn new(seed: u64) -> Self {
        Self { random: Random::new(seed), definitions: Map::new() }
    }

    fn one_in(&mut self, chances: usize) -> bool {
        self.random.below(chances) == 0
    }

    fn scalar(&mut self) -> Target {
        *self.random.pick(&SCALARS)
    }

    fn target(&mut self, depth: usize) -> Target {
        match self.random.below(10) {
            0 if depth > 0 => Target::Group,
            1 if depth > 0 => Target::Objects,
            2 => Target::Values,
            _ => self.scalar(),
        }
    }

    /// A schema of a root: a closed object with a key, and what its properties seem to be.
    pub fn root(&mut self) -> (Value, Vec<Target>) {
        let count = 1 + self.random.below(4);
        let targets: Vec<_> = (0..count).map(|_| self.target(2)).collect();
        let mut root = self.object(&targets, 2);
        root["$schema"] = "https://json-schema.org/draft/2020-12/schema".into();
        let properties = root["properties"].as_object_mut().expect("an object");
        properties.insert("id".to_owned(), json!({ "type": "string" }));
        let required = root["required"].as_array_mut().expect("a list");
        required.push("id".into());
        if !self.definitions.is_empty() {
            root["$defs"] = std::mem::take(&mut self.definitions).into();
        }
        (root, targets)
    }

    /// A schema of one value.
    pub fn value_schema(&mut self) -> (Value, Target) {
        let target = self.target(1);
        let mut schema = self.spelt(target, 2);
        if let Value::Object(keywords) = &mut schema
            && !self.definitions.is_empty()
        {
            keywords.insert("$defs".to_owned(), std::mem::take(&mut self.definitions).into());
        }
        (schema, target)
    }

    /// An object with properties `p0`, `p1`, of which some are declared somewhere else than it seems.
    fn object(&mut self, targets: &[Target], depth: usize) -> Value {
        let mut object = json!({ "type": "object", "properties": {}, "required": [] });
        let mut closed_by = "additionalProperties";
        for (index, target) in targets.iter().enumerate() {
            let name = format!("p{index}");
            let other = format!("p{}", self.random.below(targets.len()));
            let schema = self.spelt(*target, depth);
            if self.one_in(3) {
                object["required"].as_array_mut().expect("a list").push(name.as_str().into());
            }
            let part = json!({ "properties": { &name: schema.clone() } });
            let mut declare = |schema: Value| object["properties"][&name] = schema;
            match self.random.below(12) {
                0 => {
                    closed_by = "unevaluatedProperties";
                    push(&mut object, "allOf", part);
                }
                1 => {
                    closed_by = "unevaluatedProperties";
                    let reference = self.reference(part);
                    push(&mut object, "allOf", reference);
                }
                2 => {
                    closed_by = "unevaluatedProperties";
                    push(
                        &mut object,
                        "anyOf",
                        json!({ "properties": { &name: schema }, "required": [&name] }),
                    );
                    push(&mut object, "anyOf", json!({ "properties": { &other: {} } }));
                }
                3 => {
                    closed_by = "unevaluatedProperties";
                    object["dependentSchemas"][&other] = part;
                }
                4 => {
                    closed_by = "unevaluatedProperties";
                    let narrow = self.narrow(*target);
                    object["if"] =
                        json!({ "properties": { &other: narrow }, "required": [&other] });
                    object["then"] = part.clone();
                    if self.one_in(2) {
                        object["else"] = part;
                    }
                }
                // Declared, and perhaps with a type that only sometimes holds.
                5 => {
                    let stub = if self.one_in(2) { json!(true) } else { json!({}) };
                    declare(stub);
                    object["dependentSchemas"][&other] = part;
                }
                6 => {
                    let stub = if self.one_in(2) { json!(true) } else { schema.clone() };
                    declare(stub);
                    push(
                        &mut object,
                        "anyOf",
                        json!({ "properties": { &name: schema }, "required": [&name] }),
                    );
                    push(&mut object, "anyOf", json!({ "required": [&other] }));
                }
                7 => {
                    declare(schema);
                    object["dependentRequired"][&name] = json!([other]);
                }
                8 => {
                    let narrow = self.narrow(*target);
                    declare(if self.one_in(4) { json!(true) } else { schema });
                    object["if"] = json!({ "properties": { &other: narrow } });
                    object["then"] = part;
                }
                _ => declare(schema),
            }
        }
        if !self.one_in(30) {
            object[closed_by] = false.into();
        }
        object
    }

    /// A schema of what seems to be `target`.
    fn spelt(&mut self, target: Target, depth: usize) -> Value {
        if self.one_in(40) {
            let other = self.scalar();
            return self.plain(other, 0);
        }
        if depth == 0 {
            return self.plain(target, 0);
        }
        match self.random.below(16) {
            0 => {
                let branches = [self.spelt(target, depth - 1), self.spelt(target, depth - 1)];
                json!({ *self.random.pick(&["anyOf", "oneOf"]): branches })
            }
            1 => json!({ "anyOf": [self.spelt(target, depth - 1), self.null()] }),
            2 => json!({ "oneOf": [self.null(), self.spelt(target, depth - 1)] }),
            3 => {
                let mut schema = self.plain(target, depth - 1);
                let branches = [self.narrow(target), self.narrow(target)];
                add(&mut schema, "anyOf", branches.to_vec().into());
                schema
            }
            4 => json!({ "allOf": [self.spelt(target, depth - 1), self.narrow(target)] }),
            5 => {
                let mut schema = self.plain(target, depth - 1);
                add(&mut schema, "if", self.narrow(target));
                let word = *self.random.pick(&["then", "else"]);
                add(&mut schema, word, self.narrow(target));
                schema
            }
            6 => json!({
                "if": self.narrow(target),
                "then": self.spelt(target, depth - 1),
                "else": self.spelt(target, depth - 1),
            }),
            7 | 8 => {
                let inner = self.spelt(target, depth - 1);
                self.reference(inner)
            }
            9 => self.nullable(target, depth),
            _ => self.plain(target, depth),
        }
    }

    /// The usual schema of it.
    fn plain(&mut self, target: Target, depth: usize) -> Value {
        match target {
            Target::Boolean => json!({ "type": "boolean" }),
            Target::Integer => match self.random.below(6) {
                0 => json!({ "type": "integer", "minimum": -128, "exclusiveMaximum": 128.5 }),
                1 => json!({ "type": "integer", "exclusiveMinimum": -129, "maximum": 127 }),
                2 => json!({ "enum": [1, 2.0, 300] }),
                3 => json!({ "type": ["integer", "number"], "multipleOf": 1 }),
                _ => json!({ "type": "integer" }),
            },
            Target::Number => json!({ "type": "number" }),
            Target::Text => match self.random.below(4) {
                0 => json!({ "type": "string", "maxLength": 12 }),
                1 => json!({ "type": "string", "pattern": "^[a-z]" }),
                _ => json!({ "type": "string" }),
            },
            Target::Enum => match self.random.below(4) {
                0 => json!({ "const": "low" }),
                1 => json!({ "type": "string", "enum": ["low", "high"] }),
                _ => json!({ "enum": ["low", "high", "in between"] }),
            },
            Target::Code => json!({ "type": "string", "x-codelist": "colours" }),
            Target::Date => json!({ "type": "string", "format": "date" }),
            Target::DateTime => json!({ "type": "string", "format": "date-time" }),
            Target::Edtf => json!({ "type": "string", "format": "edtf" }),
            Target::Group => {
                let targets: Vec<_> = (0..=self.random.below(2)).map(|_| self.scalar()).collect();
                let mut object = self.object(&targets, depth.min(1));
                // A group that says nothing is no group.
                object["minProperties"] = 1.into();
                object
            }
            Target::Values => {
                let item = self.scalar();
                json!({ "type": "array", "items": self.spelt(item, depth.min(1)) })
            }
            Target::Objects => {
                let targets: Vec<_> = (0..=self.random.below(2)).map(|_| self.scalar()).collect();
                json!({ "type": "array", "items": self.object(&targets, depth.min(1)) })
            }
        }
    }

    /// What narrows it, mostly without a type.
    fn narrow(&mut self, target: Target) -> Value {
        let narrow = match target {
            Target::Boolean => json!({ "const": true }),
            Target::Integer | Target::Number => match self.random.below(4) {
                0 => json!({ "minimum": 0 }),
                1 => json!({ "exclusiveMaximum": 128.5 }),
                2 => json!({ "enum": [1, 2, 0.5] }),
                _ => json!({ "type": "integer" }),
            },
            Target::Text | Target::Enum | Target::Code => match self.random.below(4) {
                0 => json!({ "minLength": 3 }),
                1 => json!({ "enum": ["low", "high", "010", "id", 7, null] }),
                2 => json!({ "const": "high" }),
                _ => json!({ "type": "string" }),
            },
            Target::Date | Target::DateTime | Target::Edtf => match self.random.below(5) {
                0 => json!({ "format": "date" }),
                1 => json!({ "format": "date-time" }),
                2 => json!({ "format": "edtf" }),
                3 => json!({ "pattern": "^2" }),
                _ => json!({ "type": "string" }),
            },
            Target::Group => json!({ "required": ["p0"] }),
            Target::Values | Target::Objects => json!({ "minItems": 1 }),
        };
        match self.random.below(8) {
            0 => json!(true),
            1 => self.reference(narrow),
            _ => narrow,
        }
    }

    /// Null in one of its spellings.
    fn null(&mut self) -> Value {
        match self.random.below(6) {
            0 => json!({ "const": null }),
            1 => json!({ "enum": [null] }),
            2 => json!({ "type": ["null"] }),
            3 | 4 => {
                let null = json!({ "type": "null" });
                self.reference(null)
            }
            _ => json!({ "type": "null" }),
        }
    }

    /// A value or null, in one schema.
    fn nullable(&mut self, target: Target, depth: usize) -> Value {
        let mut schema = self.plain(target, depth - 1);
        if let Some(named) = schema.get("type").cloned() {
            let mut named = match named {
                Value::Array(several) => several,
                one => vec![one],
            };
            named.push("null".into());
            schema["type"] = named.into();
        }
        if let Some(Value::Array(values)) = schema.get_mut("enum") {
            values.push(Value::Null);
        }
        schema
    }

    /// A reference to a schema, which stands below `$defs`.
    fn reference(&mut self, mut schema: Value) -> Value {
        let number = self.definitions.len();
        let name = format!("d{number}");
        let reference = match self.random.below(4) {
            // By an anchor.
            0 if schema.is_object() => {
                schema["$anchor"] = format!("a{number}").into();
                format!("#a{number}")
            }
            // A resource of its own, with a definition that has the name of one of the root's.
            1 => {
                let id = format!("https://demarche.example/r{number}");
                self.definitions.insert("inner".to_owned(), json!({ "type": "integer" }));
                schema = json!({
                    "$id": id,
                    "$defs": { "inner": schema },
                    "$ref": "#/$defs/inner",
                });
                // References inside of it would be resolved in it.
                if refers(&schema["$defs"]["inner"]) {
                    schema = schema["$defs"]["inner"].take();
                    format!("#/$defs/{name}")
                } else {
                    id
                }
            }
            _ => format!("#/$defs/{name}"),
        };
        self.definitions.insert(name, schema);
        json!({ "$ref": reference })
    }

    /// A value of what seems to be `target`, or now and then another.
    pub fn value(&mut self, target: Target) -> Value {
        if self.one_in(8) {
            return self.random.pick(&odd()).clone();
        }
        let pick = |speller: &mut Self, values: Value| {
            speller.random.pick(values.as_array().expect("a list")).clone()
        };
        match target {
            Target::Boolean => pick(self, json!([true, false])),
            Target::Integer => pick(
                self,
                json!([0, 1, 2, 127, 128, -128, -129, 300, 2.0, 9_007_199_254_740_993_i64]),
            ),
            Target::Number => pick(self, json!([0.5, 1, 2, -3.25, 1e20, 128])),
            Target::Text => pick(
                self,
                json!(["low", "some text", "true", "007", "a \"quoted\" one", "- x: y", "é"]),
            ),
            Target::Enum => pick(self, json!(["low", "high", "in between"])),
            Target::Code => pick(self, json!(["010", "10", "id"])),
            Target::Date => pick(self, json!(["2023-12-03", "1999-01-31", "2024-02-29"])),
            Target::DateTime => {
                pick(self, json!(["2023-12-03T10:00:00Z", "2023-12-03T10:00:00.25+01:00"]))
            }
            Target::Edtf => {
                pick(self, json!(["2023-12", "1999?", "2023-12-03", "2023-12-03/..", "2023-12-XX"]))
            }
            Target::Group => self.members(2),
            Target::Values => {
                let target = self.scalar();
                (0..self.random.below(3)).map(|_| self.value(target)).collect::<Vec<_>>().into()
            }
            Target::Objects => {
                (0..self.random.below(3)).map(|_| self.members(2)).collect::<Vec<_>>().into()
            }
        }
    }

    fn members(&mut self, count: usize) -> Value {
        let mut members = Map::new();
        for index in 0..count {
            if !self.one_in(3) {
                let target = self.scalar();
                members.insert(format!("p{index}"), self.value(target));
            }
        }
        members.into()
    }

    /// A record of a root.
    pub fn record(&mut self, targets: &[Target]) -> Value {
        let mut record = Map::new();
        for (index, target) in targets.iter().enumerate() {
            if !self.one_in(5) {
                record.insert(format!("p{index}"), self.value(*target));
            }
        }
        record.into()
    }
}

/// Values that a schema may let through without anybody having thought of it.
pub fn odd() -> [Value; 16] {
    [
        Value::Null,
        json!("text"),
        json!("2023-12-03"),
        json!("2023-12-03T10:00:00Z"),
        json!("2023-12"),
        json!("high"),
        json!(0),
        json!(2.0),
        json!(0.5),
        json!(128),
        json!(-129),
        json!(true),
        json!([]),
        json!(["low"]),
        json!([1]),
        json!({ "p0": "low" }),
    ]
}

fn refers(schema: &Value) -> bool {
    match schema {
        Value::Object(members) => members.contains_key("$ref") || members.values().any(refers),
        Value::Array(items) => items.iter().any(refers),
        _ => false,
    }
}

fn push(object: &mut Value, keyword: &str, schema: Value) {
    let members = object.as_object_mut().expect("an object");
    let list = members.entry(keyword).or_insert_with(|| json!([]));
    list.as_array_mut().expect("a list").push(schema);
}

fn add(schema: &mut Value, keyword: &str, value: Value) {
    schema.as_object_mut().expect("an object").insert(keyword.to_owned(), value);
}
