"""Derived tables, worked out from base tables by brute force, for `check_derived.py`.

Each function gives the rows that a table must have: dictionaries of columns and their text. Cells that aren't known are
empty, as in CSV.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from itertools import combinations

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
                to for code, first, last, to in matches
                if code == unit and time.begin[0] <= last and first <= time.end[1]))
            row[f"{column}_{suffix}"] = found[0] if len(found) == 1 else ""
    return row


# Who exists when.

def days_in(spells, first=FIRST, last=LAST):
    return sum((min(end, last) - max(begin, first)).days + 1
               for begin, end in spells if begin <= last and end >= first)


def common(one, other):
    return [(max(a, c), min(b, d)) for a, b in one for c, d in other if max(a, c) <= min(b, d)]


class Universe:
    """The cells that a panel or a membership has: units, or pairs, in each period in which they exist."""

    def __init__(self, release, declared, period, span, pairs, is_number, is_cut=False):
        self.release, self.declared = release, declared
        spells, _ = release.spells(declared["system"])
        if is_cut:
            spells = {unit: common(its, [span]) for unit, its in spells.items()}
        units = declared.get("units")
        partners = declared.get("partners")
        by_year = declared.get("existence", "day") != "day"
        self.periods = list(periods(period, *span))
        self.cells = []  # (units, period, days, the spells of common existence)
        singles = in_order(spells, is_number)
        if pairs is None:
            chosen = [((unit,), spells[unit], spells[unit]) for unit in singles if not units or unit in units]
        else:
            chosen = []
            for one, other in combinations(singles, 2):
                for a, b in [(one, other), (other, one)] if pairs == "directed" else [(one, other)]:
                    if self._chosen(a, b, units, partners, pairs):
                        chosen.append(((a, b), spells[a], spells[b]))
        for names, one, other in chosen:
            both = common(one, other) if len(names) == 2 else one
            for it in self.periods:
                days = days_in(both, it.first, it.last)
                exists = days > 0 or by_year and (
                    days_in(one, it.first, it.last) and days_in(other, it.first, it.last))
                if exists:
                    self.cells.append((names, it, days, both))

    @staticmethod
    def _chosen(a, b, units, partners, pairs):
        def side(codes, code):
            return not codes or code in codes
        straight = side(units, a) and side(partners, b)
        return straight or pairs == "undirected" and side(units, b) and side(partners, a)


def span_of(release, declared):
    """The first and the last day of a panel or a membership."""
    said = declared.get("coverage", declared.get("span"))
    if isinstance(said, dict):
        said = said.get("span")
    said = said or declared.get("span") or release.manifest["dataset"].get("temporal")
    time = time_of(str(said))
    first, last = time.begin[0], time.end[1]
    spells, known_to = release.spells(declared["system"])
    days = [it for spell in spells.values() for ends in spell for it in ends if it not in (FIRST, LAST)]
    if first == FIRST:
        first = min(days)
    return first, min(last, known_to) if last != LAST or known_to != LAST else max(days)


def membership(release, name, declared):
    pairs = declared.get("pairs")
    universe = Universe(release, declared, declared["period"], span_of(release, declared), pairs,
                        is_number=is_numbers(release, declared["system"]), is_cut=True)
    names = {None: ["unit"], "directed": ["unit_from", "unit_to"], "undirected": ["unit_a", "unit_b"]}[pairs]
    return [{**dict(zip(names, units)), **dict(zip(COLUMNS[declared["period"]], period.cells)), "days": str(days)}
            for units, period, days, _ in universe.cells]


def is_numbers(release, system):
    codes = release.code_list(release.manifest["systems"][system]["codelist"])
    return all(row["code"].isdigit() for row in codes)


# Links.

def links(release, name, declared):
    table = declared["from"]
    key = release.key(table)
    read = release.date_reader(table, declared["date"])
    times = {tuple(row[it] for it in key): read(row) for row in release.rows(table)}
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
        days = []
        for end, at in (("from", from_), ("to", to)):
            time = times.get(at)
            first, last = (time.begin[0], time.end[1]) if time else (FIRST, LAST)
            days += [first, last]
            row |= {f"{end}_earliest": text_of(first), f"{end}_latest": text_of(last)}
        row["days_min"] = apart(days[1], days[2])
        row["days_max"] = apart(days[0], days[3])
        rows.append(row)
    return rows


def apart(one, other):
    return "" if {one, other} & {FIRST, LAST} else str((other - one).days)
