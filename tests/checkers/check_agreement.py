"""Tables of agreement against the released codings: worked out once more, by others.

Observed agreement is counted pair by pair in exact fractions. Alpha is worked out by its definition, all
pairs of answers one by one, and where units weigh the same also by the package `krippendorff`. The interval
is drawn twice: with the documented generator, whose bounds must be the same, and with numpy's, whose bounds
must be near. Distances of sets, and which items of two coders are the same, are worked out here, too; the
functions that do it are held against published examples first.
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
DERIVED = ("earliest", "latest", "precision", "uncertain", "approximate")


def rows(release, table):
    with open(release / "csv" / f"{table}.csv", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def listed(names):
    return [names] if isinstance(names, str) else list(names)


def roles(schema, path=()):
    """The roles of codings in a schema: (role, path of names), lists left out."""
    for name, part in schema.get("properties", {}).items():
        path_below = (*path, part.get("x-column", name))
        if part.get("x-role") in ("unit", "coder", "weight"):
            yield part["x-role"], path_below
        yield from roles(part, path_below)


def item_keys(schema, path=(), within=()):
    """What identifies the items of lists: (names of the lists around it and its own, columns)."""
    for name, part in schema.get("properties", {}).items():
        here = (*path, part.get("x-column", name))
        if "x-item-key" in part:
            lists = (*within, "_".join(here))
            yield lists, [tuple(key.split(".")) for key in listed(part["x-item-key"])]
            yield from item_keys(part["items"], (), lists)
        else:
            yield from item_keys(part, here, within)


def column_of(path, resource):
    """The column of a property; none if it is internal.

    A reference that is called as what it refers to has the column of that key.
    """
    columns = [field["name"] for field in resource["schema"]["fields"]]
    keys = {name for foreign in resource["schema"].get("foreignKeys", ())
            for name in listed(foreign["reference"]["fields"])}
    *group, _ = path
    named = ["_".join(path), *("_".join((*group, key)) for key in sorted(keys))]
    return next((name for name in named if name in columns), None)


def schema_of_codings(release, resource):
    """The released schema of the codings, by its unit, with the columns of its roles.

    Who coded may be internal, and then there is no such column.
    """
    for path in sorted((release / "schema").rglob("*.schema.json")):
        schema = json.loads(path.read_text(encoding="utf-8"))
        paths = dict(roles(schema))
        if not {"unit", "coder"} <= set(paths):
            continue
        columns = [field["name"] for field in resource["schema"]["fields"]]
        found = {role: "_".join(names) for role, names in paths.items()}
        found["unit"] = column_of(paths["unit"], resource)
        if found["unit"]:
            found["coder"] = found["coder"] if found["coder"] in columns else None
            return schema, found
    raise ValueError("no released schema says which column is the unit")


def stem_of(column):
    return column.removesuffix("_edtf")


def is_spelling(column, columns):
    """Whether a column is the text of an uncertain date, beside the columns that say what it means."""
    return f"{stem_of(column)}_earliest" in columns and f"{stem_of(column)}_uncertain" in columns


def meaning(row, names):
    """The values of columns; of uncertain dates what they mean, however they are spelt."""
    values = []
    for name in names:
        if is_spelling(name, row):
            values.extend(row[f"{stem_of(name)}_{part}"] for part in DERIVED)
        else:
            values.append(row[name])
    return tuple(values)


class Lists:
    """The lists of a table: which tables are their items, and the items of each row."""

    def __init__(self, release, resources):
        self.release, self.resources = release, resources
        self.read = {}

    def columns(self, table):
        return [field["name"] for field in self.resources[table]["schema"]["fields"]]

    def key(self, table):
        return listed(self.resources[table]["schema"]["primaryKey"])

    def below(self, table):
        """The lists of a table, by the end of their names: (table of the items, what leads to the row)."""
        found = {}
        for name, resource in self.resources.items():
            for foreign in resource["schema"].get("foreignKeys", ()):
                fields = listed(foreign["fields"])
                if foreign["reference"].get("resource") == table \
                        and listed(resource["schema"].get("primaryKey", ())) == [*fields, "position"]:
                    # A table's own lists are called after one of its rows, those of items after their table.
                    found[name] = fields
        return found

    def named(self, table, end):
        """The table of the items of a list, and what leads to the row; none of an internal list."""
        below = self.below(table)
        names = [name for name in below if name == f"{table}_{end}"
                 or (name.endswith(f"_{end}") and self.is_called(name, end, below))]
        return (names[0], below[names[0]]) if names else (None, None)

    @staticmethod
    def is_called(name, end, below):
        # The other lists of the table begin alike: `coding_topics` beside `coding_topics_other`.
        row = name.removesuffix(f"_{end}")
        return all(other.startswith(f"{row}_") for other in below)

    def items(self, table, end):
        """The items of a list of each row, by the key of the row; the columns that are theirs."""
        if (table, end) not in self.read:
            name, fields = self.named(table, end)
            found = defaultdict(list)
            for row in rows(self.release, name):
                found[tuple(row[field] for field in fields)].append(row)
            own = [it for it in self.columns(name) if it not in (*fields, "position")]
            self.read[table, end] = name, found, own
        return self.read[table, end]


class Codings:
    """The codings of a table, by unit and coder."""

    def __init__(self, release, table, resources):
        self.table = table
        self.lists = Lists(release, resources)
        found = rows(release, table)
        self.columns = self.lists.columns(table)
        schema, role = schema_of_codings(release, resources[table])
        self.item_keys = {}
        for path, key in item_keys(schema):
            items = self.named(path)
            if items:
                self.item_keys[path] = [column_of(name, resources[items]) for name in key]
        self.has_coders = role["coder"] is not None
        self.weight = role.get("weight")
        key = self.lists.key(table)
        by_unit = defaultdict(dict)
        for row in found:
            coder = row[role["coder"]] if self.has_coders else tuple(row[name] for name in key)
            by_unit[row[role["unit"]]].setdefault(coder, row)
        units = {name: codings for name, codings in by_unit.items() if len(codings) > 1}
        # Integer keys sort by value.
        fields = {field["name"]: field["type"] for field in resources[table]["schema"]["fields"]}
        order = int if fields[role["unit"]] == "integer" else str.encode
        names = sorted(units, key=order)
        self.units = [list(units[name].items()) for name in names]
        # The first coding decides; rows stand in the order of their keys.
        first = {}
        for row in found:
            first.setdefault(row[role["unit"]], row)
        self.weights = [Fraction(first[name][self.weight]) if self.weight else Fraction(1)
                        for name in names]

    def named(self, path):
        """The table of the items of a list."""
        table = self.table
        for end in path:
            table = table and self.lists.named(table, end)[0]
        return table

    def compared(self, variable):
        """What at least two coders have of that which a variable is a property of.

        For each unit of the codings a list of what is compared; the table and the name in it."""
        *lists, name = variable.split(".")
        table, groups, path = self.table, [[unit] for unit in self.units], ()
        for end in lists:
            path = (*path, end)
            child, items, _ = self.lists.items(table, end)
            parent = self.lists.key(table)
            found = []
            for group in groups:
                matched = []
                for unit in group:
                    alike = defaultdict(list)
                    for coder, row in unit:
                        own = items.get(tuple(row[it] for it in parent), ())
                        for item in own:
                            alike[meaning(item, self.item_keys[path])].append((coder, item))
                    matched.extend(them for them in alike.values() if len(them) > 1)
                found.append(matched)
            table, groups = child, found
        return table, groups, name, path

    def members(self, table, path, end, row):
        """The items of a list in a row, as far as they are compared."""
        _, found, own = self.lists.items(table, end)
        items = found.get(tuple(row[name] for name in self.lists.key(table)), ())
        plain = [name for name in own if not is_derived(name, own)]
        names = self.item_keys.get((*path, end), plain)
        return frozenset(meaning(item, names) for item in items)

    def answer(self, table, path, name, row, comparison):
        match comparison:
            case "value":
                return row[name]
            case "date":
                return tuple(row[f"{stem_of(name)}_{part}"] for part in DERIVED)
            case "set" | "jaccard" | "masi":
                return self.members(table, path, name, row)
            case "group":
                inside = [it for it in self.columns if it.startswith(f"{name}_")]
                values = [row[it] for it in inside if not is_spelling(it, inside)]
                row_name = [it for it in self.lists.below(table) if f"_{name}_" in it]
                lists = [self.members(table, path, f"{name}_{it.split(f'_{name}_', 1)[1]}", row)
                         for it in sorted(row_name)]
                return (*values, *lists)
        raise ValueError(f"a comparison that no check knows: {comparison}")

    def answers(self, variable, comparison):
        table, groups, name, path = self.compared(variable)
        found = [[self.answer(table, path, name, row, comparison) for _, row in unit]
                 for group in groups for unit in group]
        return Sample(found, groups, self.weights, self.has_coders)

    def has_code(self, variable, code):
        """Whether answers have a code."""
        table, groups, name, path = self.compared(variable)
        def has(row):
            if name in row:
                return row[name] == code
            return (code,) in self.members(table, path, name, row)
        found = [[has(row) for _, row in unit] for group in groups for unit in group]
        return Sample(found, groups, self.weights, self.has_coders)

    def properties(self, variable):
        """The variables that the items of a list of objects must have."""
        table, _, name, path = self.compared(variable)
        if (*path, name) not in self.item_keys:
            return set()
        child, _, own = self.lists.items(table, name)
        lists = {it.removeprefix(f"{child}_") for it in self.lists.below(child)}
        key = self.item_keys[(*path, name)]
        of_key = {f"{stem_of(it)}_precision" for it in key}
        plain = {it for it in own if (not is_derived(it, own) or it.endswith("_precision"))
                 and it not in (*key, *of_key, *(f"n_{it}" for it in lists))}
        return {f"{variable}.{it}" for it in plain | lists}


def is_derived(column, columns):
    return any(is_spelling(name, columns) and column == f"{stem_of(name)}_{part}"
               for name in columns for part in DERIVED)


class Sample:
    """Answers to units, with the groups that are drawn together, and weights."""

    def __init__(self, answers, groups, weights, has_coders):
        self.answers = answers
        self.group = [index for index, group in enumerate(groups) for _ in group]
        self.groups = len(groups)
        self.weights = [weights[index] for index in self.group]
        names = {coder for group in groups for unit in group for coder, _ in unit}
        self.coders = len(names) if has_coders else None
        self.known = list(dict.fromkeys(answer for unit in answers for answer in unit))
        self.counts = numpy.array(
            [[unit.count(answer) for answer in self.known] for unit in answers],
            dtype=int).reshape(len(answers), len(self.known))


def nominal(a, b):
    return Fraction(int(a != b))


def jaccard(a, b):
    return 1 - Fraction(len(a & b), len(a | b)) if a != b else Fraction()


def masi(a, b):
    """Passonneau 2006: Jaccard's similarity times how one set contains the other."""
    if a == b:
        return Fraction()
    monotonicity = Fraction(2, 3) if a <= b or b <= a else Fraction(int(bool(a & b)), 3)
    return 1 - Fraction(len(a & b), len(a | b)) * monotonicity


