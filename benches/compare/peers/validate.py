"""Validators that are Python packages: validate.py PACKAGE SCHEMA FILE.jsonl|DIRECTORY

Prints how many records are rejected; the exit code says whether any were.
"""

import json
import sys
from pathlib import Path


def is_valid_by(package, schema):
    if package == "jsonschema-rs":
        import jsonschema_rs
        return jsonschema_rs.Draft202012Validator(schema, validate_formats=True).is_valid
    if package == "fastjsonschema":
        import fastjsonschema
        # It knows draft 7 only, where records of several schemas can't be closed.
        schema = schema | {"$schema": "http://json-schema.org/draft-07/schema#"}
        del schema["unevaluatedProperties"]
        validate = fastjsonschema.compile(schema)

        def is_valid(record):
            try:
                validate(record)
                return True
            except fastjsonschema.JsonSchemaException:
                return False
        return is_valid
    sys.exit(f"unknown package: {package}")


def texts(path):
    """Records as text, one at a time."""
    if path.is_dir():
        for file in path.rglob("*.json"):
            yield file.read_bytes()
    else:
        with open(path, "rb") as lines:
            yield from lines


package, schema, records = sys.argv[1:]
is_valid = is_valid_by(package, json.loads(Path(schema).read_text()))
rejected = sum(not is_valid(json.loads(text)) for text in texts(Path(records)))
print(rejected, "rejected")
sys.exit(rejected > 0)
