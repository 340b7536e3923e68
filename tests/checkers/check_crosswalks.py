"""Code lists that lead from one system of state codes to another, against packages that are not ours.

    python tests/checkers/check_crosswalks.py DIRECTORY...

Each DIRECTORY, a project or a release, has `schema/codelists/`. The packages match codes without days, so each
row is held against the one code that they give, and each difference is named below, with its reason. An
exception that no row needs is a failure, too.
"""

import csv
import sys
from collections import defaultdict
from datetime import date
from importlib.resources import files
from pathlib import Path

from countrycode import countrycode

from outcome import Outcome

MICROSTATE = "the package leaves out microstates of Gleditsch-Ward"

# (list, code, target): why a row says what the package countrycode doesn't.
OTHER_THAN_COUNTRYCODE = {
    ("iso-cow", "DEU", "260"): "the Federal Republic before unification; the package has no days",
    ("iso-cow", "SRB", "345"): "the package matches Serbia with nothing, and Yugoslavia with 345",
    ("iso-cow", "YEM", "678"): "the Yemen Arab Republic before the union; the package has no days",
    ("iso-gw", "DEU", "255"): "the German Reich; the package has no days",
    ("iso-gw", "SRB", "345"): "the Federal Republic of Yugoslavia, which Serbia continues",
    ("iso-gw", "VNM", "816"): "the package has 817, which ended in 1975; Vietnam is 816",
    ("iso-gw", "YEM", "678"): "the package matches Yemen with nothing",
    **{("iso-gw", code, target): MICROSTATE for code, target in {
        "AND": "232", "ATG": "58", "DMA": "54", "FSM": "987", "GRD": "55", "KIR": "970", "KNA": "60",
        "LCA": "56", "LIE": "223", "MCO": "221", "MHL": "983", "NRU": "971", "PLW": "986",
        "SMR": "331", "STP": "403", "SYC": "591", "TON": "972", "TUV": "973", "VCT": "57",
        "VUT": "935", "WSM": "990"}.items()},
}
# (list, code, what the package countrycode says): why no row says it.
ONLY_IN_COUNTRYCODE = {
    ("iso-cow", "VAT", "327"): "the Papal States are not the Holy See of today",
    ("iso-gw", "VAT", "327"): "the Papal States are not the Holy See of today",
    ("iso-gw", "VNM", "817"): "the Republic of Vietnam ended in 1975",
}
# The same of the package country_converter, which has the numbers of Gleditsch-Ward.
OTHER_THAN_COUNTRY_CONVERTER = {
    ("iso-gw", "CZE", "316"): "the package has Czechoslovakia's number",
    ("iso-gw", "DEU", "255"): "the German Reich; the package has no days",
    ("iso-gw", "SRB", "345"): "the Federal Republic of Yugoslavia, which Serbia continues",
    ("iso-gw", "VNM", "816"): "the package has 817, which ended in 1975; Vietnam is 816",
    ("iso-gw", "YEM", "678"): "the package has 680, which ended in 1990; Yemen is 678",
}
ONLY_IN_COUNTRY_CONVERTER = {
    ("iso-gw", "CZE", "315"): "Czechoslovakia has no code in ISO 3166-1 any more",
    ("iso-gw", "VNM", "817"): "the Republic of Vietnam ended in 1975",
    ("iso-gw", "XKX", "347"): "Kosovo's code is no part of ISO 3166-1",
    ("iso-gw", "YEM", "680"): "the People's Republic of Yemen ended in 1990",
}
# Members of Correlates of War whose number is another one in Gleditsch-Ward.
OTHER_NUMBER = {
    ("255", "260"): "Germany since unification",
    ("345", "340"): "Serbia before and after Yugoslavia",
    ("679", "678"): "Yemen since the union",
    ("946", "970"): "Kiribati",
    ("947", "973"): "Tuvalu",
    ("955", "972"): "Tonga",
    ("970", "971"): "Nauru",
}
# Matched members whose labels in the two systems share no word.
OTHER_LABEL = {
    ("255", "260"): "Germany is the German Federal Republic there",
    ("345", "340"): "Yugoslavia is Serbia there",
    ("437", "437"): "Ivory Coast in French",
    ("115", "115"): "Suriname is spelled Surinam there",
    ("271", "271"): "Wuerttemburg is spelled Wurttemberg there",
    ("703", "703"): "Kyrgyzstan is the Kyrgyz Republic there",
}
# A list, the lists of its two columns of codes, and the column of the second.
CROSSWALKS = {
    "iso-cow": ("states", "cow-states", "cow"),
    "iso-gw": ("states", "gw-states", "gw"),
    "cow-gw": ("cow-states", "gw-states", "gw"),
}


