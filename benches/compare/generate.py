"""Projects with made-up events, for measurements.

A record is what a coder of events writes in about a kilobyte: titles and prose, an uncertain date,
a place, two to six participants that refer to a table of actors, topics, outcomes, sources. Record
`i` follows from `i` alone, so a small project is the beginning of a large one. In a bad variant
each hundredth record has one fault, of a kind that JSON Schema can express. (In CSV some are
dangling references and repeated keys: that is what its peer looks for.)

    python generate.py SHAPE COUNT DIRECTORY [--bad]
"""

import argparse
import csv
import datetime
import hashlib
import json
import multiprocessing
import random
import shutil
from pathlib import Path

SHAPES = ("lines", "links", "constraints", "yaml", "json", "many", "rows", "pairs")
LINES = ("lines", "links", "constraints")  # those with all events in one file
ACTORS = 2000
EACH_BAD = 100

TYPES = """accord air-raid armistice blockade boycott coup declaration deployment embargo evacuation
exercise expulsion incursion mediation mobilisation recall recognition sanction summit visit""".split()
BINDING = ["accord", "armistice"]
ROLES = "host guest mediator signatory guarantor observer initiator target".split()
TOPICS = """airspace arms-control border cyber debt energy fisheries health migration minerals
minorities nuclear peacekeeping piracy prisoners space terrorism trade training water""".split()
PRECISIONS = "point city district state".split()
STATUSES = "draft reviewed published disputed".split()
OUTCOMES = "agreement statement resolution withdrawal escalation casualties displacement".split()
COUNTED = ["casualties", "displacement"]
LANGUAGES = "ar de en es fa fr ha ja pt ru sw tr uk zh".split()
PUBLISHERS = ["Agence Sahel", "The Courier", "Nowy Dziennik", "Die Chronik", "Вестник", "東方日報",
              "Le Messager", "Diário do Sul", "Al-Akhbar al-Yawm", "Haber Gazetesi"]
KINDS = ["government", "army", "rebels", "organisation"]
STATES = """AFG AGO ALB ARE ARG ARM AUS AUT AZE BDI BEL BEN BFA BGD BGR BIH BLR BOL BRA BWA CAF CAN
CHE CHL CHN CIV CMR COD COG COL CRI CUB CYP CZE DEU DJI DNK DZA ECU EGY ERI ESP EST ETH FIN FRA GAB
GBR GEO GHA GIN GMB GRC GTM HND HRV HTI HUN IDN IND IRL IRN IRQ ISL ISR ITA JAM JOR JPN KAZ KEN KGZ
KHM KOR KWT LAO LBN LBR LBY LKA LSO LTU LVA MAR MDA MDG MEX MKD MLI MMR MNG MOZ MRT MWI MYS NAM NER
NGA NIC NLD NOR NPL NZL OMN PAK PAN PER PHL POL PRK PRT PRY QAT ROU RUS RWA SAU SDN SEN SGP SLE SLV
SOM SRB SSD SVK SVN SWE SYR TCD TGO THA TJK TKM TUN TUR TZA UGA UKR URY USA UZB VEN VNM YEM ZAF ZMB
ZWE""".split()
CITIES = [("Bamako", "MLI", 12.6, -8.0), ("Niamey", "NER", 13.5, 2.1), ("Nairobi", "KEN", -1.3, 36.8),
          ("Accra", "GHA", 5.7, -0.2), ("Bogotá", "COL", 4.7, -74.1), ("Ottawa", "CAN", 45.6, -75.7),
          ("Genève", "CHE", 46.4, 6.5), ("Warszawa", "POL", 52.2, 21.0), ("Київ", "UKR", 50.4, 30.5),
          ("Ankara", "TUR", 39.9, 32.8), ("Astana", "KAZ", 51.1, 71.4), ("New Delhi", "IND", 28.6, 77.2),
          ("北京", "CHN", 39.9, 116.4), ("Canberra", "AUS", -35.3, 149.1), ("Brasília", "BRA", -15.8, -47.9),
          ("Juba", "SSD", 4.9, 31.6), ("Kampala", "UGA", 0.4, 32.6), ("Rabat", "MAR", 33.9, -6.7)]
