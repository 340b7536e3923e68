"""The dataset's codebook against a release: what its pages and code lists say of the records.

    python tests/checkers/check_codebook.py RELEASE_DIR

Each code that a record uses has an example, and the example uses it. The pages' links lead somewhere, and
the records that they name exist. Each difference between two coders of an event is adjudicated, and
nothing else is.
"""

import csv
import re
import sys
from collections import defaultdict
from pathlib import Path

from outcome import Outcome

TOP = Path(__file__).parents[2]
PAGES = [*sorted((TOP / "docs/codebook").glob("*.md")), TOP / "data/README.md"]

# Which column of which table says that a record uses a code: (table, the record's column, column).
USES = {
    "event-types": ("events", "event_id", "type"),
    "event-modes": ("events", "event_id", "mode"),
    "event-contexts": ("event_contexts", "event_id", "context"),
    "roles": ("event_participants", "event_id", "participant_role"),
    "topics": ("event_topics", "event_id", "topic"),
    "outcomes": ("event_outcomes", "event_id", "outcome_type"),
    "organisation-kinds": ("organisations", "organisation_id", "organisation_kind"),
    "source-kinds": ("sources", "source_id", "source_kind"),
}
RECORDS = {
    "events": "event_id",
    "persons": "person_id",
    "organisations": "organisation_id",
    "places": "place_id",
    "sources": "source_id",
    "codings": "coding_id",
    "adjudications": "adjudication_id",
}
CODED = {
    "type": ["type"],
    "mode": ["mode"],
    "status": ["status"],
    "date": ["date"],
    "main_actor": ["main_actor_state", "main_actor_organisation_id"],
}
CODED_LISTS = {"contexts": ("coding_contexts", "context"), "topics": ("coding_topics", "topic")}


def rows(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def check_examples(release, outcome):
    for name, (table, record, column) in USES.items():
        users = defaultdict(set)
        for row in rows(release / f"csv/{table}.csv"):
            users[row[column]].add(row[record])
        listed = rows(release / f"schema/codelists/{name}.csv")
        wrong = [
            f"{row['code']}: {row['example'] or 'no example'}"
            for row in listed
            if row["example"] not in (users[row["code"]] or {""})
        ]
        outcome.check(f"{name}: every example uses its code", listed and not wrong, *wrong)


def anchors(page):
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def check_pages(release, outcome):
    records = {row[key] for table, key in RECORDS.items() for row in rows(release / f"csv/{table}.csv")}
    for page in PAGES:
        text, wrong = page.read_text(encoding="utf-8"), []
        for link in re.findall(r"\]\(([^)\s]+)\)", text):
            path, _, anchor = link.partition("#")
            if "://" in link:
                continue
            target = (page.parent / path).resolve() if path else page
            if not target.exists() or (anchor and anchor not in anchors(target)):
                wrong.append(link)
        wrong += {name for name in re.findall(r"\b(?:ev|ps|og|pl|sr|cd|aj)-\w{6}\b", text)} - records
        outcome.check(f"{page.relative_to(TOP)}: links and records", not wrong, *sorted(wrong))


def check_codings(release, outcome):
    lists = {}
    for variable, (table, column) in CODED_LISTS.items():
        lists[variable] = defaultdict(set)
        for row in rows(release / f"csv/{table}.csv"):
            lists[variable][row["coding_id"]].add(row[column])
    codings = defaultdict(dict)
    for row in rows(release / "csv/codings.csv"):
        values = {name: tuple(row[it] for it in columns) for name, columns in CODED.items()}
        values |= {name: frozenset(items[row["coding_id"]]) for name, items in lists.items()}
        codings[row["event_id"]][row["coder"]] = values
    outcome.check("codings: each event has a first coding", codings and all(
        "llm-1" in coders for coders in codings.values()
    ))
    differences = {
        (event, variable)
        for event, coders in codings.items()
        for variable in [*CODED, *CODED_LISTS]
        if len({values[variable] for values in coders.values()}) > 1
    }
    settled = [(row["event_id"], row["variable"]) for row in rows(release / "csv/adjudications.csv")]
    outcome.check("adjudications: one for each difference", sorted(settled) == sorted(differences),
                  *sorted(differences.symmetric_difference(settled)))


def main():
    outcome, release = Outcome(), Path(sys.argv[1])
    for check in (check_examples, check_pages, check_codings):
        outcome.guard(check.__name__, check, release, outcome)
    return outcome.finish()


if __name__ == "__main__":
    sys.exit(main())
