"""Derived tables, worked out from base tables by brute force, for `check_derived.py`.

Each function gives the rows that a table must have: dictionaries of columns and their text. Cells that aren't known are
empty, as in CSV.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from itertools import combinations, permutations

from derived_release import listed
from derived_time import COLUMNS, FIRST, LAST, Time, periods, text_of, time_of, together


def in_order(codes, is_number):
    return sorted(codes, key=int if is_number else str.encode)


def true(value):
    return "true" if value else "false"


@dataclass
class Party:
    unit: str
    side: str = ""
    role: str = ""
    time: Time | None = None


@dataclass
class Record:
    key: tuple
    row: dict
    time: Time | None
    parties: list = field(default_factory=list)

    @property
    def units(self):
        return {party.unit for party in self.parties if party.unit}

    @property
    def n_incomplete(self):
        return sum(1 for party in self.parties if not party.unit)


class Source:
    """The records of a declaration with `from`, or of a panel `of` a table, with their parties."""

    def __init__(self, release, table, declared):
        self.release, self.table, self.declared = release, table, declared
        self.key = release.key(table)
        self.paths = listed(declared["unit"])
        found = [release.find(table, path) for path in self.paths]
        self.child = found[0][0]
        self.columns = [column for _, column in found]
        self.name = self.columns[0] if len(self.columns) == 1 else "unit"
        if self.name == "value":  # a bare value is called as its list
            self.name = self.paths[0].rpartition(".")[2]
        types = release.types(self.child or table)
        self.is_number = types[self.columns[0]] == "integer"
        self.position = {}
        self.records = self._records()

    def column(self, path):
        return self.release.find(self.table, path)

    def _records(self):
        release, declared = self.release, self.declared
        of_record, of_party = [], []
        for path, values in declared.get("where", {}).items():
            child, column = self.column(path)
            texts = {true(it) if isinstance(it, bool) else str(it) for it in listed(values)}
            (of_party if child else of_record).append((column, texts))
        read = release.date_reader(self.table, declared["date"]) if "date" in declared else lambda row: None
        records = {}
        for row in release.rows(self.table):
            if all(row[column] in texts for column, texts in of_record):
                key = tuple(row[name] for name in self.key)
                self.position[key] = len(self.position)
                records[key] = Record(key, row, read(row))
        if self.child is None:
            for record in records.values():
                record.parties = [Party(record.row[column]) for column in self.columns]
            return list(records.values())
        side = self.column(declared["side"])[1] if "side" in declared else None
        role = self.column(declared["directed"]["role"])[1] if "directed" in declared else None
        own = self._party_time(declared)
        for row in release.rows(self.child):
            record = records.get(tuple(row[name] for name in self._parent_columns()))
            if record and all(row[column] in texts for column, texts in of_party):
                record.parties.append(Party(
                    row[self.columns[0]], row[side] if side else "", row[role] if role else "",
                    own(row, record.time)))
        return list(records.values())

    def _parent_columns(self):
        for foreign in self.release.resources[self.child]["schema"]["foreignKeys"]:
            if foreign["reference"].get("resource") == self.table:
                return listed(foreign["fields"])
        raise ValueError(f"{self.child} has no foreign key to {self.table}")

    def _party_time(self, declared):
        """A party's own time, within that of the record; a party that states none has that of the record."""
        if "party_date" not in declared:
            return lambda row, time: time
        read_own = self.release.date_reader(self.table, declared["party_date"])

        def read(row, time):
            own = read_own(row)
            if own is None or time is None:
                return own or time
            return own.shared_with(time) or own
        return read


# Pairs of a record.

def shared(pairs, record, declared):
    """The pairs of items that shared time, and from the first to the last of it; no pairs if they can't have met."""
    rule = declared.get("overlap", "day") if "party_date" in declared else "none"
    if rule == "none":
        return pairs, record.time
    met, times = [], []
    for a, b in pairs:
        if a.time is None or b.time is None:
            time = record.time
        else:
            one, other = (whole_years(it.time) if rule == "year" else it.time for it in (a, b))
            time = one.shared_with(other)
            if time is None:
                continue
        met.append((a, b))
        times += [time] if time else []
    return met, together(times) if times else None


def whole_years(time):
    def first(value):
        return value if value in (FIRST, LAST) else value.replace(month=1, day=1)

    def last(value):
        return value if value in (FIRST, LAST) else value.replace(month=12, day=31)
    return Time(tuple(map(first, time.begin)), tuple(map(last, time.end)))


