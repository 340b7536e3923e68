"""Compilers of JSON Lines that validate nothing: build.py TOOL SCHEMA RECORDS.jsonl OUT FORMATS

TOOL is duckdb, pyarrow or polars; FORMATS are parquet (zstd, level 3) and csv, separated by commas.
Each is told the types beforehand, so none has to guess.
"""

import sys
from pathlib import Path

from columns import columns, duckdb_source, load

LEVEL = 3


def with_duckdb(schema, records, out, formats):
    import duckdb
    connection = duckdb.connect()
    source = duckdb_source(schema, records)
    if len(formats) > 1:  # one parse for all
        connection.execute(f"CREATE TEMP TABLE parsed AS FROM {source}")
        source = "parsed"
    options = {"parquet": f"FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL {LEVEL}",
               "csv": "FORMAT csv, HEADER"}
    for name in formats:
        connection.execute(f"COPY (FROM {source}) TO '{out}/events.{name}' ({options[name]})")


def with_pyarrow(schema, records, out, formats):
    import pyarrow
    import pyarrow.json
    import pyarrow.parquet
    # Its JSON reader can't make days of text: they stay text.
    text = pyarrow.string()
    leaf = {"string": text, "date": text, "number": pyarrow.float64(), "integer": pyarrow.int64()}
    fields = columns(load(schema), leaf, lambda members: pyarrow.struct(list(members.items())), pyarrow.list_)
    options = pyarrow.json.ParseOptions(explicit_schema=pyarrow.schema(list(fields.items())))
    table = pyarrow.json.read_json(records, parse_options=options)
    pyarrow.parquet.write_table(table, out / "events.parquet", compression="zstd", compression_level=LEVEL)


def with_polars(schema, records, out, formats):
    import polars
    leaf = {"string": polars.String, "date": polars.String, "number": polars.Float64, "integer": polars.Int64}
    fields = columns(load(schema), leaf, polars.Struct, polars.List)
    frame = polars.scan_ndjson(records, schema=fields)
    frame.sink_parquet(out / "events.parquet", compression="zstd", compression_level=LEVEL)


tool, schema, records, out, formats = sys.argv[1:]
build = {"duckdb": with_duckdb, "pyarrow": with_pyarrow, "polars": with_polars}[tool]
build(schema, records, Path(out), formats.split(","))
