"""The questions of docs/questions/, asked again of a release.

    python tests/checkers/check_questions.py [--update] RELEASE

Every script must give the table that is committed beside it, byte for byte, and a plot; plots are
not compared by bytes, which differ between machines. The tables in README.md must be the first
rows of the committed ones.

Then each script is asked of a copy of the release in which all events from a day on are only planned:
nothing of these days may be left in its answer. Derived tables know only what occurred or is going on,
so in the copy those of pairs have no rows of these events, and `event_links` no link with one of them. Views
have all events, and there the status says it. What a panel counts isn't worked out anew: the copy of
`contacts` has its cells and says which were searched, but has no counts, so that a script that
takes them from there fails. Other panels are left out.

`--update` writes tables, plots and README.md anew instead. Read what changed before you commit it.
"""

import argparse
import csv
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import duckdb
import matplotlib.image
import numpy as np

from outcome import Outcome

QUESTIONS = Path(__file__).resolve().parents[2] / "docs" / "questions"
README = QUESTIONS / "README.md"
# The scripts, and the column of each answer that says when.
DAYS = {"contacts": "quarter", "gaps": "day_max", "meetings": "last_day", "sides": "last_day",
        "withdrawals": "day_of_withdrawal"}
PAIRS = ["event_dyads", "event_opponents", "event_visits", "event_visits_directed"]
PLANNED_FROM, QUARTER_PLANNED_FROM = "2024-04-01", "2024-Q2"
HEAD = re.compile(r"<!-- (\w+)\.csv, first (\d+) rows: ([\w, ]+) -->\n\n(?:\|.*\n)*\n?")


def ask(name, release, out):
    """Runs a script, which writes NAME.csv and NAME.png below `out`; what it complained about."""
    command = [sys.executable, QUESTIONS / f"{name}.py", release, out]
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    run = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    return "" if run.returncode == 0 else run.stderr or f"exit code {run.returncode}"


def with_heads(text, folder):
    """The page with the first rows of the tables in `folder`."""

    def head(match):
        name, count, columns = match[1], int(match[2]), match[3].split(", ")
        with open(folder / f"{name}.csv", encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))[:count]
        cells = [columns, ["---"] * len(columns), *([row[column] for column in columns] for row in rows)]
        table = "".join(f"| {' | '.join(line)} |\n" for line in cells)
        return f"<!-- {name}.csv, first {count} rows: {match[3]} -->\n\n{table}\n"

    return HEAD.sub(head, text)


def planned(release, copy):
    """A copy of what the scripts read, in which nothing has occurred since PLANNED_FROM."""
    later = f"SELECT event_id FROM '{release}/parquet/events.parquet' WHERE date_latest >= DATE '{PLANNED_FROM}'"
    status = f"* REPLACE (CASE WHEN {{}} >= DATE '{PLANNED_FROM}' THEN 'planned' ELSE status END AS status)"
    unlinked = f"event_id_from NOT IN ({later}) AND event_id_to NOT IN ({later})"
    changed = {  # what is selected of a table, and which rows of it
        "events": (status.format("date_latest"), "true"),
        "events_wide": (status.format("date_latest"), "true"),
        "events_nested": (status.format("date.latest"), "true"),
        "event_links": ("*", unlinked),
        "contacts": ("participant_state_a, participant_state_b, quarter, quarter_start, covered", "true"),
        **{name: ("*", f"event_id NOT IN ({later})") for name in PAIRS},
    }
    (copy / "parquet").mkdir()
    shutil.copy(release / "datapackage.json", copy)
    for source in (release / "parquet").glob("*.parquet"):
        target = copy / "parquet" / source.name
        if source.stem in changed:
            what, which = changed[source.stem]
            duckdb.sql(f"SELECT {what} FROM '{source}' WHERE {which}").write_parquet(str(target))
        elif not source.stem.startswith(("contacts_", "state_years")):
            shutil.copy(source, target)


def check_plot(name, out, outcome):
    image = matplotlib.image.imread(out / f"{name}.png")
    committed = matplotlib.image.imread(QUESTIONS / f"{name}.png")
    colours = len(np.unique(image[:, :, :3].reshape(-1, 3), axis=0))
    inked = float((image[:, :, :3] < 0.95).any(axis=2).mean())
    outcome.check(f"{name}: the plot shows something", colours > 50 and inked > 0.02,
                  f"{colours} colours, {inked:.1%} of the pixels")
    outcome.check(f"{name}: the committed plot has the same size", image.shape == committed.shape,
                  image.shape, committed.shape)


def check_answer(name, release, out, outcome):
    errors = ask(name, release, out)
    if not outcome.check(f"{name}: runs", not errors, errors):
        return
    new, old = ((folder / f"{name}.csv").read_bytes() for folder in (out, QUESTIONS))
    changed = sorted(set(new.decode().splitlines()) ^ set(old.decode().splitlines()))
    outcome.check(f"{name}: the committed table is the answer", new == old, *changed[:10],
                  "write it anew with --update")
    check_plot(name, out, outcome)


def check_planned(name, release, out, outcome):
    errors = ask(name, release, out)
    if not outcome.check(f"{name}, planned events: runs", not errors, errors):
        return
    with open(out / f"{name}.csv", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    since = QUARTER_PLANNED_FROM if name == "contacts" else PLANNED_FROM
    left = [row for row in rows if row[DAYS[name]] >= since]
    if name == "contacts":  # quarters stay, with zeros
        zeros, left = left, [row for row in left if row["dealings"] != "0" or row["breaks"] != "0"]
        outcome.check(f"{name}, planned events: their quarters are zero", zeros and not left, *left)
    outcome.check(f"{name}, planned events: they don't count", rows and not left, *left)
    if name == "gaps":
        censored = [row for row in rows if row["censored"] == "True"]
        good = censored and not any(row["next"] or row["days_max"] for row in censored)
        outcome.check(f"{name}, planned events: waiting that has no end is censored", good, *censored)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--update", action="store_true", help="write tables, plots and README.md anew")
    parser.add_argument("release", type=Path)
    arguments = parser.parse_args()
    release, outcome = arguments.release.resolve(), Outcome()
    with tempfile.TemporaryDirectory() as scratch:
        out, copy = Path(scratch, "answers"), Path(scratch, "release")
        out.mkdir()
        copy.mkdir()
        if arguments.update:
            for name in DAYS:
                errors = ask(name, release, QUESTIONS)
                outcome.check(f"{name}: written", not errors, errors)
            text = README.read_text(encoding="utf-8")
            README.write_text(with_heads(text, QUESTIONS), encoding="utf-8")
            return outcome.finish()
        scripts = {path.stem for path in QUESTIONS.glob("*.py")} - {"release"}
        outcome.check("all questions are known", scripts == set(DAYS), scripts ^ set(DAYS))
        text = README.read_text(encoding="utf-8")
        outcome.check("README.md has a table and a plot of each",
                      {match[1] for match in HEAD.finditer(text)} == set(DAYS)
                      and all(f"({name}.png)" in text for name in DAYS))
        outcome.check("README.md shows the committed tables", with_heads(text, QUESTIONS) == text,
                      "write it anew with --update")
        for name in DAYS:
            outcome.guard(name, check_answer, name, release, out, outcome)
        outcome.guard("planned events", planned, release, copy)
        for name in DAYS:
            outcome.guard(name, check_planned, name, copy, out, outcome)
    return outcome.finish()


if __name__ == "__main__":
    sys.exit(main())