def dyads(release, name, declared, is_directed=False):
    """One row a record and pair of units that it brings together."""
    source = Source(release, declared["from"], declared)
    ends = ("from", "to") if is_directed else ("a", "b")
    names = [f"{source.name}_{end}" for end in ends]
    kept = [source.column(path)[1] for path in declared.get("keep", [])]
    kept = [it for column in kept for it in with_parts(column, release.fields(source.table))]
    mirrors = mirrored(source, declared["mirror"]["with"]) if "mirror" in declared else {}
    rows = []
    for record in source.records:
        if mirrors.get(record.key) == 0:
            continue
        for units, faced in facing(source, record, declared, is_directed):
            met, time = shared(faced, record, declared)
            if not met:
                continue
            row = dict(zip(source.key, record.key)) | dict(zip(names, units))
            if "side" in declared and not is_directed:
                row |= {"side_a": met[0][0].side, "side_b": met[0][1].side}
            row |= four_days(time)
            if declared.get("overlap", "day") != "none" and "party_date" in declared:
                row["overlap_certain"] = true(time is not None and time.is_sure())
            lacking = sum(1 for it in record.parties if not it.unit or "side" in declared and not it.side)
            row |= {"n_parties": str(len(record.units)), "n_incomplete": str(lacking)}
            if "mirror" in declared:
                row["n_records"] = str(mirrors.get(record.key, 1))
            row |= {column: record.row[column] for column in kept}
            rows.append(row | codes_of(release, declared, dict(zip(names, units)), time))
    return rows


def facing(source, record, declared, is_directed):
    """The pairs of units of a record, in order, with the pairs of items in which they face each other."""
    by_unit = defaultdict(list)
    for party in record.parties:
        if party.unit:
            by_unit[party.unit].append(party)
    for one, other in combinations(in_order(by_unit, source.is_number), 2):
        for units in [(one, other), (other, one)] if is_directed else [(one, other)]:
            items = [(a, b) for a in by_unit[units[0]] for b in by_unit[units[1]]]
            if is_directed and "directed" in declared:
                given = declared["directed"]
                items = [(a, b) for a, b in items if a.role in given["from"] and b.role in given["to"]]
            elif is_directed:
                items = items if [it.unit for it in record.parties] == list(units) else []
            elif "side" in declared:
                items = [(a, b) for a, b in items if a.side and b.side and a.side != b.side]
            if items:
                yield units, items


def with_parts(column, fields):
    """A column with those that are derived from it, as the first day from an uncertain date."""
    stem = column.removesuffix("_edtf")
    parts = ("earliest", "latest", "precision", "uncertain", "approximate")
    return [column, *(name for part in parts if (name := f"{stem}_{part}") in fields)]


def mirrored(source, paths):
    """By the key of a record 2 if another one tells the same from the other side, and 0 if it is the other one."""
    columns = [source.column(path)[1] for path in paths]
    unmatched, found = defaultdict(list), {}
    for record in sorted(source.records, key=lambda it: source.position[it.key]):
        one, other = (party.unit for party in record.parties)
        if not one or not other or one == other:
            continue
        said = tuple(record.row[column] for column in columns)
        if waiting := unmatched[other, one, said]:
            found[waiting.pop(0)] = 2
            found[record.key] = 0
        else:
            unmatched[one, other, said].append(record.key)
    return found


def four_days(time):
    time = time or Time((FIRST, LAST), (FIRST, LAST))
    days = (*time.begin, *time.end)
    names = ("start_earliest", "start_latest", "end_earliest", "end_latest")
    return dict(zip(names, map(text_of, days)))


def codes_of(release, declared, units, time):
    """Columns with the codes of units in other systems, on the days of a time."""
    row = {}
    for crosswalk in declared.get("codes", []):
        matches, _, suffix = release.crosswalk(crosswalk)
        time = time or Time((FIRST, LAST), (FIRST, LAST))
        for column, unit in units.items():
            found = list(dict.fromkeys(
                to for first, last, to in matches.get(unit, ())
                if time.begin[0] <= last and first <= time.end[1]))
            row[f"{column}_{suffix}"] = found[0] if len(found) == 1 else ""
    return row


# Who exists when.

def days_in(spells, first=FIRST, last=LAST):
    return sum((min(end, last) - max(begin, first)).days + 1
               for begin, end in spells if begin <= last and end >= first)


def common(one, other):
    return [(max(a, c), min(b, d)) for a, b in one for c, d in other if max(a, c) <= min(b, d)]