WORDS = """after the talks ended both delegations told reporters that a joint committee would inspect
crossing points every month while envoys from neighbouring capitals prepared a second round on
customs fuel convoys and detained fishermen whose families had petitioned parliament since spring
although commanders near the old frontier still doubted whether patrols could share one radio channel
without an interpreter or written orders""".split()


def sentence(rng, least, most):
    start = rng.randrange(len(WORDS))
    words = (WORDS * 2)[start:start + rng.randint(least, most)]
    return " ".join(words).capitalize()


def day(rng):
    return datetime.date(1950, 1, 1) + datetime.timedelta(days=rng.randrange(27000))


def uncertain(rng, first):
    """EDTF: mostly a day, sometimes a month, a year or an interval, sometimes doubtful."""
    whole = first.isoformat()
    last = first + datetime.timedelta(days=rng.randint(1, 40))
    text = rng.choices((whole, whole[:7], whole[:4], f"{whole}/{last}"), (85, 7, 3, 5))[0]
    return text if "/" in text else text + rng.choices(("", "?", "~"), (92, 5, 3))[0]


def actor(i):
    rng = random.Random(f"actor {i}")
    state = rng.choice(STATES)
    return {"id": f"ac-{i:04}", "name": f"{sentence(rng, 2, 3)} {i}", "state": state, "kind": rng.choice(KINDS)}


ACTOR_STATES = [actor(i)["state"] for i in range(ACTORS)]


def event(i):
    rng = random.Random(f"event {i}")
    kind, first, status = rng.choice(TYPES), day(rng), rng.choices(STATUSES, (10, 25, 60, 5))[0]
    city, state, latitude, longitude = rng.choice(CITIES)
    record = {
        "id": f"ev-{i:08}",
        "title": f"{sentence(rng, 5, 9)} ({kind})",
        "summary": ". ".join(sentence(rng, 10, 16) for _ in range(rng.randint(1, 3))) + ".",
        "date": uncertain(rng, first),
        "type": kind,
        "place": {"name": city, "state": state,
                  "latitude": round(latitude + rng.uniform(-0.1, 0.1), 4),
                  "longitude": round(longitude + rng.uniform(-0.1, 0.1), 4),
                  "precision": rng.choice(PRECISIONS[:3])},
    }
    present = rng.sample(range(ACTORS), rng.choices((2, 3, 4, 5, 6), (50, 25, 12, 8, 5))[0])
    record["participants"] = [
        {"actor": f"ac-{one:04}", "role": rng.choice(ROLES), "state": ACTOR_STATES[one]}
        for one in present
    ]
    record["topics"] = rng.sample(TOPICS, rng.randint(1, 4))
    record["outcomes"] = []
    least = 1 if kind in BINDING else 0
    for outcome in rng.sample(OUTCOMES, max(least, rng.choices((0, 1, 2), (30, 50, 20))[0])):
        made = {"kind": outcome, "text": sentence(rng, 4, 7)}
        if outcome in COUNTED:
            made["number"] = rng.randint(0, 20000)
        record["outcomes"].append(made)
    record["sources"] = []
    for position in range(rng.choices((1, 2, 3), (60, 30, 10))[0]):
        published = first + datetime.timedelta(days=60 + position)
        source = {"id": f"sr-{i:08}-{position}",
                  "url": f"https://archive.example.org/{published:%Y/%m/%d}/{kind}-{rng.randrange(10**6)}",
                  "publisher": PUBLISHERS[(i + position) % len(PUBLISHERS)],
                  "language": rng.choice(LANGUAGES), "published": published.isoformat()}
        if rng.random() < 0.5:
            source["quote"] = sentence(rng, 6, 12)
        record["sources"].append(source)
    record["confidence"] = round(rng.random(), 2)
    record["coder"] = rng.choice(("ama", "bel", "chi", "dao"))
    record["status"] = status
    if i and rng.random() < 0.1:
        record["part_of"] = f"ev-{rng.randrange(i):08}"
    if status == "disputed":
        record["notes"] = sentence(rng, 5, 10)
    return record


def is_bad(i):
    return i % EACH_BAD == EACH_BAD // 2


