"""Dyads, and a panel of all pairs by year, made with SQL: panel.py EVENTS.jsonl STATES.csv OUT

DuckDB pairs the states of each event, counts the events of each pair and year with their highest level, and joins that
to all pairs of states in all years, so that there are zeros. It has no units by period, nothing about what was
searched, and no uncertain dates.
"""

import sys
from pathlib import Path

import duckdb

PARQUET = "(FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 3)"


def main(events, states, out):
    directory = Path(out, "parquet")
    directory.mkdir()
    connection = duckdb.connect()
    connection.execute(f"""
        CREATE TEMP TABLE parties AS SELECT DISTINCT id, date, level, unnest(states) AS state
        FROM read_json('{events}', format = 'newline_delimited', columns = {{
            id: 'VARCHAR', date: 'DATE', level: 'TINYINT', states: 'VARCHAR[]'}});
        CREATE TEMP TABLE dyads AS SELECT one.id, one.state AS state_a, other.state AS state_b, one.date, one.level
        FROM parties AS one JOIN parties AS other USING (id) WHERE one.state < other.state ORDER BY ALL;
        CREATE TEMP TABLE units AS SELECT code FROM '{states}';
        CREATE TEMP TABLE panel AS
        WITH cells AS (SELECT state_a, state_b, year(date) AS year, count(*) AS n, max(level) AS level
                       FROM dyads GROUP BY ALL)
        SELECT one.code AS state_a, other.code AS state_b, years.range AS year, coalesce(n, 0) AS n, level
        FROM units AS one JOIN units AS other ON one.code < other.code CROSS JOIN range(1820, 2020) AS years
        LEFT JOIN cells ON cells.state_a = one.code AND cells.state_b = other.code AND cells.year = years.range
        ORDER BY ALL;
        COPY dyads TO '{directory / "event_dyads.parquet"}' {PARQUET};
        COPY panel TO '{directory / "dyad_years.parquet"}' {PARQUET};
    """)


if __name__ == "__main__":
    main(*sys.argv[1:])