def exists_in(declared, spells):
    """When the units of a row exist: all on one day, or, where existence goes by the period, any of them."""
    if len(spells) == 1:
        return spells[0]
    if declared.get("existence", "day") == "day":
        return common(*spells)
    return merged(it for its in spells for it in its)


def merged(spans):
    """Spans in order, those that meet or follow each other as one."""
    found = []
    for first, last in sorted(spans):
        if found and first.toordinal() <= found[-1][1].toordinal() + 1:
            found[-1] = found[-1][0], max(found[-1][1], last)
        else:
            found.append((first, last))
    return found


def pairs_of(units, pairs):
    """Single units, or pairs of them in order, or pairs in either order."""
    if pairs is None:
        yield from ((unit,) for unit in units)
    elif pairs == "undirected":
        yield from combinations(units, 2)
    else:
        yield from permutations(units, 2)


def chosen(declared, unit, other=None):
    """Whether a panel has rows for a unit, or for a pair: then one is of `units` and the other of `partners`."""
    def among(what, unit):
        return what not in declared or unit in map(str, declared[what])
    if other is None:
        return among("units", unit)
    return (among("units", unit) and among("partners", other)
            or among("units", other) and among("partners", unit))


def cells_of(declared, order, spells, pairs, span):
    """Units or pairs with the periods of a span in which they exist, and the days of it that they share."""
    spells = {unit: common(its, [span]) for unit, its in spells.items()}
    by_day = declared.get("existence", "day") == "day"
    for units in pairs_of(order, pairs):
        if not chosen(declared, *units):
            continue
        own = [spells[unit] for unit in units]
        shared = common(*own) if pairs else own[0]
        for period in periods(declared["period"], *span):
            days = days_in(shared, period.first, period.last)
            if days or not by_day and all(days_in(it, period.first, period.last) for it in own):
                yield units, period, days


def span_of(release, declared):
    """The first and the last day of a panel or a membership."""
    said = declared.get("coverage", declared.get("span"))
    if isinstance(said, dict):
        said = said.get("span")
    if said is None and declared["kind"] == "panel":
        said = release.manifest["dataset"]["temporal"]
    if said is None:
        spells, _ = release.spells(declared["system"])
        days = [spell for its in spells.values() for spell in its]
        return min(first for first, _ in days), max(last for _, last in days)
    time = time_of(str(said))
    return time.begin[0], time.end[1]


def membership(release, name, declared):
    pairs = declared.get("pairs")
    spells, _ = release.spells(declared["system"])
    order = in_order(spells, is_numbers(release, declared["system"]))
    names = {None: ["unit"], "directed": ["unit_from", "unit_to"], "undirected": ["unit_a", "unit_b"]}[pairs]
    return [{**dict(zip(names, units)), **dict(zip(COLUMNS[declared["period"]], period.cells)), "days": str(days)}
            for units, period, days in cells_of(declared, order, spells, pairs, span_of(release, declared))]


def is_numbers(release, system):
    codes = release.code_list(release.manifest["systems"][system]["codelist"])
    return all(row["code"].isdigit() for row in codes)


# Links.

def links(release, name, declared):
    table = declared["from"]
    key = release.key(table)
    read = release.date_reader(table, declared["date"])
    records = {tuple(row[it] for it in key): row for row in release.rows(table)}
    times = {at: read(row) for at, row in records.items()}
    kept = [release.find(table, path)[1] for path in declared.get("keep", [])]
    edges = {}
    for link in declared["links"]:
        child, column = release.find(table, link)
        for row in release.rows(child or table):
            parent = tuple(row[it] for it in key)
            if not row[column]:
                continue
            edge = (parent, (row[column],), link)
            if link in declared.get("symmetric", []):
                edge = (*sorted(edge[:2]), link)
            edges[edge] = True
    rows = []
    for from_, to, link in edges:
        row = {f"{it}_from": value for it, value in zip(key, from_)}
        row |= {f"{it}_to": value for it, value in zip(key, to)}
        row["link"] = link
        begins = []
        for end, at in (("from", from_), ("to", to)):
            time = times.get(at) or Time((FIRST, LAST), (FIRST, LAST))
            begins.append(time.begin)
            row |= {f"{end}_earliest": text_of(time.begin[0]), f"{end}_latest": text_of(time.end[1])}
            row |= {f"{column}_{end}": records[at][column] for column in kept}
        # From the start of one to the start of the other.
        row["days_min"] = apart(begins[0][1], begins[1][0])
        row["days_max"] = apart(begins[0][0], begins[1][1])
        rows.append(row)
    return rows


def apart(one, other):
    return "" if {one, other} & {FIRST, LAST} else str((other - one).days)
