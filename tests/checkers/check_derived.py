"""Derived tables of a release against its base tables: every cell is worked out once more, by others.

    python tests/checkers/check_derived.py PROJECT RELEASE
    python tests/checkers/check_derived.py --below DIRECTORY PROJECT...
    python tests/checkers/check_derived.py --fixtures DIRECTORY

The manifest of PROJECT says what is derived. Of RELEASE only base tables and code lists are read to work the
derived tables out, and then these are compared cell by cell, as CSV and as Parquet. Views are no part of this.

With `--below` the releases are DIRECTORY/<name>-<version>. With `--fixtures` the projects below DIRECTORY are read as
they are, and what comes out must be what was worked out on paper in their `expected/`.
"""

import csv
import sys
from pathlib import Path

import duckdb

from derived_panel import Panel
from derived_release import Release, listed, read_manifest, rows_of
from derived_tables import dyads, links, membership
from outcome import Outcome

SHOWN, SAMPLE = 5, 50


def derived_tables(release):
    """Names and rows of all derived tables but views, with a function each, so that one fault hides no other."""
    for name, declared in release.manifest.get("derived", {}).items():
        match declared["kind"]:
            case "dyads":
                yield name, lambda: dyads(release, name, declared)
                if "directed" in declared or len(listed(declared["unit"])) == 2:
                    yield f"{name}_directed", lambda: dyads(release, name, declared, is_directed=True)
            case "membership":
                yield name, lambda: membership(release, name, declared)
            case "links":
                yield name, lambda: links(release, name, declared)
            case "panel":
                panel = Panel(release, name, declared)
                yield name, panel.rows
                yield f"{name}_universe", panel.universe_rows
                yield f"{name}_outside", panel.outside_rows


def by_key(rows, key):
    return {tuple(row[name] for name in key): row for row in rows}


def compare(name, worked_out, told, columns, key, outcome):
    """Both have the same keys, and the same cells in each column."""
    for what, wrong in comparisons(worked_out, told, columns, key):
        outcome.check(f"{name}: {what}", not wrong, *sorted(map(str, wrong))[:SHOWN])
    # What was changed is seen: a row that is left out, and each column's cells.
    ours = by_key(worked_out, key) if worked_out and set(key) <= set(worked_out[0]) else {}
    sample = [row for row in told if tuple(row[it] for it in key) in ours][:SAMPLE]
    if sample:
        ours = [ours[tuple(row[it] for it in key)] for row in sample]

        def is_seen(rows):
            return any(wrong for _, wrong in comparisons(ours, rows, columns, key))
        unseen = [] if is_seen(sample[1:]) else ["a row"]
        unseen += [it for it in columns if not is_seen([{**sample[0], it: f"{sample[0][it]}1"}, *sample[1:]])]
        outcome.check(f"{name}: tampering is seen", not unseen, *unseen)


def comparisons(worked_out, told, columns, key):
    """What is compared, with what differs."""
    known = set(worked_out[0]) if worked_out else set(columns)
    yield "every column is one that this check works out", [it for it in columns if it not in known]
    columns, key = ([it for it in names if it in known] for names in (columns, key))
    ours, theirs = by_key(worked_out, key), by_key(told, key)
    yield f"{len(told)} rows have keys of their own", [
        text for text, rows, keys in (("worked out", worked_out, ours), ("told", told, theirs))
        if len(rows) != len(keys)]
    yield "no row is missing", ours.keys() - theirs.keys()
    yield "no row is too many", theirs.keys() - ours.keys()
    both = ours.keys() & theirs.keys()
    for column in columns:
        yield column, [f"{at}: told {theirs[at][column]!r}, worked out {ours[at][column]!r}"
                       for at in both if not same(theirs[at][column], ours[at][column])]


def same(told, worked_out):
    if told == worked_out:
        return True
    try:
        return abs(float(told) - float(worked_out)) <= 1e-9 * max(1.0, abs(float(worked_out)))
    except ValueError:
        return False


