"""A second opinion on the projects' records: Python's `jsonschema` instead of ours.

    python tests/checkers/check_projects.py [--invalid TABLE=N] PROJECT_DIR...

For each table: every schema is itself valid, keys are unique, references resolve, codes are in
their lists, and every record is valid, except that TABLE must have exactly N invalid records. It
knows the few formats and annotations that the test projects use and refuses what it doesn't know.
"""

import argparse
import csv
import gzip
import io
import json
import re
import sys
import tomllib
from datetime import date, datetime
from pathlib import Path
from urllib.parse import urljoin, urlsplit

from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry, Resource

from outcome import Outcome

ANNOTATIONS = ("x-reference", "x-codelist", "x-separator")
EDTF_PART = r"(\d{4}(-\d\d|-XX)?(-\d\d|-XX)?|\d\d(\d|X)X|\d{4}-2[1-4])[?~%]?"
EDTF = re.compile(rf"({EDTF_PART}|\.\.)?(/({EDTF_PART}|\.\.)?)?")
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")

FORMATS = FormatChecker(formats=())


@FORMATS.checks("date", raises=ValueError)
def is_date(text):
    return not isinstance(text, str) or (len(text) == 10 and bool(date.fromisoformat(text)))


@FORMATS.checks("date-time", raises=ValueError)
def is_instant(text):
    if not isinstance(text, str):
        return True
    return bool(INSTANT.fullmatch(text)) and bool(datetime.fromisoformat(text))


@FORMATS.checks("edtf")
def is_edtf(text):
    return not isinstance(text, str) or (len(text) > 2 and bool(EDTF.fullmatch(text)))


@FORMATS.checks("uri", raises=ValueError)
def is_uri(text):
    return not isinstance(text, str) or bool(urlsplit(text).scheme and " " not in text)


class Schemas:
    """A project's schemas, by their `$id`."""

    def __init__(self, project):
        self.by_id, self.by_path = {}, {}
        for path in sorted((project / "schema").glob("*.schema.json")):
            schema = json.loads(path.read_text(encoding="utf-8"))
            Draft202012Validator.check_schema(schema)
            self.by_id[schema["$id"]] = schema
            self.by_path[path.relative_to(project).as_posix()] = schema
        self.registry = Registry().with_resources(
            (name, Resource.from_contents(schema)) for name, schema in self.by_id.items()
        )

    def resolve(self, base, reference):
        address, _, pointer = urljoin(base, reference).partition("#")
        schema = self.by_id[address]
        for step in pointer.split("/")[1:]:
            schema = schema[step.replace("~1", "/").replace("~0", "~")]
        return address, schema

    def applied(self, base, schema):
        """The schema and all that it includes for the same value, with their base addresses."""
        yield base, schema
        if "$ref" in schema:
            yield from self.applied(*self.resolve(base, schema["$ref"]))
        for keyword in ("allOf", "oneOf", "anyOf"):
            for part in schema.get(keyword, ()):
                yield from self.applied(base, part)

    def spoken(self, base, schema, value):
        """The same with what a condition brings for this value."""
        for place, part in self.applied(base, schema):
            yield place, part
            if "if" in part:
                condition = Draft202012Validator(part["if"], format_checker=FORMATS)
                branch = part.get("then" if condition.is_valid(value) else "else")
                if branch is not None:
                    yield from self.spoken(place, branch, value)

    def keyword(self, base, schema, name):
        found = [part[name] for _, part in self.applied(base, schema) if name in part]
        return found[0] if found else None

    def children(self, base, schema, name, value=None):
        parts = self.applied(base, schema) if value is None else self.spoken(base, schema, value)
        for base, part in parts:
            if name in part.get("properties", {}):
                yield base, part["properties"][name]

    def items(self, base, schema):
        for base, part in self.applied(base, schema):
            if "items" in part:
                yield base, part["items"]

    def annotated(self, base, schema, value, keyword):
        """What the keyword says of each string and number inside the value: (what it says, text)."""
        if isinstance(value, (str, int)) and not isinstance(value, bool):
            said = self.keyword(base, schema, keyword)
            if said is not None:
                yield said, str(value)
        elif isinstance(value, list):
            for base, part in self.items(base, schema):
                for item in value:
                    yield from self.annotated(base, part, item, keyword)
        elif isinstance(value, dict):
            for name, member in value.items():
                for place, part in self.children(base, schema, name, value):
                    yield from self.annotated(place, part, member, keyword)


