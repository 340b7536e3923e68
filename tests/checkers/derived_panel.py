"""Panels, worked out cell by cell, for `check_derived.py`."""

import re
from collections import defaultdict

from derived_release import day, snake
from derived_tables import Source, Universe, common, days_in, dyads, is_numbers, span_of, true
from derived_time import COLUMNS, FIRST, LAST, Time, text_of


class Entry:
    """A record in the panel: its units, its time, and what its row says."""

    def __init__(self, key, units, time, row, n_incomplete):
        self.key, self.units, self.time, self.row, self.n_incomplete = key, units, time, row, n_incomplete


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
            self.entries = self._of_dyads(dyads(release, base, source, self.pairs == "directed"))
        else:
            self.pairs = None
            self.source = Source(release, of, declared)
            self.entries = [
                Entry(record.key, (unit,), record.time, record.row, record.n_incomplete)
                for record in self.source.records for unit in record.units]
        ends = {None: [""], "directed": ["_from", "_to"], "undirected": ["_a", "_b"]}[self.pairs]
        self.names = [self.source.name + end for end in ends]
        self.span = span_of(release, declared)
        self.spells, self.known_to = release.spells(declared["system"])
        self.universe = Universe(release, declared, declared["period"], self.span, self.pairs,
                                 is_numbers(release, declared["system"]))
        self.incomplete = {record.key: record.time for record in self.source.records
                           if record.n_incomplete and record.time}
        self.searched = self._searched()
        if "by" in declared:
            self.by = self.source.column(declared["by"])[1]
            self.codes = release.codes(self.source.table, declared["by"])
        if declared.get("uncertain", "apart") == "earliest":
            for entry in self.entries:
                entry.time = entry.time and at_earliest(entry.time)
        self.outside = self._outside()

    def _of_dyads(self, rows):
        records = {record.key: record for record in self.source.records}
        ends = ("from", "to") if self.pairs == "directed" else ("a", "b")
        entries = []
        for row in rows:
            record = records[tuple(row[it] for it in self.source.key)]
            days = [row[it] for it in ("start_earliest", "start_latest", "end_earliest", "end_latest")]
            opens = (FIRST, LAST, FIRST, LAST)
            days = [day(text, otherwise) for text, otherwise in zip(days, opens)]
            time = Time((days[0], days[1]), (days[2], days[3])) if record.time else None
            units = tuple(row[f"{self.source.name}_{end}"] for end in ends)
            entries.append(Entry(record.key, units, time, record.row, record.n_incomplete))
        return entries

    # Outside of the system or of coverage.

    def _outside(self):
        """The entries that belong to no cell, with the reason; the others get the system's units."""
        inside, outside = [], []
        for entry in self.entries:
            reasons = {}
            units = []
            for unit in entry.units:
                unit_there, reason = self._place(unit, entry.time)
                units.append(unit_there)
                if reason:
                    reasons[unit] = reason
            if reasons:
                outside += [(entry, unit, reason) for unit, reason in reasons.items()]
            else:
                entry.system_units = tuple(units)
                inside.append(entry)
        self.entries = inside
        return outside

    def _place(self, unit, time):
        if time is None:
            return unit, "no-date"
        if "crosswalk" in self.declared:
            matches, several, _ = self.release.crosswalk(self.declared["crosswalk"])
            found = list(dict.fromkeys(to for code, first, last, to in matches if code == unit
                                       and time.begin[0] <= last and first <= time.end[1]))
            if not found:
                return unit, "no-match"
            if len(found) > 1 and several == "error":
                return unit, "several-matches"
            unit = found[0]
        if unit not in self.spells:
            return unit, "not-in-system"
        if time.begin[0] > self.known_to:
            return unit, "after-as-of"
        if not any(time.possibly_in(*spell) for spell in self.spells[unit]):
            return unit, "outside-spell"
        if not time.possibly_in(*self.span):
            return unit, "outside-coverage"
        return unit, None

    def outside_rows(self):
        rows = {}
        for entry, unit, reason in self.outside:
            row = dict(zip(self.source.key, entry.key))
            time = entry.time or Time((FIRST, LAST), (FIRST, LAST))
            row |= {self.source.name: unit, "start_earliest": text_of(time.begin[0]),
                    "end_latest": text_of(time.end[1]), "reason": reason}
            rows[tuple(row.items())] = row
        return list(rows.values())

    # Coverage.

    def _searched(self):
        """What was looked for: by unit (and code) the spans of days, or none where all of the span was."""
        said = self.declared.get("coverage")
        if not isinstance(said, dict):
            return None
        table = said["table"]
        read = self.release.date_reader(table, said["date"])
        unit = self.release.find(table, said["unit"])[1] if "unit" in said else None
        by = self.release.find(table, said["by"])[1] if "by" in said else None
        found = defaultdict(list)
        for row in self.release.rows(table):
            time = read(row)
            if time and time.begin[1] <= time.end[0]:
                found[row[unit] if unit else "", row[by] if by else ""].append((time.begin[1], time.end[0]))
        return found

    def is_covered(self, units, period, exist, code=""):
        """Whether all days of the period on which the units exist were looked at."""
        exist = common(exist, [(period.first, period.last)])
        codes = [code]
        if not code and self.searched is not None and "by" in self.declared["coverage"]:
            # All together are known only where each was looked for.
            said = self.declared["coverage"]
            codes = self.release.codes(said["table"], said["by"])
        return bool(exist) and all(
            days_in(exist) == days_in(common(exist, self.looked(units, it))) for it in codes)

    def looked(self, units, code):
        """The spans that were looked at for units, and for a code of the records."""
        if self.searched is None:
            return [self.span]
        sets = []
        for unit in units:
            sets.append(merged(it for (who, what), spans in self.searched.items()
                               if who in ("", unit) and (not code or what in ("", code)) for it in spans))
        if self.declared["coverage"].get("pairs", "both") == "both":
            looked = sets[0]
            for it in sets[1:]:
                looked = common(looked, it)
        else:
            looked = merged(it for spans in sets for it in spans)
        return common(looked, [self.span])

    # Cells.

    def rows(self):
        by_cell = defaultdict(list)
        for entry in self.entries:
            by_cell[entry.system_units].append(entry)
        rows = []
        incomplete = {period.first: str(sum(1 for time in self.incomplete.values()
                                            if time.possibly_in(period.first, period.last)))
                      for period in self.universe.periods}
        by = self.declared.get("by")
        for units, period, _, exist in self.universe.cells:
            row = self.names_of(units, period)
            covered = self.is_covered(units, period, exist)
            row["covered"] = true(covered)
            for name, measure in self.declared["measures"].items():
                row |= self.cell(name, measure, by_cell[units], period, covered)
                for code in self.codes if by and measure == "count" else ():
                    entries = [it for it in by_cell[units] if it.row[self.by] == code]
                    cell = self.cell(name, measure, entries, period,
                                     self.is_covered(units, period, exist, code))
                    row |= {f"{column}_{snake(code)}": text for column, text in cell.items()}
            row["n_incomplete"] = incomplete[period.first]
            rows.append(row)
        return rows

    def cell(self, name, measure, entries, period, covered):
        span = period.first, period.last
        surely, possibly = self.which(measure, span)
        sure = [it for it in entries if surely(it.time)]
        maybe = [it for it in entries if possibly(it.time) and not surely(it.time)]
        kind, arguments = re.fullmatch(r"(\w+)(?:\((.*)\))?", measure).groups()
        if kind in ("count", "onset", "ongoing"):
            return {name: number(len(sure), len(maybe), covered), f"{name}_possible": str(len(maybe))}
        paths = [it.strip() for it in arguments.split(",")]
        columns = [self.source.column(path)[1] for path in paths]
        values = [[it.row[column] for column in columns] for it in sure if it.row[columns[0]]]
        match kind:
            case "sum":
                if not sure:
                    return {name: number(0, len(maybe), covered)}
                return {name: total(it for it, in values) if values else ""}
            case "max":
                return {name: max((it for it, in values), key=float, default="")}
            case "first":
                ordered = sorted((it for it in sure if it.row[columns[0]] and it.row[columns[1]]),
                                 key=lambda it: (float(it.row[columns[1]]), it.key))
                return {name: ordered[0].row[columns[0]] if ordered else ""}
        raise ValueError(f"a measure that this check doesn't know: {measure}")

    def which(self, measure, span):
        """What says of a time that it counts for a measure, surely and possibly."""
        starts = measure == "onset" or self.declared.get("straddle", "each") == "start" and measure != "ongoing"
        if starts:
            return (lambda time: time.begins_surely_in(*span)), (lambda time: time.begins_possibly_in(*span))
        return (lambda time: time.surely_in(*span)), (lambda time: time.possibly_in(*span))

    def names_of(self, units, period):
        return dict(zip(self.names, units)) | dict(zip(COLUMNS[self.declared["period"]], period.cells))

    def universe_rows(self):
        return [self.names_of(units, period)
                | {"days": str(days), "covered": true(self.is_covered(units, period, exist))}
                for units, period, days, exist in self.universe.cells]


def number(sure, maybe, covered):
    """A count: never 0 where nobody looked, or where a record may lie in the cell."""
    return str(sure) if sure or covered and not maybe else ""


def total(texts):
    values = list(texts)
    return str(sum(map(int, values))) if all(re.fullmatch(r"-?\d+", it) for it in values) else repr(
        sum(map(float, values)))


def at_earliest(time):
    return Time((time.begin[0],) * 2, (max(time.end[0], time.begin[0]),) * 2)


def merged(spans):
    """Spans in order, those that meet or follow each other as one."""
    found = []
    for first, last in sorted(spans):
        if found and first.toordinal() <= found[-1][1].toordinal() + 1:
            found[-1] = found[-1][0], max(found[-1][1], last)
        else:
            found.append((first, last))
    return found
