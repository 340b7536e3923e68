"""Parquet against CSV: the same columns, rows and cells, whoever reads them.

Each reader reads both files itself: the CSV as text, the Parquet file as typed. Text is then read
as the type that `datapackage.json` gives the column, and must be the value.
"""

import datetime
import json
import math
import struct
from decimal import Decimal

import duckdb
import geoparquet_validator
import pandas
import polars
import pyarrow
import pyarrow.csv
import pyarrow.parquet
import pyarrow.types as arrow_types

from check_package import table_resources

UTC = datetime.timezone.utc


def typed(kind, text):
    """The value that a CSV cell means."""
    if text is None or text == "":
        return None
    match kind:
        case "string":
            return text
        case "integer":
            return int(text)
        case "number":
            return float(text)
        case "boolean":
            return {"true": True, "false": False}[text]
        case "date":
            return datetime.date.fromisoformat(text)
        case "datetime":
            return datetime.datetime.fromisoformat(text).astimezone(UTC)
    raise ValueError(f"a type that no check knows: {kind}")


def plain(value):
    """The value that a reader gives, in Python's own types."""
    if value is None or value is pandas.NA or value is pandas.NaT:
        return None
    if isinstance(value, pandas.Timestamp):
        value = value.to_pydatetime()
    if hasattr(value, "item") and not isinstance(value, str):
        value = value.item()
    if isinstance(value, float) and math.isnan(value):
        return None
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, datetime.datetime):
        return value.astimezone(UTC) if value.tzinfo else value
    return value


def same(left, right):
    # True == 1 in Python, and 1 == 1.0; neither is the same cell.
    return type(left) is type(right) and left == right


def arrow_kind(kind):
    """What datapackage.json should call an Arrow type."""
    if arrow_types.is_dictionary(kind):
        return arrow_kind(kind.value_type)
    if arrow_types.is_timestamp(kind):
        return "datetime" if kind.tz in ("UTC", "+00:00") else None
    for test, name in (
        (arrow_types.is_boolean, "boolean"), (arrow_types.is_signed_integer, "integer"),
        (arrow_types.is_float64, "number"), (arrow_types.is_date32, "date"),
        (arrow_types.is_string, "string"), (arrow_types.is_large_string, "string"),
        (arrow_types.is_string_view, "string"),
    ):
        if test(kind):
            return name
    return None


# Each reader gives (columns, rows of values) of a Parquet file, and the same of a CSV file as text.

def pyarrow_parquet(path):
    table = pyarrow.parquet.ParquetFile(path).read()
    return table.column_names, rows_of([column.to_pylist() for column in table.columns])


def pyarrow_csv(path):
    with open(path, encoding="utf-8") as file:
        header = file.readline().rstrip("\n").split(",")
    convert = pyarrow.csv.ConvertOptions(
        column_types={name: pyarrow.string() for name in header}, strings_can_be_null=False)
    parse = pyarrow.csv.ParseOptions(newlines_in_values=True)
    table = pyarrow.csv.read_csv(path, convert_options=convert, parse_options=parse)
    return table.column_names, rows_of([column.to_pylist() for column in table.columns])


def pandas_parquet(path):
    frame = pandas.read_parquet(path, engine="pyarrow", dtype_backend="pyarrow")
    return list(frame.columns), rows_of([frame[name].tolist() for name in frame.columns])


def pandas_csv(path):
    frame = pandas.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8")
    return list(frame.columns), rows_of([frame[name].tolist() for name in frame.columns])


def polars_parquet(path):
    frame = polars.read_parquet(path)
    return frame.columns, frame.rows()


def polars_csv(path):
    frame = polars.read_csv(path, infer_schema=False)
    return frame.columns, frame.rows()


def duckdb_query(query, path):
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        cursor = connection.execute(query, [str(path)])
        return [column[0] for column in cursor.description], cursor.fetchall()


def duckdb_parquet(path):
    return duckdb_query("SELECT * FROM read_parquet(?)", path)


def duckdb_csv(path):
    return duckdb_query(
        "SELECT * FROM read_csv(?, header = true, all_varchar = true, delim = ',', quote = '\"', "
        "escape = '\"', nullstr = '', sample_size = -1)", path)


READERS = {
    "pyarrow": (pyarrow_parquet, pyarrow_csv),
    "pandas": (pandas_parquet, pandas_csv),
    "polars": (polars_parquet, polars_csv),
    "duckdb": (duckdb_parquet, duckdb_csv),
}


def rows_of(columns):
    return list(zip(*columns, strict=True))


def geometry_columns(schema):
    geo = (schema.metadata or {}).get(b"geo")
    return set(json.loads(geo)["columns"]) if geo else set()


