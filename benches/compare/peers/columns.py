"""The columns that a JSON Schema describes, in the types of whoever reads the records."""

import json
from pathlib import Path


def columns(schema, leaf, struct, array):
    """Names of the record's properties, each with what `leaf`, `struct` and `array` make of it.

    `leaf` gets "string", "date", "number" or "integer". The schema is one of generate.py: of JSON
    Schema this knows what stands there.
    """
    def members(node):
        found = dict(node.get("properties", {}))
        for part in node.get("allOf", []):
            # `if` and `then` make demands on members and add none.
            if "$ref" in part:
                found |= members(resolved(part))
        return found

    def kinds(node):
        return {name: kind(resolved(member)) for name, member in members(node).items()}

    def resolved(node):
        return schema["$defs"][node["$ref"].removeprefix("#/$defs/")] if "$ref" in node else node

    def kind(node):
        match node.get("type", "string"):
            case "object": return struct(kinds(node))
            case "array": return array(kind(resolved(node["items"])))
            case "string" if node.get("format") == "date": return leaf["date"]
            case simple: return leaf[simple]

    return kinds(schema)


def duckdb_columns(schema):
    leaf = {"string": "VARCHAR", "date": "DATE", "number": "DOUBLE", "integer": "BIGINT"}

    def struct(members):
        return "STRUCT(" + ", ".join(f'"{name}" {kind}' for name, kind in members.items()) + ")"
    return columns(load(schema), leaf, struct, lambda item: item + "[]")


def load(schema):
    return json.loads(Path(schema).read_text())


def duckdb_source(schema, records):
    """What to select from in DuckDB to read JSON Lines with the schema's types."""
    spelt = ", ".join(f"'{name}': '{kind}'" for name, kind in duckdb_columns(schema).items())
    return f"read_json('{records}', format = 'newline_delimited', columns = {{{spelt}}})"
