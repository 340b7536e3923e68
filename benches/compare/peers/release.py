"""The Parquet files of a release, made with SQL: release.py SCHEMA EVENTS.jsonl ACTORS.jsonl OUT

DuckDB reads the records once, in the order of their keys; asks whether keys are unique and references
lead somewhere; and writes the nested table, the flat one, and a table for each list, under the names and
with the columns that ours have. It leaves out what ours derive (the days that dates can mean, points,
descriptions), the schema beyond types, checksums, and waiting for the disk.

Ends with how many records it rejects. If there are any, nothing is written.
"""

import sys
from pathlib import Path

import duckdb
from columns import columns, duckdb_source, load

PARQUET = "(FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 3)"
ROW = "event"


def shapes(schema):
    """The record's properties: None for a value, a dictionary for a group, a list for a list."""
    nothing = dict.fromkeys(("string", "date", "number", "integer"))
    return columns(load(schema), nothing, dict, lambda item: [item])


def rejected(connection):
    """Rows that repeat a key, and records with a reference that leads nowhere."""
    return connection.execute("""
        WITH present AS (SELECT id, unnest(participants).actor AS actor FROM records),
            lost AS (SELECT present.id FROM present ANTI JOIN actors ON present.actor = actors.id
                UNION SELECT late.id FROM records AS late ANTI JOIN records AS early ON late.part_of = early.id
                WHERE late.part_of IS NOT NULL)
        SELECT (SELECT count(*) FROM lost) + (SELECT count(*) - count(DISTINCT id) FROM records)
    """).fetchone()[0]


def copy(connection, query, file):
    connection.execute(f"COPY ({query}) TO '{file}' {PARQUET}")


def main(schema, records, actors, out):
    connection = duckdb.connect()
    connection.execute(f"CREATE TEMP TABLE records AS FROM {duckdb_source(schema, records)} ORDER BY id")
    connection.execute(f"CREATE TEMP TABLE actors AS FROM read_json('{actors}', format = 'newline_delimited')")
    count = rejected(connection)
    if count == 0:
        directory = Path(out, "parquet")
        directory.mkdir()
        write(connection, shapes(schema), directory)
    print(f"{count} rejected")
    return count


def write(connection, properties, directory):
    copy(connection, "FROM records", directory / "events_nested.parquet")
    flat = []
    for name, shape in properties.items():
        match shape:
            case dict():
                flat += [f"{name}.{member} AS {name}_{member}" for member in shape]
            case list():
                flat.append(f"len({name}) AS n_{name}")
            case _:
                flat.append(name)
    copy(connection, f"SELECT {', '.join(flat)} FROM records", directory / "events.parquet")
    for name, shape in properties.items():
        if isinstance(shape, list):
            items = f"""SELECT id AS {ROW}_id, generate_subscripts({name}, 1) - 1 AS position,
                unnest({name}) AS item FROM records"""
            value = "item.*" if isinstance(shape[0], dict) else "item AS value"
            table = f"SELECT {ROW}_id, position, {value} FROM ({items})"
            copy(connection, table, directory / f"{ROW}_{name}.parquet")
    copy(connection, "FROM actors ORDER BY id", directory / "actors.parquet")


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]) > 0)