def cell(schemas, base, schema, text):
    """What a CSV cell means to its schema."""
    kind = schemas.keyword(base, schema, "type")
    if kind == "array":
        base, item = next(schemas.items(base, schema))
        separator = schemas.keyword(base, schema, "x-separator") or schema["x-separator"]
        return [cell(schemas, base, item, part) for part in text.split(separator)]
    if kind == "boolean":
        return {"true": True, "false": False}.get(text, text)
    try:
        return int(text) if kind == "integer" else float(text) if kind == "number" else text
    except ValueError:
        return text


def read(schemas, schema, path):
    text = (gzip.open if path.suffix == ".gz" else open)(path, "rb").read().decode("utf-8")
    kind = path.name.removesuffix(".gz").rsplit(".", 1)[1]
    if kind == "jsonl":
        return [json.loads(line) for line in text.split("\n") if line.strip()]
    if kind == "json":
        document = json.loads(text)
        return document if isinstance(document, list) else [document]
    if kind == "csv":
        base, records = schema["$id"], []
        for row in csv.DictReader(io.StringIO(text, newline=""), strict=True):
            record = {}
            for name, value in row.items():
                if value:
                    place, part = next(schemas.children(base, schema, name), (base, {}))
                    record[name] = cell(schemas, place, part, value)
            records.append(record)
        return records
    raise SystemExit(f"{path}: unknown kind of records")


def code_lists(project, declared):
    """The codes of each list: those of the directory, and those that the manifest declares."""
    files = {path.stem: (path, {}) for path in (project / "schema/codelists").glob("*.csv")}
    for name, entry in declared.items():
        if "file" in entry:
            files[name] = (project / entry["file"], entry)
    lists = {}
    for name, (path, entry) in files.items():
        code = entry.get("columns", {}).get("code", "code")
        with path.open(encoding=entry.get("encoding", "utf-8"), newline="") as file:
            rows = csv.DictReader(file, delimiter=entry.get("delimiter", ","))
            lists[name] = {row[code] for row in rows}
    for name, entry in declared.items():
        if "of" in entry:
            lists[name] = set().union(*(lists[part] for part in entry["of"]))
    return lists


def check(project, invalid, outcome):
    manifest = tomllib.loads((project / "dataset.toml").read_text(encoding="utf-8"))
    schemas = Schemas(project)
    tables = {}
    for name, table in manifest["tables"].items():
        schema = schemas.by_path[table["schema"]]
        files = [file for glob in table["records"] for file in sorted(project.glob(glob))]
        records = [record for file in files for record in read(schemas, schema, file)]
        tables[name] = (table["key"], schema, records)
    def key_of(record, key):
        return str(record.get(key)) if isinstance(key, str) else [str(record.get(k)) for k in key]

    keys = {
        name: [key_of(record, key) for record in records]
        for name, (key, _, records) in tables.items()
    }
    lists = code_lists(project, manifest.get("codelists", {}))
    for name, (_, schema, records) in tables.items():
        what = f"{project.name}: {name}"
        outcome.check(f"{what}: there are records", len(records) > 0)
        outcome.check(f"{what}: keys are unique", len(set(map(str, keys[name]))) == len(records))
        validator = Draft202012Validator(
            schema, registry=schemas.registry, format_checker=FORMATS
        )
        bad = []
        for record in records:
            errors = [f"{error.json_path}: {error.message}" for error in validator.iter_errors(record)]
            if errors:
                bad.append((record.get("id"), errors))
        wanted = invalid.get(name, 0)
        outcome.check(
            f"{what}: {len(records) - wanted} of {len(records)} records are valid",
            len(bad) == wanted,
            *(f"{key}: {error}" for key, errors in bad[:20] for error in errors),
        )
        for keyword, known in (("x-reference", keys), ("x-codelist", lists)):
            dangling = [
                f"{said}: {value!r}"
                for record in records
                for said, value in schemas.annotated(schema["$id"], schema, record, keyword)
                if value not in known[said]
            ]
            outcome.check(f"{what}: every {keyword} is known", not dangling, *dangling[:20])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("projects", nargs="+", type=Path, metavar="PROJECT_DIR")
    parser.add_argument("--invalid", action="append", default=[], metavar="TABLE=N")
    arguments = parser.parse_args()
    invalid = {name: int(count) for name, _, count in (i.partition("=") for i in arguments.invalid)}
    outcome = Outcome()
    for project in arguments.projects:
        check(project, invalid, outcome)
    return outcome.finish()


if __name__ == "__main__":
    sys.exit(main())
