//! Where schemas stand in schemas.

/// Keywords whose value is a schema.
pub const SCHEMA: &[&str] = &[
    "not",
    "if",
    "then",
    "else",
    "items",
    "contains",
    "additionalProperties",
    "propertyNames",
    "unevaluatedItems",
    "unevaluatedProperties",
    "contentSchema",
];

/// Keywords whose value is a list of schemas.
pub const SCHEMAS: &[&str] = &["allOf", "anyOf", "oneOf", "prefixItems"];

/// Keywords whose value is an object of schemas.
pub const NAMED_SCHEMAS: &[&str] =
    &["$defs", "definitions", "properties", "patternProperties", "dependentSchemas"];
