"""Who is measured, at which work, and how each says what it rejects."""

import json
import platform
import re
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Callable

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parent.parent
DEMARCHE = "demarche"
SCHEMA = "schema/event.schema.json"
# The shape of the one project that isn't generated.
EMBEDDED = "embedded"


@dataclass
class Tool:
    name: str
    # The command for a project, which is also where it runs, and for a directory that takes its output.
    command: Callable[[Path, Path], list]
    version: list
    # The records rejected, from what a run printed. Builders reject nothing.
    rejected: Callable[[str], int] | None = None
    # The most records that it can take within the memory of an ordinary machine.
    most: int = 10**9
    # What makes it unlike the others.
    remark: str = ""

    @property
    def is_ours(self):
        return self.name.startswith(DEMARCHE)


@dataclass
class Work:
    name: str
    title: str
    shape: str
    tools: list = field(default_factory=list)
    # The shape of the bad variant, if it isn't that of the work.
    judged_shape: str | None = None

    @property
    def writes(self):
        return self.name.startswith("build")

    @property
    def is_judged(self):
        return bool(self.judged_shape) or (not self.writes and self.shape != EMBEDDED)


def records_with_errors(text):
    """Records that have an error: of a file with many, each line is one."""
    found = set()
    for line in text.splitlines():
        finding = json.loads(line)
        if finding["reason"] == "diagnostic" and finding["severity"] == "error":
            place = finding["place"]
            is_many = place["file"].endswith((".jsonl", ".csv"))
            found.add((place["file"], place["line"] if is_many else 0))
    return len(found)


def last_count(pattern):
    """The number in the last match; none if the tool found nothing to report."""
    return lambda text: int((re.findall(pattern, text) or ["0"])[-1])


def files_with_errors(text):
    report = json.loads(text)
    files = report.get("errors", []) + report.get("parse_errors", [])
    return len({finding["filename"] for finding in files})


def rows_with_errors(text):
    tasks = json.loads(text)["tasks"]
    return len({(task["name"], error.get("rowNumber")) for task in tasks for error in task["errors"]})


def every_file(project):
    return sorted(str(file.relative_to(project)) for file in (project / "events").rglob("*.*") if file.is_file())


def events(project):
    """The one file of events, or their directory."""
    return "events.jsonl" if (project / "events.jsonl").exists() else "events"