class Lists:
    def __init__(self, directory):
        self.directory = directory

    def rows(self, name):
        path = self.directory / f"schema/codelists/{name}.csv"
        with path.open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    def spells(self, name):
        found = defaultdict(list)
        for row in self.rows(name):
            found[row["code"]].append(days(row))
        return found


def days(row):
    """First and last day of a row; open ends are the first and the last day that there are."""
    first, last = row["valid_from"], row["valid_to"]
    return (date.fromisoformat(first) if first else date.min,
            date.fromisoformat(last) if last else date.max)


def by_countrycode(codes, system):
    """What the package says of codes of ISO: the number as text, where it says something."""
    found = countrycode(codes, origin="iso3c", destination=f"{system}n")
    return {code: str(int(float(number))) for code, number in zip(codes, found)
            if number is not None and number == number}


def country_converter():
    """The rows of the package's table. They are read here, since its own reader takes Namibia's NA for nothing."""
    text = (files("country_converter") / "country_data.tsv").read_text(encoding="utf-8")
    return [row for row in csv.DictReader(text.splitlines(), delimiter="\t") if not row["obsolete"]]


def check_spells(lists, name, outcome):
    """Codes exist, rows lie within the members' spells, and no code has two matches on a day."""
    source, target, column = CROSSWALKS[name]
    rows, sources, targets = lists.rows(name), lists.spells(source), lists.spells(target)

    def outside(spells, code, row):
        first, last = days(row)
        return not any(begin <= first and last <= end for begin, end in spells.get(code, []))

    wrong = [row for row in rows if outside(sources, row["code"], row)]
    outcome.check(f"{name}: every row lies in a spell of its code in {source}", rows and not wrong, *wrong)
    wrong = [row for row in rows if outside(targets, row[column], row)]
    outcome.check(f"{name}: every row lies in a spell of its code in {target}", not wrong, *wrong)
    for one, other in (("code", column), (column, "code")):
        by_code = defaultdict(list)
        for row in rows:
            by_code[row[one]].append((*days(row), row[other]))
        wrong = [(code, before, after) for code, spells in by_code.items()
                 for before, after in zip(sorted(spells), sorted(spells)[1:]) if after[0] <= before[1]]
        outcome.check(f"{name}: no {one} has two matches on one day", not wrong, *wrong)
    wrong = [row for row in rows if days(row)[0] > days(row)[1]]
    outcome.check(f"{name}: every row has a day", not wrong, *wrong)
    wrong = [row for row in rows if not row["source"].strip()]
    outcome.check(f"{name}: every row has a source", not wrong, *wrong)


def check_package(name, package, said, rows, column, other, only, outcome):
    """Rows say what a package says, apart from exceptions that are all needed."""
    here = {(row["code"], row[column]) for row in rows}
    there = set(said.items())
    for what, found, allowed in ((f"what {package} doesn't say", here - there, other),
                                 (f"what only {package} says", there - here, only)):
        allowed = {key[1:] for key in allowed if key[0] == name}
        outcome.check(f"{name}: {what} is known and has a reason", found == allowed,
                      f"without a reason: {sorted(found - allowed)}",
                      f"no longer so: {sorted(allowed - found)}")


def words(label):
    return {word for word in "".join(c if c.isalpha() else " " for c in label.lower()).split()
            if word not in ("republic", "of", "and", "the", "democratic", "people", "s", "st", "saint")}