def spoil(record, i):
    """One fault; which one follows from the number of the record."""
    match i // EACH_BAD % 12:
        case 0: record["type"] = "skirmish"
        case 1: del record["title"]
        case 2: record["sources"][0]["published"] = "1999-02-30"
        case 3: record["place"]["state"] = "XXA"
        case 4: record["remark"] = "Nobody knows this property"
        case 5: record["topics"] = ["water", "trade", "water"]
        case 6: record["sources"][0]["url"] = "see the archive"
        case 7: record["confidence"] = 1.5
        case 8: del record["participants"][1:]
        case 9:
            record["status"] = "disputed"
            record.pop("notes", None)
        case 10: record["participants"][0]["actor"] = "Actor 12"
        case 11: record["place"]["latitude"] = "12.6N"
    return record


def unlink(record, i, lines):
    """One fault that no JSON Schema can tell: a reference that leads nowhere, or a record once more."""
    match i // EACH_BAD % 3:
        case 0: record["part_of"] = "ev-99999999"
        case 1: record["participants"][0]["actor"] = "ac-9999"
        case 2: lines.append(compact(record))
    return record


def schema_of_events(lists=True):
    def definition(name): return {"$ref": f"#/$defs/{name}"}

    def closed(required, **properties):
        return {"type": "object", "additionalProperties": False, "required": required.split(),
                "properties": properties}

    def when(name, values, then):
        return {"if": {"properties": {name: {"enum": values}}, "required": [name]}, "then": then}

    def role(of, schema): return schema | {"x-role": of}

    def degrees(of, most): return role(of, {"type": "number", "minimum": -most, "maximum": most})

    text = {"type": "string", "minLength": 1}
    reference = {"type": "string", "pattern": "^ac-[0-9]{4}$", "x-reference": "actors"}
    key = {"type": "string", "pattern": "^ev-[0-9]{8}$"}
    date = "^[0-9]{4}(-[0-9]{2}(-[0-9]{2}(/[0-9]{4}-[0-9]{2}-[0-9]{2})?)?)?[?~]?$"
    outcome = closed("kind text", kind={"enum": OUTCOMES}, text=text,
                     number={"type": "integer", "minimum": 0})
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "https://bench.example.org/event.schema.json",
        "title": "Event", "type": "object",
        "allOf": [definition("coded"), when("status", ["disputed"], {"required": ["notes"]})],
        "required": "id title summary date type place participants".split(),
        "unevaluatedProperties": False,
        "properties": {
            "id": key,
            "title": {"type": "string", "minLength": 3, "maxLength": 200},
            "summary": {"type": "string", "minLength": 10, "maxLength": 2000},
            "date": role("date", {"type": "string", "format": "edtf", "pattern": date}),
            "type": role("type", {"enum": TYPES}),
            "place": definition("place"),
            "participants": {"type": "array", "minItems": 2, "maxItems": 20,
                             "items": definition("participant")},
            "part_of": key | {"x-reference": "events"},
            "notes": text},
        "$defs": {
            "state": role("state", {"type": "string", "enum": STATES}),
            "place": closed("name state", name=text, state=definition("state"),
                            latitude=degrees("latitude", 90), longitude=degrees("longitude", 180),
                            precision=role("place-precision", {"enum": PRECISIONS})),
            "participant": closed("actor role", actor=reference, role={"enum": ROLES},
                                  state=definition("state")),
            "coded": {"type": "object", "required": ["confidence", "coder", "status"], "properties": {
                "confidence": {"type": "number", "minimum": 0, "maximum": 1},
                "coder": {"type": "string", "pattern": "^[a-z]{3}$"},
                "status": {"enum": STATUSES}}}}}
    if lists:
        schema["required"] += ["topics", "outcomes", "sources"]
        schema["properties"] |= {
            "topics": {"type": "array", "minItems": 1, "uniqueItems": True, "items": {"enum": TOPICS}},
            "outcomes": {"type": "array", "items": definition("outcome")},
            "sources": {"type": "array", "minItems": 1, "items": definition("source")}}
        schema["$defs"] |= {
            "outcome": outcome | when("kind", COUNTED, {"required": ["number"]}),
            "source": closed("id url publisher",
                             id={"type": "string", "pattern": "^sr-[0-9]{8}-[0-9]$"},
                             url={"type": "string", "format": "uri"}, publisher=text,
                             language={"type": "string", "pattern": "^[a-z]{2,3}$"},
                             published={"type": "string", "format": "date"}, quote=text)}
        schema["allOf"].append(when("type", BINDING, {"properties": {"outcomes": {"minItems": 1}}}))
    return schema


