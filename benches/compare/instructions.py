"""Counts the instructions of the hot paths, where seconds are too noisy to show a small regression.

    cargo build --release
    python benches/compare/instructions.py            # compares with benches/instructions.toml
    python benches/compare/instructions.py --update   # writes it anew

Callgrind (from valgrind) runs `check` and `build` with one worker on generated records, and `check` once more
with five constraints in the schema. Each function's
own instructions count for its crate, and in ours for its module. Fails if the total, or a part that has
a tenth of it, is more than 5 % above the baseline; smaller parts move with what the compiler inlines.
Counts of different compilers don't compare: then it says so and skips.
"""

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections import Counter
from pathlib import Path

import generate

REPOSITORY = Path(__file__).resolve().parent.parent.parent
BASELINE = REPOSITORY / "benches/instructions.toml"
RECORDS = 2000
# How the measurement is called, the command, the shape of the project.
MEASURED = [("check", "check", "lines"), ("constraints", "check", "constraints"), ("build", "build", "lines")]
TOLERANCE = 0.05
LEAST_SHARE = 0.1


def part(function):
    """What a function's instructions count for: `parse` of ours, `parquet`, `malloc`, `zstd`, `libc`."""
    path = re.match(r"[<&(*\[]*(?:dyn |mut )?(\w+)::(\w+)", function)
    if path:
        crate, module = path.groups()
        return module if crate == "demarche" else crate
    if re.match(r"_?(ZSTD|HUF|FSE|HIST|COVER)", function):
        return "zstd"
    return "malloc" if re.search(r"malloc|realloc|calloc|free|sysmalloc", function) else "libc"


def read_profile(text):
    """Sums the functions' own instructions; what they call is counted where it stands."""
    names, counts = {}, Counter()
    function, skip = None, False
    for line in text.splitlines():
        named = re.match(r"fn=\((\d+)\)(?: (.*))?", line)
        if named:
            number, name = named.groups()
            function = names.setdefault(number, name)
        elif called := re.match(r"cfn=\((\d+)\) (.*)", line):
            names.setdefault(*called.groups())
        elif line.startswith("calls="):
            skip = True  # the next line is the cost of the call
        elif re.match(r"[+*\d-]", line):
            if not skip:
                counts[part(function)] += int(line.split()[1])
            skip = False
    return counts


def count(demarche, project, command, directory):
    """What a command takes, by part."""
    profile = directory / f"{command}.callgrind"
    options = ["--out", directory / "out"] if command == "build" else []
    done = subprocess.run(
        ["valgrind", "--tool=callgrind", f"--callgrind-out-file={profile}", demarche, command,
         "--jobs", "1", "--quiet", "--project", project, *options], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"demarche {command} failed below valgrind:\n{done.stdout}{done.stderr}")
    counts = read_profile(profile.read_text(errors="replace"))
    collected = int(re.search(r"Collected : (\d+)", done.stderr).group(1))
    assert sum(counts.values()) == collected, "the profile's lines add up to what callgrind says"
    return {"total": collected} | dict(counts.most_common())


def compiler():
    done = subprocess.run(["rustc", "--version"], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def toml(measured):
    lines = [f"# Instructions of demarche on {RECORDS:,} generated records, one worker. Written by",
             "# benches/compare/instructions.py --update.", f'rustc = "{compiler()}"']
    for command, counts in measured.items():
        lines += ["", f"[{command}]", *(f"{name} = {number}" for name, number in counts.items())]
    return "\n".join(lines) + "\n"


def compare(measured, baseline):
    """Prints each part beside its baseline; what is too far above it."""
    above = []
    for command, counts in measured.items():
        print(f"\n{command:<24}{'instructions':>16}{'share':>8}{'change':>9}")
        for name, number in counts.items():
            before = baseline.get(command, {}).get(name)
            change = number / before - 1 if before else None
            share = number / counts["total"]
            if share >= 0.005:
                print(f"  {name:<22}{number:>16,}{share:>8.1%}{'' if change is None else f'{change:+.1%}':>9}")
            if change is not None and change > TOLERANCE and share >= LEAST_SHARE:
                above.append(f"{command}, {name}: {change:+.1%}")
    return above


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--demarche", type=Path, default=REPOSITORY / "target/release/demarche")
    parser.add_argument("--update", action="store_true", help="write the baseline")
    options = parser.parse_args()
    if not shutil.which("valgrind"):
        print("skipped: valgrind is not installed")
        return
    measured = {}
    with tempfile.TemporaryDirectory() as directory:
        for name, command, shape in MEASURED:
            project = generate.project(REPOSITORY / f"target/compare/data/{shape}-{RECORDS}", shape, RECORDS)
            measured[name] = count(options.demarche.resolve(), project, command, Path(directory))
    baseline = tomllib.loads(BASELINE.read_text()) if BASELINE.exists() else {}
    if options.update:
        compare(measured, baseline)
        BASELINE.write_text(toml(measured))
        return 0
    if baseline.get("rustc") != compiler():
        compare(measured, {})
        print(f"\nskipped: the baseline is of {baseline.get('rustc', 'no compiler')}, this is {compiler()}")
        return 0
    above = compare(measured, baseline)
    for finding in above:
        print(f"FAIL {finding}")
    return 1 if above else 0


if __name__ == "__main__":
    sys.exit(main())
