"""Reports of findings: each format against a reader or checker of it that isn't ours.

    python tests/checkers/check_diagnostics.py DEMARCHE [PROJECT_DIR...]

DEMARCHE is the program; DEMARCHE_CHECKERS_NODE names the directory with `node_modules`.

Breaks a small project in every way that a report shows, runs `demarche check` on it and on the
projects, and reads what it wrote: SARIF against the standard's JSON Schema, Microsoft's multitool
and `sarif-tools`, and against the places in the files; `json` against docs/diagnostic.schema.json
with Python's jsonschema and with ajv; JUnit against an XML Schema and `junitparser`; `github`
and `short` line by line; the human view for underlines that stand below what they mark.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from urllib.parse import unquote

import junitparser
from jsonschema import Draft4Validator, Draft7Validator, Draft202012Validator
from sarif import loader
from wcwidth import wcswidth

from outcome import Outcome

HERE = Path(__file__).parent
NODE = Path(os.environ["DEMARCHE_CHECKERS_NODE"]) / "node_modules"
LINE_SCHEMA = HERE.parent.parent / "docs" / "diagnostic.schema.json"
SARIF_SCHEMA = NODE / "@microsoft" / "sarif-multitool-linux" / "sarif-2.1.0.json"
MULTITOOL = NODE / "@microsoft" / "sarif-multitool-linux" / "Sarif.Multitool"
FORMATS = {"report.sarif": "sarif", "report.jsonl": "json", "report.xml": "junit",
           "report.txt": "human", "short.log": "short", "github.log": "github"}

# Wide characters, combining marks, right-to-left text, tabs, a long line, folded text, an alias.
BROKEN = {
    "dataset.toml": """\
[dataset]
name = "broken"
title = "Broken"
description = "Every finding that a report shows."
version = "1.0.0"
license = "CC0-1.0"
authors = [{ name = "Nobody" }]
base = "https://broken.example/"
main = "visits"

[tables.visits]
schema = "schema/visit.schema.json"
records = ["data/*"]
key = "id"
row = "visit"
""",
    "schema/visit.schema.json": json.dumps({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Visits", "description": "Visits.", "type": "object",
        "required": ["id", "host"], "additionalProperties": False,
        "x-constraints": [
            {"id": "not-alone", "assert": "self.count >= 2", "message": "\"two\" at least"},
            {"id": "is-it-there", "assert": "self.before != self.id", "severity": "warning"},
        ],
        "properties": {
            "id": {"type": "string", "description": "The key."},
            "host": {"type": "string", "description": "Who.", "pattern": "^[a-z]+$"},
            "count": {"type": "integer", "description": "How many.", "minimum": 1},
            "role": {"enum": ["host", "guest"], "description": "The role."},
            "before": {"type": "string", "description": "The visit before.",
                       "x-reference": "visits"},
        }}, indent=2),
    "data/block é.yaml": """\
id: a
host: >
  Folded
  text
role: &role hst
---
id: a
host: "大統領府\t語"
role: *role
before: nobody
---
{id: b, host: שלום, count: 0}
---
id: c
host: no
extra: e\u0301
""",
    "data/one.json": '{\n\t"id": "d",\n\t"host": "e\u0301e\u0301 x",\n\t"count": "1"\n}\n',
    "data/lines.jsonl": '\ufeff{"id": "e", "host": "' + "é" * 200_000 + '", "count": -1, "role": "'
                        + "x" * 100_000 + '"}\n{"id": "f", "host": 1}\n{"id": \n',
    "data/table.csv": 'id,host,count\ng,"two\nlines",1\nh,ok,many\n',
}


def run(*command, cwd=None):
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)


def slice_of(text, region):
    """What a SARIF region covers, counted by the standard's rules."""
    lines = text.split("\n")
    start, end = region["startLine"] - 1, region["endLine"] - 1
    first, last = region["startColumn"] - 1, region["endColumn"] - 1
    if start == end:
        return lines[start][first:last]
    return "\n".join([lines[start][first:], *lines[start + 1:end], lines[end][:last]])