def distance_of(comparison):
    return {"jaccard": jaccard, "masi": masi}.get(comparison, nominal)


def disagreement(unit, distance):
    """The distances of the m(m-1) pairs of a unit, each of which counts 1/(m-1)."""
    often = Counter(unit)
    pairs = sum((n * m * distance(a, b) for a, n in often.items() for b, m in often.items()), Fraction())
    return pairs / (len(unit) - 1)


def observed_agreement(sample, distance):
    """By the definition, pair by pair; none without pairs."""
    differing = sum((w * disagreement(unit, distance)
                     for w, unit in zip(sample.weights, sample.answers)), Fraction())
    total = sum(w * len(unit) for w, unit in zip(sample.weights, sample.answers))
    return 1 - differing / total if total else None


def alpha(sample, distance):
    """By the definition: the mean distance of pairs in a unit against that of all pairs of two answers."""
    often, squares = Counter(), Fraction()
    for weight, unit in zip(sample.weights, sample.answers):
        for answer in unit:
            often[answer] += weight
            squares += weight ** 2
    total = sum(often.values())
    pairs = sum((n * m * distance(a, b) for a, n in often.items() for b, m in often.items()), Fraction())
    if not pairs:
        return None
    expected = pairs / (total ** 2 - squares)
    return float(1 - (1 - observed_agreement(sample, distance)) / expected)