def check_reader(what, parquet, csv, fields, geometry, outcome):
    names = [field["name"] for field in fields]
    columns, rows = parquet
    kept = [index for index, name in enumerate(columns) if name not in geometry]
    good = outcome.check(f"{what}: the columns are those of the descriptor",
                         [columns[index] for index in kept] == names and list(csv[0]) == names,
                         f"descriptor {names}", f"Parquet    {columns}", f"CSV        {csv[0]}")
    good &= outcome.check(f"{what}: as many rows", len(rows) == len(csv[1]),
                          f"Parquet {len(rows)}, CSV {len(csv[1])}")
    if not good:
        return
    different = []
    for number, (row, texts) in enumerate(zip(rows, csv[1], strict=True)):
        for index, field, text in zip(kept, fields, texts, strict=True):
            wanted, found = typed(field["type"], text), plain(row[index])
            if not same(wanted, found):
                different.append(f"row {number}, {field['name']}: CSV {wanted!r}, Parquet {found!r}")
    outcome.check(f"{what}: {len(rows) * len(fields)} cells are equal", not different,
                  *different[:10])


def check_points(what, path, geometry, outcome):
    """A point is the row's own longitude and latitude."""
    table = pyarrow.parquet.ParquetFile(path).read()
    for name in geometry:
        prefix = name.removesuffix("geometry")
        pair = [prefix + "longitude", prefix + "latitude"]
        if not set(pair) <= set(table.column_names):
            pair = [[c for c in table.column_names if c.endswith(end)] for end in
                    ("longitude", "latitude")]
            if any(len(names) != 1 for names in pair):
                outcome.check(f"{what}: {name}: one longitude and latitude beside it", False)
                continue
            pair = [names[0] for names in pair]
        wrong = []
        columns = [table[column].to_pylist() for column in (name, *pair)]
        for number, (blob, *point) in enumerate(zip(*columns, strict=True)):
            wanted = None if None in point else struct.pack("<BIdd", 1, 1, *point)
            if blob != wanted:
                wrong.append(f"row {number}: {blob!r} for {point}")
        outcome.check(f"{what}: {name}: the points are the coordinates", not wrong, *wrong[:5])


def check_geoparquet(what, path, outcome):
    report = geoparquet_validator.check(str(path))
    # The class `distribution` is advice for large files: a bounding box for each row group.
    tests = [t for t in report["outcomes"] if not t["id"].startswith("/conf/distribution/")]
    ran = [test for test in tests if test["status"] != "skip"]
    wrong = [f"{test['id']}: {test['message']}" for test in ran if test["status"] == "fail"]
    outcome.check(f"{what}: geoparquet-validator passes it in {len(ran)} tests",
                  bool(ran) and not wrong, *wrong)


def check_table(release, resource, outcome):
    name, fields = resource["name"], resource["schema"]["fields"]
    csv_path = release / resource["path"]
    path = release / "parquet" / f"{csv_path.stem}.parquet"
    if not outcome.check(f"{name}: is released as Parquet too", path.is_file()):
        return
    text = csv_path.read_bytes()
    outcome.check(f"{name}: CSV has no byte-order mark, LF at each end, CR nowhere",
                  not text.startswith(b"\xef\xbb\xbf") and text.endswith(b"\n")
                  and b"\r" not in text)
    file = pyarrow.parquet.ParquetFile(path)
    schema, geometry = file.schema_arrow, geometry_columns(file.schema_arrow)
    kinds = {field.name: arrow_kind(field.type) for field in schema}
    wrong = [f"{field['name']}: descriptor {field['type']}, Parquet "
             f"{schema.field(field['name']).type if field['name'] in kinds else 'nothing'}"
             for field in fields if kinds.get(field["name"]) != field["type"]]
    outcome.check(f"{name}: the types are those of the descriptor", not wrong, *wrong)
    for reader, (parquet, csv) in READERS.items():
        what = f"{name}: {reader}"
        both = outcome.guard(what, lambda: (parquet(path), csv(csv_path)))
        if both:
            outcome.guard(what, check_reader, what, *both, fields, geometry, outcome)
    if geometry:
        outcome.guard(name, check_points, name, path, geometry, outcome)
        outcome.guard(name, check_geoparquet, name, path, outcome)


def unnest(kind, value, name, columns, lists):
    """Sorts a nested value into the row's own columns and the lists below it."""
    if arrow_types.is_struct(kind):
        for field in kind:
            inner = None if value is None else value[field.name]
            unnest(field.type, inner, f"{name}_{field.name}" if name else field.name,
                   columns, lists)
    elif arrow_types.is_list(kind) or arrow_types.is_large_list(kind):
        lists[name] = (kind.value_type, value or [])
    else:
        columns[name] = plain(value)


