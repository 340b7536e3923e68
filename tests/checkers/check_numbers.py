"""How many state-years and dyad-years there are in Correlates of War and Gleditsch-Ward, by SQL alone.

    python tests/checkers/check_numbers.py DIRECTORY...

Each DIRECTORY, a project or a release, has `schema/codelists/`. The numbers are known from elsewhere, and what
is built from these lists must come to the same. A year counts if the spell has a day in it; a spell that is open ends
with the last day that the list knows of (`as_of`). By day, two states make a dyad-year if both are members on one
day of the year; by year, if both are on any day of it.
"""

import sys
from pathlib import Path

import duckdb

from outcome import Outcome

# The list, its last day, and what comes out.
KNOWN = {
    "cow-states": ("2016-12-31", {
        "state-years": 15_951,
        "undirected dyad-years by day": 956_145,
        "directed dyad-years by day": 1_912_290,
        "undirected dyad-years by year alone": 30,
        "directed dyad-years by year alone": 60,
    }),
    "gw-states": ("2017-12-31", {
        "undirected dyad-years by day": 1_164_591,
    }),
}
# Spells cut into years: a row a spell and year, with the first and the last day of it in that year.
CUT = """
create or replace table cut as
with spells as (
    select code, valid_from::date as first, coalesce(valid_to::date, ?::date) as last
    from read_csv(?, all_varchar = true)
    where valid_from::date <= ?::date
), years as (
    select year, make_date(year, 1, 1) as begins, make_date(year, 12, 31) as ends
    from range(1816, year(?::date) + 1) as years(year)
)
select code, year, greatest(first, begins) as first, least(last, ends) as last
from spells join years on first <= ends and last >= begins
"""
DYADS = """
select count(*) from (
    select distinct a.code, b.code, a.year
    from cut a join cut b on a.year = b.year and {codes} and {time}
)
"""
BY_DAY = "a.first <= b.last and b.first <= a.last"
UNDIRECTED, DIRECTED = "a.code::int < b.code::int", "a.code <> b.code"


def count(connection, query):
    (number,), = connection.sql(query).fetchall()
    return number


def worked_out(path, as_of):
    connection = duckdb.connect()
    connection.execute(CUT, [as_of, str(path), as_of, as_of])
    dyads = {(name, way): count(connection, DYADS.format(codes=codes, time=time))
             for name, codes in (("undirected", UNDIRECTED), ("directed", DIRECTED))
             for way, time in (("day", BY_DAY), ("year", "true"))}
    found = {"state-years": count(connection, "select count(*) from (select distinct code, year from cut)")}
    for name in ("undirected", "directed"):
        found[f"{name} dyad-years by day"] = dyads[name, "day"]
        found[f"{name} dyad-years by year alone"] = dyads[name, "year"] - dyads[name, "day"]
    return found


def check_numbers(directory, outcome):
    for name, (as_of, known) in KNOWN.items():
        found = worked_out(directory / f"schema/codelists/{name}.csv", as_of)
        for what, number in known.items():
            outcome.check(f"{name} to {as_of[:4]}: {number:,} {what}", found[what] == number,
                          f"worked out {found[what]:,}")


def main():
    outcome = Outcome()
    for directory in map(Path, sys.argv[1:]):
        outcome.guard(str(directory), check_numbers, directory, outcome)
    return outcome.finish()


if __name__ == "__main__":
    sys.exit(main())