def check_release(project, directory, outcome):
    print(f"# {Path(directory).name}")
    outcome.check("the release is a directory", Path(directory).is_dir())
    release = Release(project, directory)
    for name, work_out in derived_tables(release):
        resource = release.resources.get(name)
        if not outcome.check(f"{name}: is released", resource is not None):
            continue
        worked_out = outcome.guard(name, work_out)
        if worked_out is None:
            continue
        columns = release.fields(name)
        key = listed(resource["schema"].get("primaryKey", columns))
        compare(name, worked_out, release.rows(name), columns, key, outcome)
        parquet = release.directory / f"parquet/{name}.parquet"
        if parquet.exists():
            outcome.guard(f"{name}: Parquet", check_parquet, name, parquet, release.rows(name), outcome)


def check_parquet(name, path, rows, outcome):
    """The Parquet file says what the CSV file says."""
    relation = duckdb.connect().sql(f"select columns(*)::text from '{path}'")
    told = [dict(zip(relation.columns, ("" if it is None else it for it in row)))
            for row in relation.fetchall()]
    outcome.check(f"{name}: Parquet has the same rows", told == rows)


class Project(Release):
    """A project whose CSV files are as its base tables will be released, read without a release."""

    def __init__(self, project):
        self.project = self.directory = Path(project)
        self.manifest = read_manifest(project)
        self.lists = {}
        self.resources = {}
        for table, declared in self.manifest["tables"].items():
            renamed = {"id": f"{self.row_name(table)}_id"}
            key = [renamed.get(it, it) for it in listed(declared["key"])]
            for path in sorted((self.project / "data").glob("*.csv")):
                name = path.stem
                if name != table and not name.startswith(f"{self.row_name(table)}_"):
                    continue
                rows = [{renamed.get(it, it): cell for it, cell in row.items()} for row in rows_of(path)]
                is_child = name != table
                schema = {"fields": [{"name": it, "type": kind(rows, it)} for it in rows[0]],
                          "primaryKey": [*key, "position"] if is_child else key}
                if is_child:
                    schema["foreignKeys"] = [{"fields": key, "reference": {"resource": table}}]
                self.resources[name] = {"schema": schema, "rows": rows}

    def rows(self, table):
        return self.resources[table]["rows"]


def kind(rows, column):
    """The type of a column; codes of states are text unless all of them are numbers."""
    cells = [row[column] for row in rows if row[column]]
    return "integer" if cells and all(cell.isdigit() for cell in cells) else "string"


def check_fixture(directory, outcome):
    project = Project(directory)
    expected = {path.stem: path for path in sorted((directory / "expected").glob("*.csv"))}
    found = {}
    for name, work_out in derived_tables(project):
        found[name] = outcome.guard(f"{directory.name}/{name}", work_out)
    outcome.check(f"{directory.name}: every expected table is derived", expected and expected.keys() <= found.keys(),
                  f"not derived: {sorted(expected.keys() - found.keys())}")
    for name, path in expected.items():
        told = rows_of(path)
        with path.open(encoding="utf-8", newline="") as file:
            columns = next(csv.reader(file))
        compare(f"{directory.name}/{name}", found.get(name) or [], told, columns, columns, outcome)


def main(arguments):
    outcome = Outcome()
    if arguments[:1] == ["--fixtures"] and len(arguments) == 2:
        for manifest in sorted(Path(arguments[1]).glob("*/dataset.toml")):
            outcome.guard(manifest.parent.name, check_fixture, manifest.parent, outcome)
    elif arguments[:1] == ["--below"] and len(arguments) > 2:
        for project in arguments[2:]:
            dataset = read_manifest(project)["dataset"]
            release = Path(arguments[1]) / f"{dataset['name']}-{dataset['version']}"
            outcome.guard(project, check_release, project, release, outcome)
    elif len(arguments) == 2:
        outcome.guard(arguments[0], check_release, *arguments, outcome)
    else:
        print(__doc__, file=sys.stderr)
        return 2
    return outcome.finish()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
