"""Compares a release with the records that it was made from, value by value, as DuckDB reads both.

    python equal.py PROJECT RELEASE [--forms parquet,csv] [--plain]

PROJECT is one of generate.py's, with JSON Lines; what RELEASE must hold is worked out from it in SQL,
without our code: groups as columns, lists as child tables with positions and counts, the days that an
uncertain date can mean. Every column of every table of events is compared, in Parquet and in CSV, and
every property of the nested Parquet file. A row or a column too many or too few is a difference. Of a
plain release only what records spell is expected: no days that dates mean, and no points.
"""

import argparse
import sys
from pathlib import Path

import duckdb

sys.path.append(str(Path(__file__).parent / "peers"))
from columns import duckdb_source  # noqa: E402

# What an uncertain date is released as. The generator writes a day, month, year or interval of days,
# perhaps with a mark behind it.
DATE = {
    "date_earliest": "CAST(first || substr('0000-01-01', length(first) + 1) AS DATE)",
    "date_latest": """CASE length(last) WHEN 4 THEN CAST(last || '-12-31' AS DATE)
        WHEN 7 THEN last_day(CAST(last || '-01' AS DATE)) ELSE CAST(last AS DATE) END""",
    "date_precision": """CASE WHEN contains(date, '/') THEN 'interval'
        ELSE CASE length(first) WHEN 4 THEN 'year' WHEN 7 THEN 'month' ELSE 'day' END END""",
    "date_uncertain": "ends_with(date, '?')",
    "date_approximate": "ends_with(date, '~')",
}
# The points that Parquet has beside the coordinates.
POINT = {"geometry": "CAST('POINT (' || place.longitude || ' ' || place.latitude || ')' AS GEOMETRY)"}


def expectations(connection, derived):
    """The columns of each table, as expressions over `records`, and the rest of the query."""
    events, tables = {}, {}
    described = connection.execute("DESCRIBE records").fetchall()
    kinds = {name: kind for name, kind, *_ in described if name not in ("first", "last")}
    for name, kind in kinds.items():
        if kind.endswith("[]"):
            events[f"n_{name}"] = f'len("{name}")'
            items = f"""(SELECT id AS event_id, unnest("{name}") AS item,
                unnest(range(len("{name}"))) AS position FROM records)"""
            columns = {"event_id": "event_id", "position": "position"}
            if kind.startswith("STRUCT"):
                columns |= {member: f'item."{member}"' for member in members(connection, f'"{name}"[1]')}
            else:
                columns["value"] = "item"
            tables[f"event_{name}"] = (columns, items, ["event_id", "position"])
        elif kind.startswith("STRUCT"):
            events |= {f"{name}_{member}": f'"{name}"."{member}"' for member in members(connection, f'"{name}"')}
        else:
            events[name] = f'"{name}"'
    nested = {name: f'"{name}"' for name in kinds}
    tables["events"] = (events | derived, "records", ["id"])
    tables["events_nested"] = (nested | derived, "records", ["id"])
    return tables


def members(connection, group):
    return [row[0] for row in connection.execute(f"DESCRIBE SELECT unnest({group}) FROM records").fetchall()]


def differences(connection, expectation, file):
    """How many values were compared, and how many differ in each column that has any."""
    columns, source, key = expectation
    wanted = ", ".join(f'{expression} AS "{column}"' for column, expression in columns.items())
    connection.execute(f"CREATE OR REPLACE TEMP VIEW wanted AS SELECT {wanted} FROM {source}")
    if file.suffix == ".csv":
        types = connection.execute("DESCRIBE wanted").fetchall()
        spelt = ", ".join(f"'{column}': '{kind}'" for column, kind, *_ in types)
        # Every column by its name and as its type; only an empty cell without quotes is missing.
        read = f"read_csv('{file}', header = true, nullstr = '', types = {{{spelt}}}, auto_detect = true)"
    else:
        read = f"read_parquet('{file}')"
    released = [row[0] for row in connection.execute(f"DESCRIBE FROM {read}").fetchall()]
    if set(released) != set(columns):
        return 0, {f"columns {sorted(set(released) ^ set(columns))}": 1}
    unequal = ", ".join(f'count(*) FILTER (w."{column}" IS DISTINCT FROM r."{column}")' for column in columns)
    same_key = " AND ".join(f'w."{part}" = r."{part}"' for part in key)
    # A full join, so that a row that only one side has differs in every value but the missing ones.
    lone = f'count(*) FILTER (w."{key[0]}" IS NULL OR r."{key[0]}" IS NULL)'
    rows, alone, *counts = connection.execute(
        f"SELECT count(*), {lone}, {unequal} FROM wanted w FULL JOIN {read} r ON {same_key}").fetchone()
    found = {column: count for column, count in zip(columns, counts) if count}
    surplus = connection.execute(
        f"SELECT abs((SELECT count(*) FROM {read}) - (SELECT count(*) FROM wanted))").fetchone()[0]
    if surplus:
        found["rows too many or too few"] = surplus
    if alone:
        found["rows that one side lacks"] = alone
    return rows * len(columns), found


def compare(project, release, forms, is_plain):
    """Prints a line for each file; the number of values compared, and of those that differ."""
    connection = duckdb.connect()
    connection.execute("SET preserve_insertion_order = false")
    connection.execute(f"SET temp_directory = '{Path(release).parent}/spilled'")
    source = duckdb_source(f"{project}/schema/event.schema.json", f"{project}/events.jsonl")
    connection.execute(f"""CREATE TEMP TABLE records AS
        SELECT *, split_part(bare, '/', 1) AS first, split_part(bare, '/', -1) AS last
        FROM (SELECT *, rtrim(date, '?~') AS bare FROM {source})""")
    connection.execute("ALTER TABLE records DROP bare")
    compared = differing = 0
    for name, expectation in expectations(connection, {} if is_plain else DATE).items():
        for form in ("parquet",) if name == "events_nested" else forms:
            columns, *rest = expectation
            if (name, form) == ("events", "parquet") and not is_plain:
                columns = columns | POINT
            file = Path(release, form, f"{name}.{form}")
            values, found = differences(connection, (columns, *rest), file)
            print(f"{form}/{name}.{form}: {values} values compared, {found or 'no differences'}")
            compared += values
            differing += sum(found.values())
    print(f"{compared} values compared, {differing} differences")
    return compared, differing


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("project")
    parser.add_argument("release")
    parser.add_argument("--forms", type=lambda text: text.split(","), default=["parquet", "csv"])
    parser.add_argument("--plain", action="store_true")
    options = parser.parse_args()
    compared, differing = compare(options.project, options.release, options.forms, options.plain)
    sys.exit(differing > 0 or compared == 0)