# Of each kind one: dates of a list, a condition, numbers, a sum, a count with a set.
CONSTRAINTS = [
    {"id": "published-later", "assert": "self.sources.all(source, self.date <= source.published)"},
    {"id": "point-is-known", "when": "self.place.precision == 'point'",
     "assert": "has(self.place.latitude) && has(self.place.longitude)"},
    {"id": "confidence-is-a-share", "assert": "0 <= self.confidence && self.confidence <= 1"},
    {"id": "few-casualties",
     "assert": "self.outcomes.filter(o, has(o.number)).map(o, o.number).sum() <= 1000000"},
    {"id": "two-sides", "assert": "size(self.participants) >= 2 && self.participants.map(p, p.actor).isUnique()"},
]


def schema_of_actors():
    text = {"type": "string", "minLength": 1}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Actor", "type": "object",
        "additionalProperties": False, "required": ["id", "name"],
        "properties": {"id": {"type": "string", "pattern": "^ac-[0-9]{4}$"}, "name": text,
                       "state": {"enum": STATES}, "kind": {"enum": KINDS}}}


MANIFEST = """\
[dataset]
name = "bench"
title = "Made-up events"
version = "1.0.0"
license = "CC0-1.0"
base = "https://bench.example.org/"

[tables.events]
schema = "schema/event.schema.json"
records = [{events}]
key = "id"
row = "event"

[tables.actors]
schema = "schema/actor.schema.json"
records = ["{actors}"]
key = "id"
row = "actor"
"""
RECORDS = {  # what the manifest names as records of events, and of actors
    "lines": ('"events.jsonl"', "actors.jsonl"),
    "links": ('"events.jsonl"', "actors.jsonl"),
    "constraints": ('"events.jsonl"', "actors.jsonl"),
    "yaml": ('"events/*/*.yaml"', "actors.jsonl"),
    "json": ('"events/*/*.json"', "actors.jsonl"),
    "many": ('"events/*/*.json"', "actors.jsonl"),
    "rows": ('"events.csv", "event_participants.csv"', "actors.csv"),
}


def compact(record):
    return json.dumps(record, ensure_ascii=False, separators=(",", ":")) + "\n"


def scalar(value):
    """A number, a day or bare words as a person writes them; what could be misread in quotes."""
    if not isinstance(value, str) or (value[:10].count("-") == 2 and len(value) == 10):
        return str(value)
    is_wordy = value.replace(" ", "").replace("-", "").isalpha()
    is_read_otherwise = value.lower() in ("no", "yes", "on", "off", "true", "false", "null")
    return value if is_wordy and not is_read_otherwise else json.dumps(value, ensure_ascii=False)


def yaml(value, indent=""):
    """Block style, as in the embedded dataset; lists of values stand in brackets."""
    lines = []
    for name, member in value.items():
        if isinstance(member, dict):
            lines += [f"{indent}{name}:", *yaml(member, indent + "  ")]
        elif isinstance(member, list) and member and isinstance(member[0], dict):
            lines.append(f"{indent}{name}:")
            for item in member:
                inner = yaml(item, indent + "    ")
                lines += [f"{indent}  - {inner[0].strip()}", *inner[1:]]
        elif isinstance(member, list):
            lines.append(f"{indent}{name}: [{', '.join(member)}]")
        elif name == "summary":
            lines += [f"{indent}{name}: >-", *(f"{indent}  {part}" for part in folded(member))]
        else:
            lines.append(f"{indent}{name}: {scalar(member)}")
    return lines


def folded(text, width=95):
    line = ""
    for word in text.split():
        if line and len(line) + len(word) >= width:
            yield line
            line = word
        else:
            line = f"{line} {word}".strip()
    yield line