def locations_of(result):
    yield from (place["physicalLocation"] for place in result["locations"])
    yield from (place["physicalLocation"] for place in result.get("relatedLocations", ()))


def check_sarif(what, path, root, outcome):
    log = json.loads(path.read_text(encoding="utf-8"))
    schema = json.loads(SARIF_SCHEMA.read_text(encoding="utf-8-sig"))
    kind = Draft4Validator if "draft-04" in schema["$schema"] else Draft7Validator
    errors = [f"{e.json_path}: {e.message}" for e in kind(schema).iter_errors(log)]
    outcome.check(f"{what}: is valid for the schema of SARIF 2.1.0", not errors, *errors[:5])
    # npm's install scripts are off, so nobody made it executable. Its exit code is 0 for some
    # invalid files, so its output counts.
    MULTITOOL.chmod(0o755)
    report = path.with_suffix(".multitool.json")
    said = run(MULTITOOL, "validate", path, "--rule-kind", "Sarif;Ghas", "--level",
               "Error;Warning;Note", "--output", report, "--log", "ForceOverwrite")
    found = []
    if outcome.check(f"{what}: Microsoft's multitool runs", report.is_file(), said.stdout[-500:],
                     said.stderr[-500:]):
        checked = json.loads(report.read_text(encoding="utf-8-sig"))["runs"][0]
        # SARIF2005 wants the address of a web page about the tool, and there is none.
        found = [f"{r['ruleId']}: {json.dumps(r['message'])[:200]}" for r in checked["results"]
                 if r.get("level", "warning") != "note" and r.get("kind", "fail") == "fail"
                 and r["ruleId"] != "SARIF2005"]
        failures = [note for call in checked.get("invocations", ())
                    for note in call.get("toolExecutionNotifications", ())
                    if note.get("level") == "error"]
        outcome.check(f"{what}: Microsoft's multitool finds nothing wrong",
                      not found and not failures, *found[:8], *failures[:3])
    results = loader.load_sarif_file(str(path)).get_results()
    run_ = log["runs"][0]
    outcome.check(f"{what}: sarif-tools reads as many results", len(results) == len(run_["results"]))
    prints = [r["partialFingerprints"]["primaryLocationLineHash"] for r in run_["results"]]
    outcome.check(f"{what}: fingerprints are all different", len(set(prints)) == len(prints))
    wrong = []
    for result in run_["results"]:
        rule = run_["tool"]["driver"]["rules"][result["ruleIndex"]]
        if rule["id"] != result["ruleId"]:
            wrong.append(f"{result['ruleId']} is not rule {result['ruleIndex']}")
        for place in locations_of(result):
            file = root / unquote(place["artifactLocation"]["uri"])
            if not file.is_file():
                wrong.append(f"there is no {file}")
                continue
            region = place["region"]
            if "byteOffset" not in region:
                continue
            data = file.read_bytes()
            text = data.decode("utf-8", "replace").removeprefix("\ufeff")
            start = region["byteOffset"]
            covered = data[start:start + region["byteLength"]].decode("utf-8", "replace")
            if slice_of(text, region) != covered.removeprefix("\ufeff"):
                wrong.append(f"{file.name} {region}: bytes {covered[:40]!r}, "
                             f"characters {slice_of(text, region)[:40]!r}")
    outcome.check(f"{what}: places are the same in bytes and in lines and columns", not wrong,
                  *wrong[:8])
    return run_["results"]


