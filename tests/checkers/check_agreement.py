"""Tables of agreement against the released codings: worked out once more, by others.

Observed agreement is counted pair by pair in exact fractions, alpha is that of the package
`krippendorff`. The interval is drawn twice: with the documented generator, whose bounds must be the
same, and with numpy's, whose bounds must be near.
"""

import csv
import json
import math
import shutil
import tempfile
from collections import Counter, defaultdict
from fractions import Fraction
from pathlib import Path

import krippendorff
import numpy

from check_package import table_resources
from outcome import Quiet

RESAMPLES, SEED = 2000, 1
TOLERANCE = 1e-9
MASK = (1 << 64) - 1


def rows(release, table):
    with open(release / "csv" / f"{table}.csv", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def listed(names):
    return [names] if isinstance(names, str) else names


def roles(schema, path=()):
    """The roles of codings in a schema: (role, path of names), lists left out."""
    for name, part in schema.get("properties", {}).items():
        path_below = (*path, part.get("x-column", name))
        if part.get("x-role") in ("unit", "coder"):
            yield part["x-role"], path_below
        yield from roles(part, path_below)


def unit_and_coder(release, resource):
    """The columns that say what was coded and who did it, as the released schemas tell.

    A unit that is called as what it refers to has the column of that key. Who did it may be internal,
    and then there is no such column.
    """
    columns = [field["name"] for field in resource["schema"]["fields"]]
    keys = {name for foreign in resource["schema"].get("foreignKeys", ())
            for name in listed(foreign["reference"]["fields"])}
    for path in sorted((release / "schema").glob("*.schema.json")):
        schema = json.loads(path.read_text(encoding="utf-8"))
        found = dict(roles(schema))
        if set(found) != {"unit", "coder"}:
            continue
        *group, _ = found["unit"]
        unit = ["_".join(found["unit"]), *("_".join((*group, key)) for key in sorted(keys))]
        unit = [name for name in unit if name in columns]
        coder = "_".join(found["coder"])
        if unit:
            return unit[0], coder if coder in columns else None
    raise ValueError("no released schema says which column is the unit")


def is_spelling(column, columns):
    """Whether a column is the text of an uncertain date, beside the columns that say what it means."""
    return f"{column.removesuffix('_edtf')}_earliest" in columns


class Codings:
    """The codings of a table, by unit and coder."""

    def __init__(self, release, table, resources):
        self.rows = rows(release, table)
        self.columns = [field["name"] for field in resources[table]["schema"]["fields"]]
        key = resources[table]["schema"]["primaryKey"]
        self.key, = [key] if isinstance(key, str) else key
        unit, coder = unit_and_coder(release, resources[table])
        by_unit = defaultdict(dict)
        for row in self.rows:
            by_unit[row[unit]].setdefault(row[coder or self.key], row)
        units = {name: codings for name, codings in by_unit.items() if len(codings) > 1}
        # Integer keys sort by value.
        fields = {field["name"]: field["type"] for field in resources[table]["schema"]["fields"]}
        order = int if fields[unit] == "integer" else str.encode
        self.units = [list(units[name].values()) for name in sorted(units, key=order)]
        names = {name for codings in units.values() for name in codings}
        self.coders = len(names) if coder else None
        # The lists, by their tables' names: their rows are known by the key of the codings and a position.
        self.lists = {name: self.items(release, name, self.key) for name, resource in resources.items()
                      if listed(resource["schema"]["primaryKey"]) == [self.key, "position"]}

    @staticmethod
    def items(release, table, parent):
        found = defaultdict(set)
        for row in rows(release, table):
            item = {name: value for name, value in row.items() if name not in (parent, "position")}
            meaning = [v for name, v in item.items() if not is_spelling(name, item)]
            found[row[parent]].add(tuple(meaning))
        return found

    def answer(self, row, variable, comparison):
        match comparison:
            case "value":
                return row[variable]
            case "date":
                stem = variable.removesuffix("_edtf")
                return tuple(row[f"{stem}_{part}"] for part in (
                    "earliest", "latest", "precision", "uncertain", "approximate"))
            case "set":
                own, = (items for name, items in self.lists.items() if name.endswith(f"_{variable}"))
                return frozenset(own.get(row[self.key], ()))
            case "group":
                inside = [name for name in self.columns if name.startswith(f"{variable}_")]
                values = [row[name] for name in inside if not is_spelling(name, inside)]
                lists = [frozenset(items.get(row[self.key], ()))
                         for name, items in sorted(self.lists.items())
                         if f"_{variable}_" in name]
                return (*values, *lists)
        raise ValueError(f"a comparison that no check knows: {comparison}")

    def answers(self, variable, comparison):
        """How often each answer was given to each unit."""
        return [Counter(self.answer(row, variable, comparison) for row in codings)
                for codings in self.units]


def observed_agreement(units):
    """By the definition, pair by pair: each of a unit's m(m-1) pairs counts 1/(m-1)."""
    agreeing = sum((Fraction(sum(n * (n - 1) for n in unit.values()), unit.total() - 1)
                    for unit in units), Fraction())
    total = sum(unit.total() for unit in units)
    return float(agreeing / total) if total else None


def alpha(counts):
    """Of a matrix of units and answers; none where all answers are the same."""
    if counts.size == 0 or numpy.count_nonzero(counts.sum(axis=0)) < 2:
        return None
    return float(krippendorff.alpha(value_counts=counts, level_of_measurement="nominal"))


def split_mix_64(seed):
    state = seed
    while True:
        state = (state + 0x9E3779B97F4A7C15) & MASK
        mixed = state
        mixed = ((mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & MASK
        yield mixed ^ (mixed >> 31)


def documented_draws(units):
    """Which units each resample draws, with the generator that the documentation names."""
    numbers = split_mix_64(SEED)
    return numpy.array([[(next(numbers) * units) >> 64 for _ in range(units)]
                        for _ in range(RESAMPLES)], dtype=int).reshape(RESAMPLES, units)


def resampled_alphas(counts, draws):
    """Alpha of each resample that has one, by the formula with sums of counts."""
    answers = counts.sum(axis=1)
    differing = (answers ** 2 - (counts ** 2).sum(axis=1)) / (answers - 1)
    weights = numpy.array([numpy.bincount(draw, minlength=len(counts)) for draw in draws])
    total = weights @ answers
    pairs = total ** 2 - ((weights @ counts) ** 2).sum(axis=1)
    defined = pairs > 0
    return 1 - (total - 1)[defined] * (weights @ differing)[defined] / pairs[defined]


def near(text, value):
    if text == "" or value is None:
        return text == "" and value is None
    return math.isclose(float(text), value, rel_tol=0, abs_tol=TOLERANCE)


def check_row(what, row, units, draws, other_draws, coders, outcome):
    known = list(dict.fromkeys(answer for unit in units for answer in unit))
    counts = numpy.array([[unit[answer] for answer in known] for unit in units], dtype=int)
    told = [int(row[name]) for name in ("n_units", "n_coders", "n_values")]
    numbers = [len(units), told[1] if coders is None else coders,
               sum(unit.total() for unit in units)]
    outcome.check(f"{what}: units, coders and values are counted", told == numbers,
                  f"told {told}, counted {numbers}")
    wanted = observed_agreement(units)
    outcome.check(f"{what}: observed agreement", near(row["observed_agreement"], wanted),
                  f"told {row['observed_agreement']}, worked out {wanted}")
    wanted = alpha(counts)
    outcome.check(f"{what}: alpha is that of the package krippendorff", near(row["alpha"], wanted),
                  f"told {row['alpha']}, worked out {wanted}")
    alphas = resampled_alphas(counts, draws) if units else []
    has_bounds = 2 * len(alphas) >= RESAMPLES
    bounds = [float(it) for it in numpy.percentile(alphas, [2.5, 97.5])] if has_bounds else [None] * 2
    told = [row["alpha_lower"], row["alpha_upper"]]
    outcome.check(f"{what}: the interval is drawn as documented",
                  int(row["n_resamples"]) == len(alphas) and all(map(near, told, bounds)),
                  f"told {told} of {row['n_resamples']}, worked out {bounds} of {len(alphas)}")
    if has_bounds:
        lower, upper = map(float, told)
        outcome.check(f"{what}: alpha is inside its interval",
                      lower <= float(row["alpha"]) <= upper, f"{lower}, {row['alpha']}, {upper}")
        others = numpy.percentile(resampled_alphas(counts, other_draws), [2.5, 97.5])
        allowed = 0.15 * (upper - lower) + 0.01
        outcome.check(f"{what}: another generator gives nearly the same interval",
                      max(abs(others - [lower, upper])) <= allowed, f"{told}, {others}")


def agreement_tables(resources):
    def columns(resource):
        return {field["name"] for field in resource["schema"]["fields"]}
    return [name for name, resource in resources.items()
            if {"coded_table", "compared_as", "alpha"} <= columns(resource)]


def check_agreement(release, outcome):
    resources = {resource["name"]: resource for resource in table_resources(release)}
    for table in agreement_tables(resources):
        measures = rows(release, table)
        coded, = {row["coded_table"] for row in measures}
        outcome.check(f"{table}: is called after the codings", table == f"{coded}_agreement")
        codings = Codings(release, coded, resources)
        units = len(codings.units)
        draws = documented_draws(units)
        other_draws = numpy.random.default_rng(2011).integers(0, max(units, 1), (RESAMPLES, units))
        for row in measures:
            what = f"{table}: {row['variable']}"
            outcome.guard(what, lambda: check_row(
                what, row, codings.answers(row["variable"], row["compared_as"]), draws,
                other_draws, codings.coders, outcome))


def check_tampering(release, outcome):
    """The checks above see an answer that was changed, and an alpha that is nearly right."""
    resources = {resource["name"]: resource for resource in table_resources(release)}
    for table in agreement_tables(resources):
        measures = rows(release, table)
        shown = [row for row in measures if row["alpha"] not in ("", "1.0")
                 and row["compared_as"] == "value"]
        if not shown:
            continue
        variable, coded = shown[0]["variable"], shown[0]["coded_table"]
        unit, _ = unit_and_coder(release, resources[coded])
        often = Counter(row[unit] for row in rows(release, coded))
        kept = f"{table}: {variable}: alpha is that of the package krippendorff"

        def other_answer(found):
            row = next(row for row in found if often[row[unit]] > 1)
            row[variable] = "an answer that nobody gave"

        def nearly(found):
            row = next(row for row in found if row["variable"] == variable)
            row["alpha"] = str(float(row["alpha"]) + 1e-7)

        for what, path, change in (("an answer of one coder", coded, other_answer),
                                   ("an alpha that is a little too high", table, nearly)):
            with tempfile.TemporaryDirectory() as directory:
                copy = Path(directory) / release.resolve().name
                shutil.copytree(release, copy)
                found = rows(copy, path)
                change(found)
                with open(copy / "csv" / f"{path}.csv", "w", encoding="utf-8", newline="") as file:
                    writer = csv.DictWriter(file, list(found[0]), lineterminator="\n")
                    writer.writeheader()
                    writer.writerows(found)
                quiet = Quiet()
                check_agreement(copy, quiet)
            outcome.check(f"tampering: {table}: {what} is seen", kept in quiet.failures,
                          f"failed: {sorted(quiet.failures)}")


CHECKS = [check_agreement, check_tampering]