def works(demarche, peers):
    """All works. `peers` is where install.sh puts what is compared."""
    python, node = peers / "venv/bin/python", peers / "node"
    binary = "jsonschema-{}-{}".format(platform.system().lower(), platform.machine())
    sourcemeta_binary = node / "node_modules/@sourcemeta/jsonschema/build/github-releases" / binary
    cli = peers / "cargo/bin/jsonschema-cli"
    rejected = last_count(r"(\d+) rejected")

    def package_version(name):
        return [python, "-c", f"import importlib.metadata as m; print(m.version('{name}'))"]

    def module_version(name):
        return ["node", "-p", f"require('{node}/node_modules/{name}/package.json').version"]

    check = Tool(DEMARCHE, lambda project, _: [demarche, "check", "--message-format", "json"],
                 [demarche, "--version"], records_with_errors)
    ajv = Tool("ajv", lambda project, _: ["node", HERE / "peers/ajv.mjs", node, SCHEMA, events(project)],
               module_version("ajv"), rejected, remark="in a streaming Node script")

    def sourcemeta(*options, remark):
        return Tool(" ".join(["sourcemeta", *options]), lambda project, _: [
            sourcemeta_binary, "validate", *options, "--format-assertion", "--continue", SCHEMA, events(project)],
            [sourcemeta_binary, "version"], last_count(r"(\d+) failed"), most=1_000_000, remark=remark)
    fast = sourcemeta("--fast", remark="names the record, no reason")
    exhaustive = sourcemeta(remark="names record and property, no line")

    def package(name, remark=""):
        return Tool(name, lambda project, _: [python, HERE / "peers/validate.py", name, SCHEMA, events(project)],
                    package_version(name), rejected, remark=remark)
    jsonschema_rs = package("jsonschema-rs", "valid or not, no errors; in a Python script")
    fastjsonschema = package("fastjsonschema", "draft 7: knows no `unevaluatedProperties`")
    jsonschema_cli = Tool("jsonschema-cli", lambda project, _: [
        cli, "validate", SCHEMA, "--assert-format", "--errors-only", "-i", *every_file(project)],
        [cli, "--version"], lambda text: len(re.findall(r" - INVALID", text)))
    check_jsonschema = Tool("check-jsonschema", lambda project, _: [
        peers / "venv/bin/check-jsonschema", "--output-format", "json", "--schemafile", SCHEMA, *every_file(project)],
        package_version("check-jsonschema"), files_with_errors)
    frictionless = Tool("frictionless", lambda project, _: [
        peers / "venv/bin/frictionless", "validate", "--json", "--limit-errors", "1000000", "datapackage.json"],
        package_version("frictionless"), rows_with_errors, remark="types, keys and references of a Data Package")

    def build(name, *options, remark, rejected=None):
        return Tool(name, lambda project, out: [demarche, "build", "--quiet", *options, "--out", out],
                    [demarche, "--version"], rejected, remark=remark)

    def builder(name, formats, most=10**9, remark=""):
        return Tool(name, lambda project, out: [
            python, HERE / "peers/build.py", name, SCHEMA, "events.jsonl", out, formats],
            package_version(name), most=most, remark=remark)

    return [
        Work("check-lines", "Check JSON Lines", "lines",
             [check, ajv, fast, exhaustive, jsonschema_rs, fastjsonschema]),
        Work("check-constraints", "Check JSON Lines with five constraints", "constraints", [check]),
        Work("check-yaml", "Check YAML files of one record", "yaml",
             [check, jsonschema_cli, fast, check_jsonschema]),
        Work("check-json", "Check JSON files of one record", "json",
             [check, jsonschema_cli, ajv, fast, jsonschema_rs]),
        Work("check-many", "Check many small JSON files", "many",
             [check, ajv, fast, jsonschema_rs]),
        Work("check-rows", "Check CSV tables with keys and references", "rows", [check, frictionless]),
        Work("check-embedded", "Check the embedded dataset", EMBEDDED, [check]),
        Work("build-parquet", "JSON Lines to Parquet", "lines", [
            build(DEMARCHE, "--format", "parquet", remark="checked and sealed; flat and nested"),
            builder("duckdb", "parquet"),
            builder("pyarrow", "parquet", 1_000_000, "all in memory; days stay text"),
            builder("polars", "parquet", 100_000, "days stay text")]),
        Work("build-release", "JSON Lines to a release in Parquet, keys and references checked", "lines", [
            build(DEMARCHE, "--format", "parquet", "--message-format", "json", rejected=records_with_errors,
                  remark="all of the schema checked, too; sealed"),
            Tool("duckdb in SQL", lambda project, out: [
                python, HERE / "peers/release.py", SCHEMA, "events.jsonl", "actors.jsonl", out],
                package_version("duckdb"), rejected, remark="the same tables, without what is derived"),
        ], judged_shape="links"),
        Work("build-panel", "Dyads, and a panel of pairs by year with zeros, to Parquet", "pairs", [
            build(DEMARCHE, "--format", "parquet", remark="records checked and released, too; sealed"),
            Tool("duckdb in SQL", lambda project, out: [
                python, HERE / "peers/panel.py", "events.jsonl", "schema/codelists/states.csv", out],
                package_version("duckdb"), remark="dyads and panel only")]),
        Work("build-both", "JSON Lines to CSV and Parquet", "lines", [
            build(DEMARCHE, "--format", "csv,parquet", remark="checked and sealed; flat and nested"),
            build(f"{DEMARCHE}, all formats", remark="JSON-LD, too"),
            builder("duckdb", "parquet,csv", remark="one parse for both")]),
    ]


def first_version(command):
    """The version that a command prints; nothing if it isn't installed."""
    try:
        done = subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=60)
    except FileNotFoundError:
        return None
    found = re.search(r"\d+(\.\d+)+\S*", done.stdout)
    return found.group() if done.returncode == 0 and found else None
