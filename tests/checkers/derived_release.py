"""A project and its release, for `check_derived.py`: base tables, where their values are, code lists with spells."""

import csv
import json
import re
import tomllib
from collections import defaultdict
from datetime import date
from functools import cache
from pathlib import Path

from derived_time import FIRST, LAST, bounds_of, between, time_of


def listed(value):
    return value if isinstance(value, list) else [value]


def rows_of(path):
    with Path(path).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def snake(name):
    """A name as columns have it: `startDate` is `start_date`, and `AGREE` is `agree`."""
    name = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")


def read_manifest(project):
    return tomllib.loads((Path(project) / "dataset.toml").read_text(encoding="utf-8"))


class Release:
    def __init__(self, project, release):
        self.project, self.directory = Path(project), Path(release)
        self.manifest = read_manifest(project)
        package = json.loads((self.directory / "datapackage.json").read_text(encoding="utf-8"))
        self.resources = {it["name"]: it for it in package["resources"] if it["path"].startswith("csv/")}
        self.lists = {}

    def rows(self, table):
        return rows_of(self.directory / f"csv/{table}.csv")

    def fields(self, table):
        return [field["name"] for field in self.resources[table]["schema"]["fields"]]

    def types(self, table):
        return {field["name"]: field["type"] for field in self.resources[table]["schema"]["fields"]}

    def key(self, table):
        return listed(self.resources[table]["schema"]["primaryKey"])

    # A table's schema, and what a path leads to.

    @cache
    def schema(self, table):
        path = self.project / self.manifest["tables"][table]["schema"]
        return Node(path, json.loads(path.read_text(encoding="utf-8")))

    def row_name(self, table):
        return self.manifest["tables"][table].get("row", table)

    @cache
    def find(self, table, path):
        """Where the values of a dotted path stand: (list that they are in, or None; column)."""
        node, group, list_path = self.schema(table), [], None
        for name in path.split("."):
            node = node.property(name)
            said = node.get("x-column")
            if node.is_list():
                list_path = said or "_".join([*group, snake(name)])
                items = node.items()
                said, group, node = items.get("x-column"), [], items
                if not items.get("properties"):
                    group = ["value"]
            else:
                group.append(said or snake(name))
        child = None
        if list_path:
            child = next((it for it in (f"{self.row_name(table)}_{list_path}", list_path)
                          if it in self.resources), None)
            if child is None:
                raise ValueError(f"no released table holds the list of {path}")
        own = self.fields(child or table)
        names = ["_".join(group), said]
        target = node.get("x-reference")
        if target and node.get("x-column") is None and target in self.resources:
            # A reference may be called as the key that it leads to.
            names.append("_".join([*group[:-1], *self.key(target)]))
        if path == path.split(".")[-1]:
            names.append(f"{self.row_name(table)}_{path}")
        column = next((name for name in names if name in own), None)
        if column is None:
            raise ValueError(f"no column of {child or table} is {path}")
        return child, column

    def date_reader(self, table, path):
        """What reads the four days of a dotted path, or of two, off a row. A row without a date has none."""
        if isinstance(path, list) and len(path) == 2:
            start, end = (self._bounds_reader(table, it) for it in path)

            def read(row):
                begin, until = start(row), end(row)
                if begin is None and until is None:
                    return None
                return between(begin or (FIRST, LAST), until or (FIRST, LAST))
            return read
        _, column = self.find(table, *listed(path))
        return lambda row: time_of(row[column]) if row[column] else None

    def _bounds_reader(self, table, path):
        """What reads the first and the last day on which one end of a time can lie."""
        _, column = self.find(table, path)

        def read(row):
            if not row[column]:
                return None
            if "/" in row[column]:
                time = time_of(row[column])
                return time.begin[0], time.end[1]
            return bounds_of(row[column])
        return read

    # Code lists.

    def codes(self, table, path):
        """The codes of a property, in the order of their list."""
        node = self.node(table, path)
        if node.get("enum"):
            return [str(it) for it in node.get("enum")]
        return list(dict.fromkeys(row["code"] for row in self.code_list(node.get("x-codelist"))))

    @cache
    def ordered_codes(self, table, path):
        """The codes of a property from the lowest to the highest, if their list says so."""
        name = self.node(table, path).get("x-codelist")
        is_ordered = self.manifest.get("codelists", {}).get(name, {}).get("ordered", False)
        return self.codes(table, path) if is_ordered else None

    def reference(self, table, path):
        """The table to which a property refers."""
        return self.node(table, path).get("x-reference")

    def node(self, table, path):
        """The part of a table's schema to which a path leads."""
        node = self.schema(table)
        for name in path.split("."):
            node = node.property(name)
        return node.items() if node.is_list() else node

    def code_list(self, name):
        if name not in self.lists:
            self.lists[name] = rows_of(self.directory / f"schema/codelists/{name}.csv")
        return self.lists[name]

    def spells(self, system):
        """The spells of a system's members, cut where nobody knows more."""
        declared = self.manifest["systems"][system]
        known_to = day(declared.get("as_of"), LAST)
        found = defaultdict(list)
        for row in self.code_list(declared["codelist"]):
            first, last = day(row.get("valid_from"), FIRST), day(row.get("valid_to"), LAST)
            found[row["code"]].append((first, min(last, known_to)))
        return {code: sorted(it for it in spells if it[0] <= it[1]) for code, spells in found.items()}, known_to

    @cache
    def crosswalk(self, name):
        """The matches of a crosswalk by code (first, last, to), what to do with several, the end of its columns."""
        declared = self.manifest["crosswalks"][name]
        known_to = day(declared.get("as_of"), LAST)
        one, other = (declared[end]["column"] for end in ("from", "to"))
        rows = self.code_list(declared["codelist"])
        matches = [(row[one], day(row.get("valid_from"), FIRST),
                    min(day(row.get("valid_to"), LAST), known_to), row[other])
                   for row in rows if row[one] and row[other]]
        by_code = defaultdict(list)
        for code, first, last, to in matches:
            if first <= last:
                by_code[code].append((first, last, to))
        return by_code, declared.get("several", "error"), snake(other)


def day(value, otherwise):
    """A day of a code list or the manifest. A year is its first day at the begin, its last at the end."""
    if value in (None, ""):
        return otherwise
    if isinstance(value, date):
        return value
    first, last = bounds_of(value)
    return first if otherwise == FIRST else last


class Node:
    """A part of a JSON Schema, with its references followed."""

    def __init__(self, path, content, whole=None):
        self.path, self.whole = path, whole or content
        self.content = content
        while "$ref" in self.content:
            file, _, pointer = self.content["$ref"].partition("#")
            if file:
                self.path = self.path.parent / file
                self.whole = json.loads(self.path.read_text(encoding="utf-8"))
            found = self.whole
            for part in pointer.split("/")[1:]:
                found = found[part.replace("~1", "/").replace("~0", "~")]
            beside = {name: it for name, it in self.content.items() if name != "$ref"}
            self.content = {**found, **beside}

    def property(self, name):
        node = self.items() if self.is_list() else self
        return Node(node.path, node.content["properties"][name], node.whole)

    def is_list(self):
        return self.content.get("type") == "array" or "items" in self.content

    def items(self):
        return Node(self.path, self.content["items"], self.whole)

    def get(self, name):
        return self.content.get(name)