def packaged_alpha(sample, distance):
    """That of the package, which knows no weights; none where all answers are the same."""
    if numpy.count_nonzero(sample.counts.sum(axis=0)) < 2:
        return None
    matrix = distances(sample, distance)
    def metric(v1, v2, i1, i2, n_v, dtype=numpy.float64):
        return matrix[i1, i2]
    return float(krippendorff.alpha(value_counts=sample.counts, level_of_measurement=metric))


def distances(sample, distance):
    return numpy.array([[float(distance(a, b)) for b in sample.known] for a in sample.known],
                       dtype=float).reshape(len(sample.known), len(sample.known))


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


def times_drawn(draws, groups):
    """How often each resample draws each group."""
    return numpy.array([numpy.bincount(draw, minlength=groups) for draw in draws]) \
        .reshape(len(draws), groups)


def resampled_alphas(sample, distance, drawn):
    """Alpha of each resample that has one, by the formula with sums of counts."""
    counts, matrix = sample.counts, distances(sample, distance)
    weights = numpy.array([float(weight) for weight in sample.weights])
    answers = counts.sum(axis=1)
    differing = numpy.einsum("ua,ab,ub->u", counts, matrix, counts) / (answers - 1)
    often = drawn[:, sample.group] if sample.group else numpy.zeros((len(drawn), 0))
    total = often @ (weights * answers)
    squares = often @ (weights ** 2 * answers)
    values = often @ (weights[:, None] * counts)
    pairs = numpy.einsum("ra,ab,rb->r", values, matrix, values, optimize=True)
    defined = numpy.count_nonzero(values, axis=1) > 1
    total, squares, pairs = total[defined], squares[defined], pairs[defined]
    return 1 - (total ** 2 - squares) / total * (often @ (weights * differing))[defined] / pairs