def check_json(what, path, outcome):
    lines = path.read_text(encoding="utf-8").splitlines()
    schema = json.loads(LINE_SCHEMA.read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema)
    rows = [json.loads(line) for line in lines]
    errors = [f"line {n}: {e.message}" for n, row in enumerate(rows, 1)
              for e in validator.iter_errors(row)]
    outcome.check(f"{what}: each line is valid for docs/diagnostic.schema.json", not errors,
                  *errors[:5])
    script = """
      const [schema, file] = process.argv.slice(1), fs = require("fs");
      const Ajv = require("ajv/dist/2020");
      const valid = new Ajv({strict: true, strictRequired: false, allowUnionTypes: true})
        .compile(JSON.parse(fs.readFileSync(schema)));
      const lines = fs.readFileSync(file, "utf8").trimEnd().split("\\n");
      const bad = lines.filter(line => !valid(JSON.parse(line)));
      console.log(JSON.stringify({lines: lines.length, bad: bad.slice(0, 3)}));"""
    said = run("node", "-e", script, LINE_SCHEMA, path.resolve(), cwd=NODE)
    outcome.check(f"{what}: ajv says the same",
                  said.stdout.strip() == json.dumps({"lines": len(lines), "bad": []},
                                                    separators=(",", ":")),
                  said.stdout[:500], said.stderr[-500:])
    summary = rows[-1]
    found = [row for row in rows if row["reason"] == "diagnostic"]
    outcome.check(f"{what}: the summary is last and counts right",
                  summary["reason"] == "summary" and len(found) == len(rows) - 1
                  and summary["errors"] == sum(row["severity"] == "error" for row in found)
                  and sum(summary["codes"].values()) == len(found), str(summary))
    return found


def topic(row):
    """What a finding is about: its code, with the id of its constraint."""
    return row["code"] + (f"/{row['constraint']}" if row["constraint"] else "")


def check_junit(what, path, found, outcome):
    suites = list(junitparser.JUnitXml.fromfile(str(path)))
    failed = [case for suite in suites for case in suite
              if any(isinstance(r, junitparser.Failure) for r in case.result)]
    errors = sum(row["severity"] == "error" for row in found)
    outcome.check(f"{what}: junitparser counts {errors} failures",
                  len(failed) == errors == sum(suite.failures for suite in suites))
    outcome.check(f"{what}: suites count their cases",
                  all(suite.tests == len(list(suite)) for suite in suites))


COMMAND = re.compile(r"::(error|warning|notice) ([^:]*?(?:%3A[^:]*?)*)::(.*)")


def check_lines(what, directory, found, outcome):
    lines = (directory / "github.log").read_text(encoding="utf-8").split("\n")
    seen = []
    for match in filter(None, map(COMMAND.fullmatch, lines)):
        properties = dict(item.split("=", 1) for item in match[2].split(","))
        properties = {k: unquote(v) for k, v in properties.items()}
        seen.append((match[1].replace("notice", "note"), int(properties["line"]),
                     properties["title"].split()[0]))
    wanted = [(row["severity"], row["place"]["line"], row["code"]) for row in found]
    outcome.check(f"{what}: an annotation for each finding", seen == wanted,
                  *[str(pair) for pair in zip(seen, wanted) if pair[0] != pair[1]][:5])
    lines = (directory / "short.log").read_text(encoding="utf-8").split("\n")
    pattern = re.compile(
        r"(.+?):(\d+):(\d+): (error|warning|note)\[([A-Z]\d{3}(?:/[a-z0-9-]+)?)\]: (.+)")
    seen = [(m[5], int(m[2]), int(m[3])) for m in filter(None, map(pattern.fullmatch, lines))]
    wanted = [(topic(row), row["place"]["line"], row["place"]["column"]) for row in found]
    outcome.check(f"{what}: short has a line for each finding", seen == wanted)


