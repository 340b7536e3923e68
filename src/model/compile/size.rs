//! How large schemas are once all references are followed, counted beforehand: a few lines can double
//! themselves until nothing can hold or evaluate them.

use std::collections::HashMap;

use serde_json::Value as Json;

use crate::diagnostic::{Diagnostic, Place, code};
use crate::model::document::Documents;
use crate::schema::keywords::{NAMED_SCHEMAS, SCHEMA, SCHEMAS};
use crate::schema::{SchemaPlace, Schemas};

/// So many subschemas may one schema come to, each counted as often as references lead to it.
const SUBSCHEMAS_MAX: u64 = 20_000;

/// So many subschemas may lead to one another.
const DEPTH_MAX: usize = 200;

/// Reports the first schema that is too large.
pub(super) fn check(documents: &Documents, diagnostics: &mut Vec<Diagnostic>) {
    let mut measuring = Measuring { schemas: &documents.schemas, known: HashMap::new() };
    for root in documents.roots() {
        let place = SchemaPlace { document: root.document, pointer: String::new() };
        let Err((at, limit)) = measuring.measure(&place, 0) else { continue };
        let (value, _) = documents.root(at.document).value.pointer(&at.pointer);
        diagnostics.push(
            Diagnostic::new(
                &code::TOO_LARGE_SCHEMA,
                Place::new(value.source(), value.opening()).at(at.pointer),
                limit,
            )
            .help("let fewer `$ref`s, `allOf`s, `anyOf`s and `properties` lead to one another"),
        );
        return;
    }
}

#[derive(Clone, Copy)]
struct Size {
    subschemas: u64,
    depth: usize,
}

type TooLarge = (SchemaPlace, String);

struct Measuring<'d> {
    schemas: &'d Schemas,
    /// What was measured. What is being measured counts as one: it is a circle.
    known: HashMap<SchemaPlace, Size>,
}

impl Measuring<'_> {
    fn measure(&mut self, at: &SchemaPlace, above: usize) -> Result<Size, TooLarge> {
        let too_deep = || {
            let limit = format!("more than {DEPTH_MAX} subschemas lead here, one after another");
            (at.clone(), limit)
        };
        if let Some(known) = self.known.get(at) {
            return if above + known.depth > DEPTH_MAX { Err(too_deep()) } else { Ok(*known) };
        }
        if above > DEPTH_MAX {
            return Err(too_deep());
        }
        let mut size = Size { subschemas: 1, depth: 1 };
        self.known.insert(at.clone(), size);
        for part in self.parts(at) {
            let inner = self.measure(&part, above + 1)?;
            size.subschemas = size.subschemas.saturating_add(inner.subschemas);
            size.depth = size.depth.max(inner.depth + 1);
        }
        // Wide ones have limits of their own.
        let doubled = self.known.len() as u64 * 4;
        if size.subschemas > SUBSCHEMAS_MAX.max(doubled) {
            let limit = format!(
                "the schema comes to {} subschemas when its references are followed, and \
                 {SUBSCHEMAS_MAX} are allowed",
                size.subschemas
            );
            return Err((at.clone(), limit));
        }
        self.known.insert(at.clone(), size);
        Ok(size)
    }

    /// The schemas that a schema leads to; definitions only as far as something refers to them.
    fn parts(&self, at: &SchemaPlace) -> Vec<SchemaPlace> {
        let Some(Json::Object(keywords)) = self.schemas.at(at) else { return Vec::new() };
        let mut parts = Vec::new();
        for (keyword, value) in keywords {
            let keyword = keyword.as_str();
            match value {
                Json::String(reference) if keyword == "$ref" => {
                    parts.extend(self.schemas.resolve(at, reference).ok());
                }
                Json::Object(_) if SCHEMA.contains(&keyword) => parts.push(at.below(keyword)),
                Json::Object(named)
                    if NAMED_SCHEMAS.contains(&keyword)
                        && !matches!(keyword, "$defs" | "definitions") =>
                {
                    let list = at.below(keyword);
                    parts.extend(named.keys().map(|name| list.below(name)));
                }
                Json::Array(list) if SCHEMAS.contains(&keyword) => {
                    parts.extend((0..list.len()).map(|index| at.item(keyword, index)));
                }
                _ => {}
            }
        }
        parts
    }
}