def chunk(task):
    """The records of a range, serialised; and for directories, written."""
    shape, directory, numbers, bad = task
    lines = []
    for i in numbers:
        record = event(i)
        if bad and is_bad(i):
            record = unlink(record, i, lines) if shape == "links" else spoil(record, i)
        if shape in LINES:
            lines.append(compact(record))
            continue
        path = Path(directory, "events", f"{i // 1000:03}", f"{i:06}.{'yaml' if shape == 'yaml' else 'json'}")
        path.parent.mkdir(parents=True, exist_ok=True)
        match shape:
            case "yaml": text = "\n".join(yaml(record)) + "\n"
            case "json": text = json.dumps(record, ensure_ascii=False, indent=2) + "\n"
            case "many": text = compact(record)
        path.write_text(text, encoding="utf-8")
    return "".join(lines)


COLUMNS = ["id", "title", "summary", "date", "type", "place_name", "place_state", "place_latitude",
           "place_longitude", "place_precision", "confidence", "coder", "status", "part_of", "notes"]


def write_rows(directory, count, bad):
    """The tables of a release as CSV, and a Data Package that tells a peer the same as our schemas."""
    def table(name, header):
        file = open(directory / name, "w", encoding="utf-8", newline="")
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        return file, writer
    events, write_event = table("events.csv", COLUMNS)
    participants, write_participant = table(
        "event_participants.csv", ["event_id", "position", "actor", "role", "state"])
    actors, write_actor = table("actors.csv", ["id", "name", "state", "kind"])
    with events, participants, actors:
        for i in range(ACTORS):
            for _ in range(2 if bad and is_bad(i) else 1):
                write_actor.writerow(actor(i).values())
        for i in range(count):
            record = event(i)
            row = record | {f"place_{name}": value for name, value in record["place"].items()}
            if bad and is_bad(i):
                match i // EACH_BAD % 5:
                    case 0: row["type"] = "skirmish"
                    case 1: row["place_latitude"] = "12.6N"
                    case 2: row["confidence"] = 1.5
                    case 3: row["part_of"] = "ev-99999999"
                    case 4: record["participants"][0]["actor"] = "ac-9999"
            write_event.writerow([row.get(name, "") for name in COLUMNS])
            for position, one in enumerate(record["participants"]):
                write_participant.writerow([record["id"], position, *one.values()])
    (directory / "datapackage.json").write_text(json.dumps(data_package(), indent=1))


def data_package():
    def field(name, kind="string", **constraints):
        return {"name": name, "type": kind, "constraints": constraints}

    def to(table, name, key="id"):
        return {"fields": name, "reference": {"resource": table, "fields": key}}

    def resource(name, key, fields, references=()):
        return {"name": name, "path": f"{name}.csv", "type": "table", "encoding": "utf-8",
                "schema": {"fields": fields, "primaryKey": key, "foreignKeys": list(references)}}
    event_key, actor_key = "ev-[0-9]{8}", "ac-[0-9]{4}"
    date = schema_of_events()["properties"]["date"]["pattern"].strip("^$")
    return {"name": "bench", "resources": [
        resource("events", "id", [
            field("id", required=True, pattern=event_key),
            field("title", required=True, minLength=3, maxLength=200),
            field("summary", required=True, minLength=10, maxLength=2000),
            field("date", required=True, pattern=date),
            field("type", required=True, enum=TYPES),
            field("place_name", required=True), field("place_state", required=True, enum=STATES),
            field("place_latitude", "number", minimum=-90, maximum=90),
            field("place_longitude", "number", minimum=-180, maximum=180),
            field("place_precision", enum=PRECISIONS),
            field("confidence", "number", required=True, minimum=0, maximum=1),
            field("coder", required=True, pattern="[a-z]{3}"),
            field("status", required=True, enum=STATUSES), field("part_of"), field("notes"),
        ], [to("", "part_of")]),
        resource("event_participants", ["event_id", "position"], [
            field("event_id", required=True), field("position", "integer", required=True),
            field("actor", required=True, pattern=actor_key), field("role", required=True, enum=ROLES),
            field("state", enum=STATES),
        ], [to("events", "event_id"), to("actors", "actor")]),
        resource("actors", "id", [
            field("id", required=True, pattern=actor_key), field("name", required=True),
            field("state", enum=STATES), field("kind", enum=KINDS)]),
    ]}