def near(text, value):
    if text == "" or value is None:
        return text == "" and value is None
    return math.isclose(float(text), value, rel_tol=0, abs_tol=TOLERANCE)


def check_interval(what, row, sample, distance, drawn, outcome):
    alphas = resampled_alphas(sample, distance, drawn) if sample.groups else []
    has_bounds = 2 * len(alphas) >= RESAMPLES
    bounds = [float(it) for it in numpy.percentile(alphas, [2.5, 97.5])] if has_bounds else [None] * 2
    told = [row["alpha_lower"], row["alpha_upper"]]
    outcome.check(f"{what}: the interval is drawn as documented",
                  int(row["n_resamples"]) == len(alphas) and all(map(near, told, bounds)),
                  f"told {told} of {row['n_resamples']}, worked out {bounds} of {len(alphas)}")
    return [float(it) for it in told] if has_bounds else None


def check_alpha(what, row, sample, distance, weighted, outcome):
    agreement = observed_agreement(sample, distance)
    wanted = None if agreement is None else float(agreement)
    outcome.check(f"{what}: observed agreement", near(row["observed_agreement"], wanted),
                  f"told {row['observed_agreement']}, worked out {wanted}")
    wanted = alpha(sample, distance) if sample.answers else None
    outcome.check(f"{what}: alpha is what its definition says", near(row["alpha"], wanted),
                  f"told {row['alpha']}, worked out {wanted}")
    if not weighted:
        wanted = packaged_alpha(sample, distance)
        outcome.check(f"{what}: alpha is that of the package krippendorff", near(row["alpha"], wanted),
                      f"told {row['alpha']}, worked out {wanted}")


