"""Parquet against CSV: the same columns, rows and cells, whoever reads them.

Each reader reads both files itself: the CSV as text, the Parquet file as typed. Text is then read
as the type that `datapackage.json` gives the column, and must be the value.
"""

import csv
import datetime
import itertools
import json
import math
import shutil
import struct
import tempfile
from decimal import Decimal
from pathlib import Path

import duckdb
import geoparquet_validator
import pandas
import polars
import pyarrow
import pyarrow.csv
import pyarrow.parquet
import pyarrow.types as arrow_types

from check_package import table_resources
from outcome import Quiet

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
            value = datetime.datetime.fromisoformat(text)
            # What a clock showed has no zone, neither here nor there.
            return value.astimezone(UTC) if value.tzinfo else value
        case "time":
            return datetime.time.fromisoformat(text)
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
        return "datetime" if kind.tz in ("UTC", "+00:00", None) else None
    for test, name in (
        (arrow_types.is_boolean, "boolean"), (arrow_types.is_signed_integer, "integer"),
        (arrow_types.is_float64, "number"), (arrow_types.is_date32, "date"),
        (arrow_types.is_decimal128, "number"), (arrow_types.is_time64, "time"),
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
    with open(path, encoding="utf-8", newline="") as file:
        header = next(csv.reader(file))
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


def point_columns(fields):
    """The columns of the first point that a row has, longitude first; none if it has none."""
    numbers = [field["name"] for field in fields if field["type"] == "number"]
    for name in numbers:
        prefix, latitude, end = name.rpartition("latitude")
        if latitude and not end and prefix + "longitude" in numbers and prefix[-1:] in ("", "_"):
            return [prefix + "longitude", name]
    return None


def geometry_column(fields):
    """What the column of the points must be called: `geometry`, unless another one is."""
    if point_columns(fields) is None:
        return None
    name = "geometry"
    while name in [field["name"] for field in fields]:
        name += "_"
    return name


def check_reader(what, parquet, csv, fields, outcome):
    names, geometry = [field["name"] for field in fields], geometry_column(fields)
    columns, rows = parquet
    good = outcome.check(f"{what}: the columns are those of the descriptor"
                         + (", and the points" if geometry else ""),
                         list(columns) == names + [geometry] * (geometry is not None)
                         and list(csv[0]) == names,
                         f"descriptor {names}", f"Parquet    {columns}", f"CSV        {csv[0]}")
    good &= outcome.check(f"{what}: as many rows", len(rows) == len(csv[1]),
                          f"Parquet {len(rows)}, CSV {len(csv[1])}")
    if not good:
        return
    different = []
    for number, (row, texts) in enumerate(zip(rows, csv[1], strict=True)):
        for field, text, cell in zip(fields, texts, row[:len(fields)], strict=True):
            wanted, found = typed(field["type"], text), plain(cell)
            if not same(wanted, found):
                different.append(
                    f"row {number}, {field['name']}: CSV {wanted!r}, Parquet {found!r}")
    outcome.check(f"{what}: {len(rows) * len(fields)} cells are equal", not different,
                  *different[:10])


def check_points(what, path, fields, outcome):
    """A point is the row's own longitude and latitude. It is no column of the descriptor."""
    name, pair = geometry_column(fields), point_columns(fields)
    file = pyarrow.parquet.ParquetFile(path)
    # GeoParquet wants it among the keys of the footer, where the Arrow schema's own aren't.
    geo = json.loads((file.metadata.metadata or {}).get(b"geo", b"{}"))
    outcome.check(f"{what}: the key `geo` is about the points if there are any",
                  geo.get("primary_column") == name
                  and list(geo.get("columns", ())) == [name] * (name is not None), str(geo))
    if name is None or name not in file.schema_arrow.names:
        return
    wrong, points, table = [], [], file.read()
    columns = [table[column].to_pylist() for column in (name, *pair)]
    for number, (blob, *point) in enumerate(zip(*columns, strict=True)):
        wanted = None if None in point else struct.pack("<BIdd", 1, 1, *point)
        points += [] if None in point else [point]
        if blob != wanted:
            wrong.append(f"row {number}: {blob!r} for {point}")
    outcome.check(f"{what}: {name}: the points are the coordinates", not wrong, *wrong[:5])
    box = [*map(min, zip(*points)), *map(max, zip(*points))] if points else None
    said = geo.get("columns", {}).get(name, {}).get("bbox")
    outcome.check(f"{what}: {name}: the box is that of the points", said == box,
                  f"said {said}, is {box}")


def check_geoparquet(what, path, outcome):
    report = geoparquet_validator.check(str(path))
    # The class `distribution` is advice for large files: a bounding box for each row group.
    tests = [t for t in report["outcomes"] if not t["id"].startswith("/conf/distribution/")]
    ran = [test for test in tests if test["status"] != "skip"]
    wrong = [f"{test['id']}: {test['message']}" for test in ran if test["status"] == "fail"]
    outcome.check(f"{what}: geoparquet-validator passes it in {len(ran)} tests",
                  bool(ran) and not wrong, *wrong)


def check_order(what, path, schema, outcome):
    names, texts = pandas_csv(path)
    kinds = {field["name"]: field["type"] for field in schema["fields"]}
    # Python compares text by code points, which is the order of its bytes in UTF-8.
    keys = [tuple(typed(kinds[name], row[names.index(name)]) for name in listed(
        schema["primaryKey"])) for row in texts]
    wrong = [f"{above} before {below}" for above, below in zip(keys, keys[1:]) if above >= below]
    outcome.check(f"{what}: rows are sorted by key", not wrong, *wrong[:5])


def listed(value):
    return [value] if isinstance(value, str) else value


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
    schema = file.schema_arrow
    kinds = {field.name: arrow_kind(field.type) for field in schema}
    wrong = [f"{field['name']}: descriptor {field['type']}, Parquet "
             f"{schema.field(field['name']).type if field['name'] in kinds else 'nothing'}"
             for field in fields if kinds.get(field["name"]) != field["type"]]
    outcome.check(f"{name}: the types are those of the descriptor", not wrong, *wrong)
    for reader, (parquet, csv) in READERS.items():
        what = f"{name}: {reader}"
        both = outcome.guard(what, lambda: (parquet(path), csv(csv_path)))
        if both:
            outcome.guard(what, check_reader, what, *both, fields, outcome)
    outcome.guard(name, check_order, name, csv_path, resource["schema"], outcome)
    outcome.guard(name, check_points, name, path, fields, outcome)
    if geometry_column(fields):
        outcome.guard(name, check_geoparquet, name, path, outcome)


def unnest(kind, value, name, columns, lists):
    """Sorts a nested value into the cells of its row and the lists below it.

    The cell of a list is how many items it has: missing where there is no list.
    """
    if arrow_types.is_struct(kind):
        for field in kind:
            inner = None if value is None else value[field.name]
            unnest(field.type, inner, f"{name}_{field.name}" if name else field.name,
                   columns, lists)
    elif arrow_types.is_list(kind) or arrow_types.is_large_list(kind):
        columns[f"n_{name}"] = None if value is None else len(value)
        lists[name] = (kind.value_type, value or [])
    else:
        columns[name or "value"] = plain(value)


def flatten(kind, items, table, leading, seen):
    """Adds the rows of a list, and of the lists inside, to the flat tables that they make."""
    for position, item in enumerate(items):
        columns, lists = {}, {}
        unnest(kind, item, "", columns, lists)
        seen[table].append((*leading, position, *columns.values()))
        for name, (inner, values) in lists.items():
            flatten(inner, values, f"{table}_{name}", (*leading, position), seen)


def list_tables(kind, table, own, leading, headers):
    """The columns of a list's flat table, and of the lists inside, even if all are empty.

    `own` is what the list's field is called.
    """
    columns, lists = {}, {}
    unnest(kind, None, "", columns, lists)
    headers[table] = [*leading, "position", *columns]
    for name, (inner, _) in lists.items():
        list_tables(inner, f"{table}_{name}", last_name(kind, name),
                    [*leading, f"{own}_position"], headers)


def last_name(kind, path):
    """The field's own name at the end of a path of names."""
    for field in kind:
        if field.name == path:
            return path
        if arrow_types.is_struct(field.type) and path.startswith(f"{field.name}_"):
            found = last_name(field.type, path.removeprefix(f"{field.name}_"))
            if found:
                return found
    return None


def child_tables(resources, main):
    """The tables of the lists in a table's rows, and of the lists in those rows.

    A row is named by its parent's key, which refers to the parent, and by its position.
    """
    family = [main]
    for parent in family:  # grows on the way
        key = listed(resources[parent]["schema"]["primaryKey"])
        for name, resource in resources.items():
            *above, last = listed(resource["schema"]["primaryKey"])
            refers = any(listed(k["fields"]) == above
                         and k["reference"].get("resource") == parent
                         and listed(k["reference"]["fields"]) == key
                         for k in resource["schema"].get("foreignKeys", ()))
            if refers and last == "position" and name not in family:
                family.append(name)
    return family[1:]


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
    keys = listed(resources[main]["schema"]["primaryKey"])
    names = [field["name"] for field in resources[main]["schema"]["fields"]]
    children = child_tables(resources, main)
    kind = pyarrow.struct(list(table.schema))
    columns, lists = {}, {}
    unnest(kind, None, "", columns, lists)
    # A child table is called after what a row is called, and its list.
    rows = [{child.removesuffix(f"_{name}") for child in children if child.endswith(f"_{name}")}
            for name in lists]
    rows = set.intersection(*rows) if rows else set()
    outcome.check("nested: the child tables agree what a row is called",
                  len(rows) == (1 if lists else 0), str(rows))
    row = rows.pop() if len(rows) == 1 else main
    headers = {}
    for name, (inner, _) in lists.items():
        # They begin with the main table's key, whose parts are called as there.
        list_tables(inner, f"{row}_{name}", last_name(kind, name), keys, headers)
    own, seen = [], {name: [] for name in headers}
    for record in table.to_pylist():
        cells, lists = {}, {}
        unnest(kind, record, "", cells, lists)
        own.append(tuple(cells.values()))
        key = tuple(own[-1][names.index(part)] for part in keys)
        for name, (inner, values) in lists.items():
            flatten(inner, values, f"{row}_{name}", key, seen)
    compare(f"nested: {main}", release, resources[main], list(columns), own, outcome)
    outcome.check("nested: its lists are the child tables", set(seen) == set(children),
                  f"lists {sorted(seen)}", f"child tables {sorted(children)}")
    for name in sorted(set(seen) & set(children)):
        compare(f"nested: {name}", release, resources[name], headers[name], seen[name], outcome)


def is_named(column, nested, resource, given):
    """Whether a flat column is called as its value is in the nested table, or otherwise for a reason.

    A schema gives it another name, or it holds keys: those are called alike in all tables.
    """
    schema = resource["schema"]
    keys = {name for it in schema.get("foreignKeys", ()) for name in listed(it["fields"])}
    keys.update(listed(schema["primaryKey"]))
    own = (column.endswith(name) or f"{name}_" in column for name in given)
    return column == nested or column in keys or any(own)


def given_names(release):
    """The names that schemas give columns."""
    def search(schema):
        if isinstance(schema, dict):
            if isinstance(schema.get("x-column"), str):
                yield schema["x-column"]
            schema = schema.values()
        elif not isinstance(schema, list):
            return
        for inner in schema:
            yield from search(inner)
    return {name for path in (release / "schema").rglob("*.json")
            for name in search(json.loads(path.read_text(encoding="utf-8")))}


def compare(what, release, resource, columns, found, outcome):
    """The rows of a flat table as the nested one has them against those of its CSV file."""
    fields = resource["schema"]["fields"]
    given = given_names(release)
    _, texts = pandas_csv(release / resource["path"])
    wanted = [tuple(typed(f["type"], t) for f, t in zip(fields, r, strict=True)) for r in texts]
    names = [field["name"] for field in fields]
    outcome.check(f"{what}: the columns are those of the flat table",
                  len(columns) == len(names)
                  and all(is_named(n, c, resource, given) for c, n in zip(columns, names)),
                  *(f"nested {c}, flat {n}" for c, n in itertools.zip_longest(columns, names)
                    if c != n))
    outcome.check(f"{what}: as many rows", len(found) == len(wanted),
                  f"nested {len(found)}, flat {len(wanted)}")
    different = [f"nested {f}, flat {w}" for f, w in zip(found, wanted, strict=False)
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


def new_failures(release, path, spoil, check, *arguments):
    """Which checks fail only when `spoil` has been at the rows of a Parquet file."""
    with tempfile.TemporaryDirectory() as directory:
        copy = Path(directory) / release.resolve().name
        shutil.copytree(release, copy)
        before, after = Quiet(), Quiet()
        check(copy, *arguments, before)
        file = pyarrow.parquet.ParquetFile(copy / path)
        geo = {key: text for key, text in (file.metadata.metadata or {}).items() if key == b"geo"}
        table = spoil(file.read())
        pyarrow.parquet.write_table(table.replace_schema_metadata(geo), copy / path)
        check(copy, *arguments, after)
        return after.failures - before.failures


def respelled(change):
    """Spoils a table by a change of its rows as Python sees them."""
    def spoil(table):
        rows = table.to_pylist()
        change(rows)
        return pyarrow.Table.from_pylist(rows, schema=table.schema)
    return spoil


def some_list(rows, kind, depth, wanted):
    """(where, key) of a list at a depth of lists, for whose value `wanted` holds."""
    for row in rows:
        for field in kind:
            value = row[field.name]
            if arrow_types.is_list(field.type):
                if depth == 0 and wanted(value):
                    return row, field.name
                inner, depth_inside = field.type.value_type, depth - 1
                below = value or []
            else:
                inner, depth_inside = field.type, depth
                below = [] if value is None else [value]
            if depth_inside >= 0 and arrow_types.is_struct(inner):
                found = some_list(below, inner, depth_inside, wanted)
                if found:
                    return found
    return None


def check_tampering(release, outcome):
    """The checks above see what they are there to see."""
    def expect(what, found, wanted):
        outcome.check(f"tampering: {what} is seen", found == wanted, f"failed: {sorted(found)}")

    resources = {r["name"]: r for r in table_resources(release)}

    def stray(table):
        return table.append_column("stray", pyarrow.nulls(len(table)))

    def mirror(table):
        *_, name = table.column_names
        spoilt = [blob and blob[:5] + blob[13:] + blob[5:13] for blob in table[name].to_pylist()]
        return table.drop_columns(name).append_column(name, pyarrow.array(spoilt, "binary"))

    first = next(iter(resources))
    pointed = next(
        (n for n, r in resources.items() if geometry_column(r["schema"]["fields"])), None)
    for table in filter(None, dict.fromkeys((first, pointed))):
        path = f"parquet/{table}.parquet"
        points = ", and the points" if table == pointed else ""
        found = new_failures(release, path, stray, check_table, resources[table])
        expect(f"{table}: a column too many", found, {
            f"{table}: {reader}: the columns are those of the descriptor{points}"
            for reader in READERS})
    if pointed:
        path = f"parquet/{pointed}.parquet"
        found = new_failures(release, path, mirror, check_table, resources[pointed])
        # The validator minds too, if the points left the box.
        found = {name for name in found if ": geoparquet-validator " not in name}
        column = geometry_column(resources[pointed]["schema"]["fields"])
        expect(f"{pointed}: latitude for longitude", found,
               {f"{pointed}: {column}: the points are the coordinates"})
    path, = (release / "parquet").glob("*_nested.parquet")
    main = path.stem.removesuffix("_nested")
    kind = pyarrow.struct(list(pyarrow.parquet.read_schema(path)))
    table = pyarrow.parquet.ParquetFile(path).read()
    path = path.relative_to(release)

    def tamper(depth, wanted, change):
        """What fails when one list is changed; none if there is no such list."""
        def spoil(rows):
            where, key = some_list(rows, kind, depth, wanted)
            where[key] = change(where[key])
        if some_list(table.to_pylist(), kind, depth, wanted) is None:
            return None
        return new_failures(release, path, respelled(spoil), check_nested)

    counted = {f"nested: {main}: the values are equal"}
    for what, wanted, change in (
        ("an empty list where there is none", lambda value: value is None, lambda _: []),
        ("no list where there is an empty one", lambda value: value == [], lambda _: None),
    ):
        found = tamper(0, wanted, change)
        if found is not None:
            expect(f"nested: {what}", found, counted)
    for depth in (0, 1):
        found = tamper(depth, bool, lambda value: value[:-1])
        if found is not None:
            outcome.check(
                f"tampering: nested: a list at depth {depth} without its last item is seen",
                any(name.endswith(": as many rows") for name in found)
                and (counted <= found if depth == 0 else not counted & found),
                f"failed: {sorted(found)}")


CHECKS = [check_tables, check_nested, check_tampering]