def check_between_systems(lists, outcome):
    """Correlates of War to Gleditsch-Ward: the numbers, the names, and each day on which both are members."""
    rows = lists.rows("cow-gw")
    pairs = {(row["code"], row["gw"]) for row in rows}
    differing = {pair for pair in pairs if pair[0] != pair[1]}
    outcome.check("cow-gw: a number differs only where a reason is known", differing == set(OTHER_NUMBER),
                  f"{sorted(differing ^ set(OTHER_NUMBER))}")
    labels = defaultdict(set)
    for row in lists.rows("gw-states"):
        labels[row["code"]] |= words(row["label"])
    strange = {(row["code"], row["gw"]) for row in rows if not words(row["label"]) & labels[row["gw"]]}
    outcome.check("cow-gw: matched members share a word of their names", strange == set(OTHER_LABEL),
                  f"{sorted(strange ^ set(OTHER_LABEL))}")
    # Through ISO the same matches come out, for each day on which both lists have one.
    through = set()
    for one in lists.rows("iso-cow"):
        for other in lists.rows("iso-gw"):
            (a, b), (c, d) = days(one), days(other)
            if one["code"] == other["code"] and max(a, c) <= min(b, d):
                through.add((one["cow"], max(a, c), min(b, d), other["gw"]))
    wrong = [match for match in through
             if not any(row["code"] == match[0] and row["gw"] == match[3]
                        and days(row)[0] <= match[1] and match[2] <= days(row)[1] for row in rows)]
    outcome.check("cow-gw: what iso-cow and iso-gw say together is the same", through and not wrong, *wrong)
    missing = [code for code in lists.spells("cow-states") if code not in {row["code"] for row in rows}]
    outcome.check("cow-gw: every member of Correlates of War is somebody in Gleditsch-Ward", not missing, *missing)


def check_members(lists, outcome):
    """Every member of the United Nations, and nobody else but Taiwan, has a match today."""
    members = {row["ISO3"] for row in country_converter() if row["UNmember"]}
    outcome.check("the United Nations have 193 members", len(members) == 193, f"{len(members)}")
    for name in ("iso-cow", "iso-gw"):
        today = {row["code"] for row in lists.rows(name) if not row["valid_to"]}
        outcome.check(f"{name}: the members of the United Nations and Taiwan have a match that is open",
                      today == members | {"TWN"}, f"{sorted(today ^ (members | {'TWN'}))}")
    # The lists end before today, so whoever is open in a system has somebody to match.
    without = {"347": "Kosovo has no code in ISO 3166-1", "396": "Abkhazia has none",
               "397": "South Ossetia has none"}
    for name, system, column in (("iso-cow", "cow-states", "cow"), ("iso-gw", "gw-states", "gw")):
        open_members = {row["code"] for row in lists.rows(system) if not row["valid_to"]}
        matched = {row[column] for row in lists.rows(name) if not row["valid_to"]}
        left = open_members - matched
        outcome.check(f"{name}: members without a match today have a reason",
                      left == set(without) & open_members and not matched - open_members, f"{sorted(left)}")


def check_lists(lists, outcome):
    for name in CROSSWALKS:
        outcome.guard(name, check_spells, lists, name, outcome)
    codes = sorted({row["code"] for row in lists.rows("states")})
    for name, system in (("iso-cow", "cow"), ("iso-gw", "gw")):
        outcome.guard(name, check_package, name, "countrycode", by_countrycode(codes, system),
                      lists.rows(name), system, OTHER_THAN_COUNTRYCODE, ONLY_IN_COUNTRYCODE, outcome)
    said = {row["ISO3"]: row["GWcode"] for row in country_converter() if row["GWcode"]}
    outcome.guard("iso-gw", check_package, "iso-gw", "country_converter", said, lists.rows("iso-gw"),
                  "gw", OTHER_THAN_COUNTRY_CONVERTER, ONLY_IN_COUNTRY_CONVERTER, outcome)
    check_between_systems(lists, outcome)
    check_members(lists, outcome)


def main():
    outcome = Outcome()
    for directory in map(Path, sys.argv[1:]):
        outcome.guard(str(directory), check_lists, Lists(directory), outcome)
    return outcome.finish()


if __name__ == "__main__":
    sys.exit(main())