def check_human(what, path, files, found, outcome):
    """Underlines stand below what they mark, in columns as wcwidth counts them."""
    text = path.read_text(encoding="utf-8")
    wrong, checked = [], 0
    blocks = [b for b in text.split("\n\n") if re.match(r"(error|warning|note)\[", b)]
    for row, block in zip(found, blocks):
        place = row["place"]
        if place["line"] != place["end_line"]:
            continue
        lines = block.split("\n")
        number = re.compile(rf" *{place['line']} \| ?")
        at = next((n for n, line in enumerate(lines) if number.match(line)), None)
        if at is None or at + 1 == len(lines) or "^" not in lines[at + 1]:
            wrong.append(f"{row['code']} {place['file']}:{place['line']}: no underline\n{block}")
            continue
        source = lines[at][number.match(lines[at]).end():]
        under = lines[at + 1][number.match(lines[at]).end():]
        left = under.index("^")
        width = len(under) - left - len(under[left:].lstrip("^"))
        data = files[place["file"]]
        marked = data[place["byte_start"]:place["byte_end"]].decode("utf-8")
        shown = source.replace("\u200e", "")
        columns, covered = 0, ""
        for index in range(len(shown) + 1):
            columns = wcswidth(shown[:index])
            if columns >= left + width:
                covered = shown[:index]
                break
        before = next((i for i in range(len(shown)) if wcswidth(shown[:i]) >= left), len(shown))
        covered = (covered or shown)[before:].lstrip("\u0301").rstrip("…")
        checked += 1
        if not marked.replace("\t", "    ").startswith(covered) or (marked.strip() and not covered):
            wrong.append(f"{row['code']} {place['file']}:{place['line']}: {covered!r} is "
                         f"underlined, {marked[:60]!r} is meant")
    outcome.check(f"{what}: {checked} underlines stand below what they mark",
                  not wrong and (checked or not found), *wrong[:5])
    longest = max((wcswidth(line) for line in text.split("\n")
                   if re.match(r" *\d+ \|", line)), default=0)
    outcome.check(f"{what}: no line of a snippet is longer than 140 columns", longest <= 140,
                  f"{longest}")


def check_project(demarche, project, outcome):
    what = project.name
    with tempfile.TemporaryDirectory() as scratch:
        scratch = Path(scratch)
        outputs = [argument for name, form in FORMATS.items()
                   for argument in ("--output", f"{form}={scratch / name}")]
        root = project.parent
        code = run(demarche, "check", "-C", project.name, "--limit", "0", *outputs,
                   cwd=root).returncode
        if not outcome.check(f"{what}: all reports are written",
                             all((scratch / name).is_file() for name in FORMATS)):
            return
        results = check_sarif(f"{what}: sarif", scratch / "report.sarif", root, outcome)
        found = check_json(f"{what}: json", scratch / "report.jsonl", outcome)
        outcome.check(f"{what}: SARIF and json say the same",
                      all(r["ruleId"] in (row["code"], topic(row))
                          for r, row in zip(results, found, strict=True)))
        errors = any(row["severity"] == "error" for row in found)
        outcome.check(f"{what}: the exit code says whether there are errors",
                      (code != 0) == errors, f"exit code {code}")
        check_junit(f"{what}: junit", scratch / "report.xml", found, outcome)
        check_lines(what, scratch, found, outcome)
        files = {row["place"]["file"]: (project / row["place"]["file"]).read_bytes()
                 for row in found if not row["place"]["file"].endswith((".gz", ".zst"))}
        plain = [row for row in found if row["place"]["file"] in files]
        if len(plain) == len(found):
            check_human(f"{what}: human", scratch / "report.txt", files, found, outcome)


def main():
    demarche, *projects = sys.argv[1:]
    demarche = Path(demarche).resolve()
    outcome = Outcome()
    with tempfile.TemporaryDirectory() as scratch:
        broken = Path(scratch) / "broken é"
        for path, text in BROKEN.items():
            file = broken / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8", newline="")
        for project in (broken, *map(Path, projects)):
            outcome.guard(str(project), check_project, demarche, project.resolve(), outcome)
    return outcome.finish()


if __name__ == "__main__":
    sys.exit(main())