def check_row(what, row, sample, drawn, other_drawn, weighted, outcome):
    told = [int(row[name]) for name in ("n_units", "n_coders", "n_values")]
    numbers = [len(sample.answers), told[1] if sample.coders is None else sample.coders,
               sum(map(len, sample.answers))]
    outcome.check(f"{what}: units, coders and values are counted", told == numbers,
                  f"told {told}, counted {numbers}")
    distance = distance_of(row["compared_as"])
    check_alpha(what, row, sample, distance, weighted, outcome)
    bounds = check_interval(what, row, sample, distance, drawn, outcome)
    if bounds:
        lower, upper = bounds
        outcome.check(f"{what}: alpha is inside its interval",
                      lower <= float(row["alpha"]) <= upper, f"{lower}, {row['alpha']}, {upper}")
        others = numpy.percentile(resampled_alphas(sample, distance, other_drawn), [2.5, 97.5])
        allowed = 0.15 * (upper - lower) + 0.01
        outcome.check(f"{what}: another generator gives nearly the same interval",
                      max(abs(others - [lower, upper])) <= allowed, f"{bounds}, {others}")


def check_code(what, row, sample, drawn, weighted, outcome):
    positives = [(weight, answer) for weight, unit in zip(sample.weights, sample.answers)
                 for answer in unit]
    told = [int(row[name]) for name in ("n_units", "n_values", "n_positives")]
    numbers = [len(sample.answers), len(positives), sum(answer for _, answer in positives)]
    outcome.check(f"{what}: units, values and positives are counted", told == numbers,
                  f"told {told}, counted {numbers}")
    total = sum(weight for weight, _ in positives)
    wanted = float(sum(weight for weight, answer in positives if answer) / total) if total else None
    outcome.check(f"{what}: prevalence", near(row["prevalence"], wanted),
                  f"told {row['prevalence']}, worked out {wanted}")
    check_alpha(what, row, sample, nominal, weighted, outcome)
    check_interval(what, row, sample, nominal, drawn, outcome)


def agreement_tables(resources, columns):
    def own(resource):
        return {field["name"] for field in resource["schema"]["fields"]}
    return [name for name, resource in resources.items() if {"coded_table", "alpha", *columns} <= own(resource)]


def check_published_examples(release, outcome):
    """The functions here against examples of the papers, worked out by their authors."""
    def sample(units):
        groups = [[list(enumerate(unit))] for unit in units]
        return Sample([list(unit) for unit in units], groups, [Fraction(1)] * len(units), True)
    four = sample(["111", "2232", "3333", "3333", "2222", "1234", "4444", "1121", "2222", "555", "11"])
    outcome.check("published: Krippendorff's four observers, nominal: 0.743",
                  round(alpha(four, nominal), 3) == 0.743)
    two = sample(["01", "11", "01", "00", "00", "01", "00", "00", "10", "00"])
    outcome.check("published: Krippendorff's two observers, binary: 0.095",
                  round(alpha(two, nominal), 3) == 0.095)
    a, b, c, d, e = map(frozenset, ("ab", "abc", "bcd", "xy", ""))
    # Passonneau 2006: a part counts 2/3, an overlap 1/3, times the share of what is common.
    found = [1 - masi(a, b), 1 - masi(b, c), 1 - masi(a, d), 1 - masi(a, a), 1 - masi(a, e)]
    outcome.check("published: Passonneau's MASI", found == [
        Fraction(2, 3) * Fraction(2, 3), Fraction(2, 4) * Fraction(1, 3), 0, 1, 0], f"{found}")
    # Of two coders' sets x, xy | xy, xy | z, z by hand: with Jaccard's distance 1/2 of x and xy the six answers
    # have D_o = 2 * 1/2 / 6, D_e = 2 * (1*3*1/2 + 1*2 + 3*2) / 30.
    sets = sample([[frozenset("x"), frozenset("xy")], [frozenset("xy")] * 2, [frozenset("z")] * 2])
    outcome.check("by hand: alpha with Jaccard's distance",
                  math.isclose(alpha(sets, jaccard), 1 - (1 / 6) / (19 / 30)))


