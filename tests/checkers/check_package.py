"""The release as a set of files: checksums, descriptor, keys and references.

frictionless is the independent reader. Because a checker that checks nothing looks like a good
release, it must also find what is wrong with copies that were tampered with.
"""

import csv
import hashlib
import io
import json
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

import frictionless

SUMS = "SHA256SUMS"


def descriptor(release):
    return json.loads((release / "datapackage.json").read_text(encoding="utf-8"))


def table_resources(release):
    """The descriptor's CSV resources."""
    return [r for r in descriptor(release)["resources"] if r["path"].endswith(".csv")
            and r["path"].startswith("csv/")]


def sha256(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def files(release):
    return sorted(p.relative_to(release).as_posix() for p in release.rglob("*") if p.is_file())


def check_sums(release, outcome):
    text = (release / SUMS).read_text(encoding="utf-8")
    lines = [re.fullmatch(r"([0-9a-f]{64}) [ *](.+)", line) for line in text.splitlines()]
    if not outcome.check("SHA256SUMS: is well-formed", text.endswith("\n") and all(lines)):
        return
    listed = [line[2] for line in lines]
    present = [name for name in files(release) if name not in (SUMS, SUMS + ".sig")]
    outcome.check("SHA256SUMS: lists every file", set(present) <= set(listed),
                  *sorted(set(present) - set(listed)))
    outcome.check("SHA256SUMS: lists nothing else", set(listed) <= set(present),
                  *sorted(set(listed) - set(present)))
    outcome.check("SHA256SUMS: is sorted by bytes, each file once",
                  listed == sorted(set(listed), key=str.encode))
    run = subprocess.run(["sha256sum", "--check", "--strict", "--quiet", SUMS], cwd=release,
                         capture_output=True, text=True, check=False)
    outcome.check("SHA256SUMS: sha256sum agrees", run.returncode == 0,
                  *(run.stdout + run.stderr).splitlines()[:10])


def frictionless_errors(release):
    """(type, note) of each error that frictionless finds."""
    # A package is trusted because its paths point below it; nothing is fetched.
    report = frictionless.validate(str(release / "datapackage.json"))
    errors = [(e.type, e.message) for task in report.tasks for e in task.errors]
    return errors + [(e.type, e.message) for e in report.errors], report


def check_descriptor(release, outcome):
    package = descriptor(release)
    resources = package["resources"]
    outcome.check("datapackage.json: says name, version, licence and its own standard",
                  all(package.get(key) for key in ("$schema", "name", "version", "licenses")),
                  str(sorted(package)))
    outcome.check("datapackage.json: names the directory",
                  release.resolve().name == f"{package.get('name')}-{package.get('version')}",
                  f"{package.get('name')}-{package.get('version')}")
    on_disk = [name for name in files(release) if name.startswith("csv/")]
    described = [r["path"] for r in table_resources(release)]
    outcome.check("datapackage.json: describes every CSV file once",
                  sorted(described) == on_disk, f"described {described}", f"on disk {on_disk}")
    for resource in resources:
        name, path = resource["name"], release / resource["path"]
        if not outcome.check(f"datapackage.json: {name}: exists", path.is_file()):
            continue
        outcome.check(f"datapackage.json: {name}: bytes and hash are right",
                      resource.get("bytes") == path.stat().st_size
                      and resource.get("hash") == f"sha256:{sha256(path)}")


def check_frictionless(release, outcome):
    errors, report = frictionless_errors(release)
    outcome.check("frictionless: finds nothing wrong", report.valid and not errors,
                  *(f"{kind}: {text}" for kind, text in errors[:20]))
    outcome.check("frictionless: read every table",
                  report.stats.get("tasks") == len(descriptor(release)["resources"]),
                  str(report.stats))


def spoilt(release, spoil):
    """What frictionless finds in a copy after `spoil` has been at it."""
    with tempfile.TemporaryDirectory() as directory:
        copy = Path(directory) / release.resolve().name
        shutil.copytree(release, copy)
        spoil(copy)
        return {kind for kind, _ in frictionless_errors(copy)[0]}


def rewrite_cell(path, column, value):
    rows = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8"), newline="")))
    rows[1][rows[0].index(column)] = value
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    path.write_bytes(out.getvalue().encode())


def forget_hashes(release):
    """So that what is found is found in the values."""
    package = descriptor(release)
    for resource in package["resources"]:
        resource.pop("hash", None)
        resource.pop("bytes", None)
    (release / "datapackage.json").write_text(json.dumps(package), encoding="utf-8")


def check_tampering(release, outcome):
    resources = table_resources(release)
    tables = [r for r in resources if (release / r["path"]).read_bytes().count(b"\n") > 1]
    if not outcome.check("tampering: there is a row to tamper with", bool(tables)):
        return
    victim = tables[0]["path"]

    def flip(copy):
        data = bytearray((copy / victim).read_bytes())
        at = next(i for i in range(data.index(b"\n") + 1, len(data)) if chr(data[i]).isalnum())
        data[at] = ord("7") if data[at] != ord("7") else ord("8")
        (copy / victim).write_bytes(data)

    def append(copy):
        with (copy / victim).open("ab") as file:
            file.write((copy / victim).read_bytes().splitlines(keepends=True)[-1])

    found = spoilt(release, flip)
    outcome.check("tampering: frictionless sees a changed byte", "hash-count" in found, str(found))
    found = spoilt(release, append)
    outcome.check("tampering: frictionless sees an added row", "byte-count" in found, str(found))

    def double(copy):
        forget_hashes(copy)
        append(copy)

    found = spoilt(release, double)
    outcome.check("tampering: frictionless sees a key twice", "primary-key" in found, str(found))
    references = [(r, key) for r in tables for key in r["schema"].get("foreignKeys", ())]
    for resource, key in references[:1]:
        fields = key["fields"] if isinstance(key["fields"], list) else [key["fields"]]

        types = {field["name"]: field["type"] for field in resource["schema"]["fields"]}
        nobody = "-31999" if types[fields[0]] == "integer" else "nobody"

        def dangle(copy):
            forget_hashes(copy)
            rewrite_cell(copy / resource["path"], fields[0], nobody)

        found = spoilt(release, dangle)
        outcome.check("tampering: frictionless sees a dangling reference",
                      "foreign-key" in found, str(found))


def check_codebook(release, outcome):
    text = (release / "codebook.md").read_text(encoding="utf-8")
    words = set(re.findall(r"[a-z_][a-z0-9_]*", text))
    for resource in table_resources(release):
        names = [resource["name"], *(field["name"] for field in resource["schema"]["fields"])]
        missing = [name for name in names if name not in words]
        outcome.check(f"codebook.md: {resource['name']}: mentions the table and its columns",
                      not missing, *missing)


CHECKS = [check_sums, check_descriptor, check_frictionless, check_tampering, check_codebook]