def flatten(kind, items, table, leading, seen):
    """Adds the rows of a list, and of the lists inside, to the flat tables that they make."""
    seen.setdefault(table, [])
    for position, item in enumerate(items):
        columns, lists = {}, {}
        unnest(kind, item, "", columns, lists)
        if set(columns) == {""}:
            columns = {"value": columns[""]}
        seen[table].append(((*leading, position), columns))
        for name, (inner, values) in lists.items():
            flatten(inner, values, f"{table}_{name}", (*leading, position), seen)


def list_tables(kind, table, seen):
    """So that a list that is empty everywhere still makes a table."""
    if arrow_types.is_struct(kind):
        for field in kind:
            list_tables(field.type, f"{table}_{field.name}", seen)
    elif arrow_types.is_list(kind) or arrow_types.is_large_list(kind):
        seen.setdefault(table, [])
        list_tables(kind.value_type, table, seen)


def check_nested(release, outcome):
    resources = {r["name"]: r for r in table_resources(release)}
    nested = sorted((release / "parquet").glob("*_nested.parquet"))
    nested = [p for p in nested if p.stem not in resources]
    if not outcome.check("nested: there is one nested table", len(nested) == 1):
        return
    main = nested[0].stem.removesuffix("_nested")
    if not outcome.check(f"nested: {main} is a table", main in resources):
        return
    table = pyarrow.parquet.ParquetFile(nested[0]).read()
    key = resources[main]["schema"]["primaryKey"]
    key = key if isinstance(key, str) else key[0]
    # A child table begins with the main table's key, called <row>_<key>.
    children = {}
    for name, resource in resources.items():
        first = resource["schema"]["fields"][0]["name"]
        row = first.removesuffix(f"_{key}")
        if name != main and first != row and name.startswith(f"{row}_"):
            refers = [k for k in resource["schema"].get("foreignKeys", ())
                      if k["reference"].get("resource") == main and first in k["fields"]]
            if refers:
                children[name] = row
    rows = set(children.values())
    outcome.check("nested: the child tables agree what a row is called", len(rows) <= 1, str(rows))
    row = rows.pop() if rows else main
    own, seen = [], {}
    for field in table.schema:
        list_tables(field.type, f"{row}_{field.name}", seen)
    for record in table.to_pylist():
        columns, lists = {}, {}
        for field in table.schema:
            unnest(field.type, record[field.name], field.name, columns, lists)
        own.append(columns)
        for name, (kind, values) in lists.items():
            flatten(kind, values, f"{row}_{name}", (columns[key],), seen)
    geometry = geometry_columns(table.schema)
    compare(f"nested: {main}", release, resources[main],
            [((), {k: v for k, v in c.items() if k not in geometry}) for c in own], 0, outcome)
    outcome.check("nested: its lists are the child tables", set(seen) == set(children),
                  f"lists {sorted(seen)}", f"child tables {sorted(children)}")
    for name in sorted(set(seen) & set(children)):
        fields = [field["name"] for field in resources[name]["schema"]["fields"]]
        depth = fields.index("position") + 1
        compare(f"nested: {name}", release, resources[name], seen[name], depth, outcome)


def compare(what, release, resource, rows, depth, outcome):
    """Rows (leading cells, columns) against a CSV file whose first `depth` columns lead."""
    fields = resource["schema"]["fields"]
    columns, texts = pandas_csv(release / resource["path"])
    wanted = [tuple(typed(f["type"], t) for f, t in zip(fields, r, strict=True)) for r in texts]
    names = [field["name"] for field in fields][depth:]
    found = []
    for leading, values in rows:
        if list(values) != names:
            outcome.check(f"{what}: the columns are those of the flat table", False,
                          f"nested {list(values)}", f"flat   {names}")
            return
        found.append((*leading, *values.values()))
    outcome.check(f"{what}: as many rows", len(found) == len(wanted),
                  f"nested {len(found)}, flat {len(wanted)}")
    order = lambda row: tuple((cell is not None, str(cell)) for cell in row)  # noqa: E731
    pairs = zip(sorted(found, key=order), sorted(wanted, key=order), strict=False)
    different = [f"nested {f}, flat {w}" for f, w in pairs
                 if len(f) != len(w) or not all(map(same, f, w))]
    outcome.check(f"{what}: the values are equal", not different, *different[:10])


def check_tables(release, outcome):
    resources = table_resources(release)
    outcome.check("tables: there are some", bool(resources))
    stems = {r["path"][4:-4] for r in resources}
    extra = [p.name for p in (release / "parquet").glob("*")
             if p.suffix != ".parquet" or (p.stem not in stems and not p.stem.endswith("_nested"))]
    outcome.check("tables: no Parquet file without a CSV file", not extra, *extra)
    for resource in resources:
        outcome.guard(resource["name"], check_table, release, resource, outcome)


CHECKS = [check_tables, check_nested]