def faults(shape, count):
    """How many records a bad variant spoils."""
    spoilt = sum(map(is_bad, range(count)))
    return spoilt + sum(map(is_bad, range(ACTORS))) if shape == "rows" else spoilt


PAIRS_MANIFEST = """
[dataset]
name = "bench"
title = "Bench"
version = "1.0.0"
license = "CC0-1.0"
base = "https://example.org/bench/"

[tables.events]
schema = "schema/event.schema.json"
records = ["events.jsonl"]
key = "id"
row = "event"

[systems.states]
codelist = "states"

[derived.event_dyads]
kind = "dyads"
from = "events"
unit = "states"
date = "date"
keep = ["level"]

[derived.dyad_years]
kind = "panel"
of = "event_dyads"
period = "year"
system = "states"
coverage = "1820/2019"
measures = { n = "count", level = "max(level)" }
"""


def write_pairs(directory, count):
    """Events of two to five states over two centuries, and what is derived from them: dyads, and a panel of all pairs
    of states by year with its zeros."""
    (directory / "dataset.toml").write_text(PAIRS_MANIFEST)
    (directory / "schema/codelists").mkdir()
    codes = "".join(f"{state},{state}\n" for state in STATES)
    (directory / "schema/codelists/states.csv").write_text(f"code,label\n{codes}")
    properties = {
        "id": {"type": "string"}, "date": {"type": "string", "format": "date"},
        "level": {"type": "integer", "minimum": 0, "maximum": 5},
        "states": {"type": "array", "items": {"type": "string", "x-codelist": "states"}}}
    schema = {"type": "object", "properties": properties, "required": list(properties),
              "additionalProperties": False}
    (directory / "schema/event.schema.json").write_text(json.dumps(schema, indent=1))
    rng = random.Random(14)
    with open(directory / "events.jsonl", "w", encoding="utf-8") as file:
        for number in range(count):
            day = f"{rng.randint(1820, 2019)}-{rng.randint(1, 12):02}-{rng.randint(1, 28):02}"
            states = rng.sample(STATES, rng.choice((2, 2, 3, 3, 4)))
            file.write(compact({"id": f"ev-{number:08}", "date": day, "level": rng.randint(0, 5), "states": states}))


def project(directory, shape, count, bad=False):
    """Writes the project unless this program has written it before."""
    directory = Path(directory)
    stamp = directory / "stamp"
    made_by = f"{shape} {count} {bad} {hashlib.sha256(Path(__file__).read_bytes()).hexdigest()}"
    if stamp.exists() and stamp.read_text() == made_by:
        return directory
    shutil.rmtree(directory, ignore_errors=True)
    (directory / "schema").mkdir(parents=True)
    if shape == "pairs":
        write_pairs(directory, count)
        stamp.write_text(made_by)
        return directory
    events, actors = RECORDS[shape]
    (directory / "dataset.toml").write_text(MANIFEST.format(events=events, actors=actors))
    of_events = schema_of_events(shape != "rows")
    if shape == "constraints":
        of_events["x-constraints"] = CONSTRAINTS
    for name, schema in (("event", of_events), ("actor", schema_of_actors())):
        (directory / f"schema/{name}.schema.json").write_text(json.dumps(schema, indent=1))
    if shape == "rows":
        write_rows(directory, count, bad)
    else:
        (directory / "actors.jsonl").write_text("".join(compact(actor(i)) for i in range(ACTORS)))
        tasks = ((shape, directory, range(start, min(start + 1000, count)), bad)
                 for start in range(0, count, 1000))
        with multiprocessing.Pool() as pool, open(directory / "events.jsonl", "w", encoding="utf-8") as file:
            for lines in pool.imap(chunk, tasks):
                file.write(lines)
        if shape not in LINES:
            (directory / "events.jsonl").unlink()
    stamp.write_text(made_by)
    return directory


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("shape", choices=SHAPES)
    parser.add_argument("count", type=int)
    parser.add_argument("directory", type=Path)
    parser.add_argument("--bad", action="store_true")
    project(**vars(parser.parse_args()))
