"""Panels, worked out cell by cell, for `check_derived.py`."""

import re
from collections import defaultdict

from derived_release import day, snake
from derived_tables import (Source, cells_of, chosen, codes_of, common, days_in, dyads, exists_in, in_order,
                            is_numbers, merged, span_of, true)
from derived_time import COLUMNS, FIRST, LAST, Time, text_of, together


class Entry:
    """A record with its units, as the record has them and as the system does."""

    def __init__(self, record, units, time):
        self.record, self.units, self.time = record, units, time
        self.row = record.row
        self.cells = []


class Panel:
    def __init__(self, release, name, declared):
        self.release, self.declared = release, declared
        of = declared["of"]
        base = of.removesuffix("_directed")
        derived = release.manifest.get("derived", {})
        if base in derived:
            self.pairs = "directed" if base != of else "undirected"
            source = derived[base]
            self.source = Source(release, source["from"], source)
            self.has_side = "side" in source
            self.entries = self._of_dyads(dyads(release, base, source, self.pairs == "directed"))
        else:
            self.pairs, self.has_side = None, False
            self.source = Source(release, of, declared)
            self.entries = [Entry(record, (unit,), record.time)
                            for record in self.source.records for unit in record.units]
        ends = {None: [""], "directed": ["_from", "_to"], "undirected": ["_a", "_b"]}[self.pairs]
        self.names = [self.source.name + end for end in ends]
        self._units()
        self.span = span_of(release, declared)
        self.searched = self._searched()
        self.by = self.source.column(declared["by"])[1] if "by" in declared else None
        self.codes = release.codes(self.source.table, declared["by"]) if self.by else []
        self.outside = {}
        for entry in self.entries:
            for unit, reason in self._place(entry).items():
                self.outside.setdefault((entry.record.key, unit), (entry, reason))
        self.incomplete = [(self._matched_of(record), record.time) for record in self.source.records
                           if record.time and self._lacks(record)]

    def _of_dyads(self, rows):
        records = {record.key: record for record in self.source.records}
        ends = ("from", "to") if self.pairs == "directed" else ("a", "b")
        entries = []
        for row in rows:
            record = records[tuple(row[it] for it in self.source.key)]
            names = ("start_earliest", "start_latest", "end_earliest", "end_latest")
            days = [day(row[it], otherwise) for it, otherwise in zip(names, (FIRST, LAST, FIRST, LAST))]
            time = Time((days[0], days[1]), (days[2], days[3])) if any(row[it] for it in names) else None
            entries.append(Entry(record, tuple(row[f"{self.source.name}_{end}"] for end in ends), time))
        return entries

    def _units(self):
        """The units that could appear, in order, with when they exist: members of a system, or records of a table."""
        if "system" in self.declared:
            self.spells, self.known_to = self.release.spells(self.declared["system"])
            is_number = is_numbers(self.release, self.declared["system"])
        else:
            table = self.release.reference(self.source.table, self.source.paths[0])
            key, = self.release.key(table)
            self.spells = {row[key]: [(FIRST, LAST)] for row in self.release.rows(table)}
            self.known_to, is_number = LAST, self.release.types(table)[key] == "integer"
        self.order = in_order(self.spells, is_number)
        self.rank = {unit: place for place, unit in enumerate(self.order)}

    # Which records have a cell, and why others have none.

    def _place(self, entry):
        """Gives an entry its cells; or the units that have none, with the reason."""
        if entry.time is None:
            return dict.fromkeys(entry.units, "no-date")
        if self.declared.get("uncertain", "apart") == "earliest":
            entry.time = at_earliest(entry.time)
        matched = [self._matched(unit, entry.time) for unit in entry.units]
        if any(isinstance(it, str) for it in matched):
            return {unit: it for unit, it in zip(entry.units, matched) if isinstance(it, str)}
        if self.pairs is None:
            cells = [(unit,) for unit in matched[0] if chosen(self.declared, unit)]
        else:
            cells = [(a, b) for a in matched[0] for b in matched[1]
                     if a != b and chosen(self.declared, a, b)]
            if self.pairs == "undirected":
                cells = [tuple(sorted(pair, key=self.rank.get)) for pair in cells]
        if not cells:
            return {}
        if not entry.time.possibly_in(*self.span):
            return dict.fromkeys(entry.units, "outside-coverage")
        reasons = {unit: reason for unit, its in zip(entry.units, matched)
                   if (reason := self._exists([it for it in its if any(it in cell for cell in cells)],
                                              entry.time))}
        if reasons:
            return reasons
        if self.pairs:
            cells = [(a, b) for a, b in cells
                     if any(entry.time.possibly_in(*it) for it in common(self.spells[a], self.spells[b]))]
            if not cells:
                return dict.fromkeys(entry.units, "no-common-day")
        entry.cells = list(dict.fromkeys(cells))
        return {}

    def _matched(self, unit, time):
        """The units of the system that a record's unit is; or why it is none."""
        if "crosswalk" not in self.declared:
            return [unit] if unit in self.spells else "outside-spell"
        matches, several, _ = self.release.crosswalk(self.declared["crosswalk"])
        found = list(dict.fromkeys(to for first, last, to in matches.get(unit, ())
                                   if time.begin[0] <= last and first <= time.end[1]))
        if not found:
            return "no-match"
        if len(found) > 1 and several == "error":
            return "several-matches"
        return found[:1] if several == "first" else found

    def _exists(self, units, time):
        if any(time.possibly_in(*spell) for unit in units for spell in self.spells[unit]):
            return None
        return "after-as-of" if time.begin[0] > self.known_to else "outside-spell"

    def outside_rows(self):
        rows = []
        for (key, unit), (entry, reason) in self.outside.items():
            time = entry.record.time or Time((FIRST, LAST), (FIRST, LAST))
            rows.append(dict(zip(self.source.key, key)) | {
                self.source.name: unit, "start_earliest": text_of(time.begin[0]),
                "end_latest": text_of(time.end[1]), "reason": reason})
        return rows

    # Records with a party that nobody knows.

    def _lacks(self, record):
        return any(not it.unit or self.has_side and not it.side for it in record.parties)

    def _matched_of(self, record):
        found = (self._matched(unit, record.time) for unit in record.units)
        return {unit for its in found if not isinstance(its, str) for unit in its}

    def n_incomplete(self, units, period):
        """How many records may be of the unit though they don't name it; of a pair, those that name one of the two."""
        wanted = 1 if self.pairs else 0
        return sum(1 for known, time in self.incomplete
                   if time.possibly_in(period.first, period.last)
                   and sum(1 for unit in units if unit in known) == wanted)

    # What was searched.

    def _searched(self):
        """The spans of days that were searched, by unit and code; empty for all of them. None if all was searched."""
        said = self.declared.get("coverage")
        if not isinstance(said, dict):
            return None
        table = said["table"]
        read = self.release.date_reader(table, said["date"])
        unit, by = (self.release.find(table, said[it])[1] if it in said else None for it in ("unit", "by"))
        found = defaultdict(list)
        for row in self.release.rows(table):
            if time := read(row):
                found[row[unit] if unit else "", row[by] if by else ""].append((time.begin[0], time.end[1]))
        return found

    def is_covered(self, units, period, code=""):
        """Whether all days of the period on which the units exist were searched."""
        if self.declared.get("zeros") is False or period.first <= self.known_to < period.last:
            return False
        exist = exists_in(self.declared, [self.spells[unit] for unit in units])
        exist = common(exist, [(period.first, period.last)])
        if not exist or days_in(exist) != days_in(common(exist, [self.span])):
            return False
        if self.searched is None:
            return True
        is_split = "by" in self.declared["coverage"]
        codes = self.codes if is_split and not code else [code if is_split else ""]

        def is_searched(unit, code):
            spans = merged(it for (who, what), its in self.searched.items()
                           if who in ("", unit) and what in ("", code) for it in its)
            return days_in(exist) == days_in(common(exist, spans))
        enough = all if self.declared["coverage"].get("pairs", "both") == "both" else any
        return all(enough(is_searched(unit, code) for unit in units) for code in codes)

    # Cells.

    def by_cell(self):
        """The entries of each unit or pair: one a record, from the first to the last of its times."""
        found = defaultdict(dict)
        for entry in self.entries:
            for cell in entry.cells:
                of_record = found[cell].setdefault(entry.record.key, Entry(entry.record, cell, entry.time))
                of_record.time = together([of_record.time, entry.time])
        return defaultdict(list, {cell: list(entries.values()) for cell, entries in found.items()})

    def rows(self):
        by_cell = self.by_cell()
        is_split = isinstance(self.declared.get("coverage"), dict) and "by" in self.declared["coverage"]
        rows = []
        cells = cells_of(self.declared, self.order, self.spells, self.pairs, self.span)
        for units, period, _ in cells:
            row = self.names_of(units, period)
            for code in ["", *self.codes]:
                ending = f"_{snake(code)}" if code else ""
                covered = self.is_covered(units, period, code)
                if not code or is_split:
                    row[f"covered{ending}"] = true(covered)
                for name, measure in self.declared.get("measures", {"n": "count"}).items():
                    cell = self.cell(name, measure, by_cell[units], period, covered, code)
                    row |= {f"{column}{ending}": text for column, text in cell.items()}
            row["n_incomplete"] = str(self.n_incomplete(units, period))
            when = Time.single(period.first, period.last)
            rows.append(row | codes_of(self.release, self.declared, dict(zip(self.names, units)), when))
        return rows

    def cell(self, name, measure, entries, period, covered, code):
        kind, arguments = re.fullmatch(r"(\w+)(?:\((.*)\))?", measure).groups()
        surely, possibly = self.which(kind, period.first, period.last)
        # A record without a code may have any.
        sure = [it for it in entries if surely(it.time) and (not code or it.row[self.by] == code)]
        maybe = [it for it in entries if it not in sure and possibly(it.time)
                 and (not code or it.row[self.by] in ("", code))]
        is_known = covered and not maybe
        if kind in ("count", "onset", "ongoing"):
            number = len(sure)
            if kind == "count" and self.declared.get("straddle") == "days":
                number = sum(max(1, days_in([(it.time.begin[1], it.time.end[0])], period.first, period.last))
                             for it in sure)
            return {name: str(number) if sure or is_known else "", f"{name}_possible": str(len(maybe))}
        columns = [self.source.column(it.strip())[1] for it in arguments.split(",")]
        cells = [tuple(it.row[column] for column in columns) for it in sure]
        if kind == "sum":
            known = all(cell for cell, in cells) and (sure or is_known)
            return {name: total(cell for cell, in cells) if known else ""}
        order = self.order_of(arguments.split(",")[-1].strip())
        if kind == "max":
            return {name: max((cell for cell, in cells if cell), key=order, default="")}
        # The record with the smallest value; of several that with the first key.
        return {name: min((it for it in cells if it[1]), key=lambda it: order(it[1]), default=("", ""))[0]}

    def which(self, kind, first, last):
        """What says of a time that it counts for a measure, surely and possibly."""
        if kind == "onset" or kind != "ongoing" and self.declared.get("straddle") == "start":
            return (lambda it: it.begins_surely_in(first, last)), (lambda it: it.begins_possibly_in(first, last))
        if kind == "ongoing":
            return ((lambda it: it.surely_in(first, last) and it.begin[1] < first),
                    (lambda it: it.possibly_in(first, last) and it.begin[0] < first))
        return (lambda it: it.surely_in(first, last)), (lambda it: it.possibly_in(first, last))

    def order_of(self, path):
        """How values are compared: by the order of their list if it has one, else as numbers, else as text."""
        codes = self.release.ordered_codes(self.source.table, path)
        if codes:
            return codes.index
        _, column = self.source.column(path)
        is_number = self.release.types(self.source.table)[column] in ("integer", "number")
        return float if is_number else str.encode

    def names_of(self, units, period, names=None):
        cells = dict(zip(names or self.names, units))
        return cells | dict(zip(COLUMNS[self.declared["period"]], period.cells))

    def universe_rows(self):
        """Single units, also of a panel of pairs: those that have a row in some."""
        lists = [self.declared.get(it) for it in (("units", "partners") if self.pairs else ("units",))]
        order = [unit for unit in self.order
                 if any(it is None or unit in map(str, it) for it in lists)]
        all_of_them = {"period": self.declared["period"]}
        return [self.names_of(units, period, [self.source.name])
                | {"days": str(days), "covered": true(self.is_covered(units, period))}
                for units, period, days in cells_of(all_of_them, order, self.spells, None, self.span)]


def total(texts):
    values = list(texts)
    if all(re.fullmatch(r"-?\d+", it) for it in values):
        return str(sum(map(int, values)))
    return repr(sum(map(float, values)))


def at_earliest(time):
    """A time as if all had been as early as it can have been."""
    if time.begin[0] == FIRST:
        return time
    end = max(time.end[0], time.begin[0])
    return Time((time.begin[0],) * 2, (end,) * 2)
