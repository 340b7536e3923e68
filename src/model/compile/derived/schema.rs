//! The schema of a table that is worked out: written here, and compiled like any other. It says all that a
//! codebook says of the table.

use std::fmt::Write as _;

use serde_json::{Value as Json, json};

use crate::model::{Column, Kind, names};

/// A schema under construction.
pub(in crate::model::compile) struct Schema {
    /// The table's name, with which the keys of its columns in JSON-LD begin.
    pub table: String,
    pub title: String,
    /// A sentence for each rule.
    pub sentences: Vec<String>,
    properties: Vec<(String, Json)>,
    required: Vec<String>,
    /// References that several columns make together: the table, and the columns.
    references: Vec<(String, Vec<String>)>,
}

/// What is said of a column.
pub(in crate::model::compile) struct Says<'a> {
    pub name: &'a str,
    pub title: &'a str,
    pub description: String,
    /// Whether every row has it.
    pub required: bool,
}

impl Schema {
    pub fn new(table: &str, title: String) -> Self {
        Self {
            table: table.to_owned(),
            title,
            sentences: Vec::new(),
            properties: Vec::new(),
            required: Vec::new(),
            references: Vec::new(),
        }
    }

    /// Says that columns together refer to the records of a table by their key.
    pub fn refer(&mut self, table: &str, columns: &[String]) {
        self.references.push((table.to_owned(), columns.to_vec()));
    }

    /// Adds a sentence about the table.
    pub fn say(&mut self, sentence: impl Into<String>) {
        self.sentences.push(sentence.into());
    }

    /// Adds sentences.
    pub fn extend(&mut self, sentences: impl IntoIterator<Item = String>) {
        self.sentences.extend(sentences);
    }

    /// Adds a column of values of a kind.
    pub fn column(&mut self, kind: &Kind, says: Says<'_>) {
        self.add(type_of(kind), says);
    }

    /// Adds a column that counts, from 0.
    pub fn count(&mut self, says: Says<'_>) {
        self.add(json!({ "type": "integer", "minimum": 0, "maximum": i32::MAX }), says);
    }

    /// Adds a column with the values of another one. What isn't said anew is said as there.
    pub fn like(&mut self, column: &Column, says: Says<'_>) {
        // A composed date has no marks, and what is worked out from it isn't what is from another date.
        let mut property = type_of(if column.is_composed() { &Kind::Text } else { &column.kind });
        if let Some(reference) = &column.reference {
            property["x-reference"] = match &reference.to[..] {
                [only] => json!(only),
                several => json!(several),
            };
        }
        if let Some(unit) = &column.about.unit {
            property["x-unit"] = json!(unit);
        }
        let about = &column.about;
        let title = if says.title.is_empty() { about.title.as_str() } else { says.title };
        let description = match (says.description.is_empty(), about.description.is_empty()) {
            (true, _) => about.description.clone(),
            (false, true) => says.description,
            (false, false) => format!("{} {}", says.description, about.description),
        };
        self.add(property, Says { title, description, ..says });
    }

    fn add(&mut self, mut property: Json, says: Says<'_>) {
        let Says { name, title, description, required } = says;
        if !title.is_empty() {
            property["title"] = json!(title);
            property["x-label"] = json!(names::shorten(title));
        }
        if !description.is_empty() {
            property["description"] = json!(description);
        }
        property["x-column"] = json!(name);
        property["x-jsonld-term"] = json!(format!("{}_{name}", self.table));
        self.properties.push((name.to_owned(), property));
        if required {
            self.required.push(name.to_owned());
        }
    }

    /// The names of its columns.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.properties.iter().map(|(name, _)| name.as_str())
    }

    /// A name that two columns have.
    pub fn repeated(&self) -> Option<&str> {
        let mut names: Vec<_> = self.names().collect();
        names.sort_unstable();
        names.windows(2).find(|pair| pair[0] == pair[1]).map(|pair| pair[0])
    }

    /// The schema as JSON, with its properties in order.
    pub fn to_json(&self) -> String {
        let text = |text: &str| Json::from(text).to_string();
        let mut out = String::from("{\n");
        let dialect = "https://json-schema.org/draft/2020-12/schema";
        let _ = writeln!(out, "  \"$schema\": {},", text(dialect));
        let _ = writeln!(out, "  \"title\": {},", text(&self.title));
        let _ = writeln!(out, "  \"description\": {},", text(&self.sentences.join(" ")));
        out.push_str("  \"type\": \"object\",\n  \"properties\": {\n");
        for (index, (name, property)) in self.properties.iter().enumerate() {
            let end = if index + 1 < self.properties.len() { "," } else { "" };
            let _ = writeln!(out, "    {}: {property}{end}", text(name));
        }
        let _ = writeln!(out, "  }},\n  \"required\": {},", json!(self.required));
        if !self.references.is_empty() {
            let one = |(table, columns): &(String, Vec<String>)| json!({ "table": table, "properties": columns });
            let references: Vec<_> = self.references.iter().map(one).collect();
            let _ = writeln!(out, "  \"x-references\": {},", json!(references));
        }
        out.push_str("  \"additionalProperties\": false\n}\n");
        out
    }
}

/// What a schema says of values of a kind.
fn type_of(kind: &Kind) -> Json {
    let integers = |bits: u8| match bits {
        ..64 => {
            let end = 1_i64 << (bits - 1);
            json!({ "type": "integer", "minimum": -end, "maximum": end - 1 })
        }
        64.. => json!({ "type": "integer" }),
    };
    let text = |format: &str| json!({ "type": "string", "format": format });
    match kind {
        Kind::Boolean => json!({ "type": "boolean" }),
        Kind::Integer { bits } => integers(*bits),
        Kind::Number => json!({ "type": "number" }),
        Kind::Text => json!({ "type": "string" }),
        Kind::Iri => text("iri"),
        Kind::Code(codes) => match &codes.list {
            Some(list) => json!({ "type": "string", "x-codelist": list }),
            None => json!({ "type": "string", "enum": codes.values }),
        },
        Kind::IntegerCode { bits, codes } => {
            let mut property = integers(*bits);
            match &codes.list {
                Some(list) => property["x-codelist"] = json!(list),
                None => property["enum"] = json!(codes.numbers()),
            }
            property
        }
        Kind::Date => text("date"),
        Kind::DateTime => text("date-time"),
        Kind::LocalDateTime => text("date-time-local"),
        Kind::LocalTime => text("time-local"),
        Kind::Edtf => text("edtf"),
        Kind::Year { bits } => {
            let mut property = integers(*bits);
            property["format"] = json!("year");
            property["minimum"] = json!(1);
            property["maximum"] = json!(9999.min((1_i64 << (bits - 1)) - 1));
            property
        }
        Kind::Decimal { digits, is_text } => {
            let (scale, precision) = (digits.scale, digits.precision);
            match is_text {
                true => {
                    json!({ "type": "string", "format": "decimal", "x-scale": scale, "x-precision": precision })
                }
                false => json!({ "type": "number", "x-scale": scale, "x-precision": precision }),
            }
        }
    }
}