def check_agreement(release, outcome):
    resources = {resource["name"]: resource for resource in table_resources(release)}
    for table in agreement_tables(resources, ["compared_as"]):
        measures = rows(release, table)
        coded, = {row["coded_table"] for row in measures}
        outcome.check(f"{table}: is called after the codings", table == f"{coded}_agreement")
        codings = Codings(release, coded, resources)
        weighted = codings.weight is not None
        outcome.check(f"{table}: says what it is weighted by",
                      {row["weighted_by"] for row in measures} == {codings.weight or ""})
        groups = len(codings.units)
        drawn = times_drawn(documented_draws(groups), groups)
        other = numpy.random.default_rng(2011).integers(0, max(groups, 1), (RESAMPLES, groups))
        other_drawn = times_drawn(other, groups)
        variables = {row["variable"] for row in measures}
        for row in measures:
            what = f"{table}: {row['variable']} as {row['compared_as']}"
            outcome.guard(what, lambda: check_row(
                what, row, codings.answers(row["variable"], row["compared_as"]), drawn,
                other_drawn, weighted, outcome))
            if row["compared_as"] == "set":
                wanted = codings.properties(row["variable"])
                told = {it for it in variables if it.rpartition(".")[0] == row["variable"]}
                outcome.check(f"{what}: all that is said of items is compared", told == wanted,
                              f"told {sorted(told)}, wanted {sorted(wanted)}")
        check_codes(release, codings, drawn, resources, outcome)


def check_codes(release, codings, drawn, resources, outcome):
    table = f"{codings.table}_agreement_codes"
    if table not in agreement_tables(resources, ["prevalence"]):
        return
    measures = rows(release, table)
    for row in measures:
        what = f"{table}: {row['variable']}: {row['code']}"
        outcome.guard(what, lambda: check_code(
            what, row, codings.has_code(row["variable"], row["code"]), drawn,
            codings.weight is not None, outcome))
    # Whoever has one code has a row for it: the positives of a single value are all that isn't missing.
    for variable in dict.fromkeys(row["variable"] for row in measures):
        found, groups, name, _ = codings.compared(variable)
        if name in codings.lists.columns(found):
            told = sum(int(row["n_positives"]) for row in measures if row["variable"] == variable)
            wanted = sum(row[name] != "" for group in groups for unit in group for _, row in unit)
            outcome.check(f"{table}: {variable}: each code has a row", told == wanted,
                          f"told {told}, wanted {wanted}")


def check_tampering(release, outcome):
    """The checks above see an answer that was changed, and an alpha that is nearly right."""
    resources = {resource["name"]: resource for resource in table_resources(release)}
    for table in agreement_tables(resources, ["compared_as"]):
        measures = rows(release, table)
        shown = [row for row in measures if row["alpha"] not in ("", "1.0")
                 and row["compared_as"] == "value" and "." not in row["variable"]]
        if not shown:
            continue
        variable, coded = shown[0]["variable"], shown[0]["coded_table"]
        _, role = schema_of_codings(release, resources[coded])
        unit = role["unit"]
        often = Counter(row[unit] for row in rows(release, coded))
        kept = f"{table}: {variable} as value: alpha is what its definition says"

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


CHECKS = [check_published_examples, check_agreement, check_tampering]
