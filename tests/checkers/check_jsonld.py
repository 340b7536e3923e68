"""JSON-LD: three processors read the same statements, and every key says something.

A JSON-LD processor drops a key that it can't map, in silence. So the document is walked as plain
JSON, each key is looked up in the context, and the statements that it must give are counted.
"""

import copy
import hashlib
import json
import subprocess
from collections import Counter, defaultdict
from pathlib import Path

import rdflib
from pyld import jsonld
from pyld.canon import URDNA2015

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
XSD_DOUBLE = "http://www.w3.org/2001/XMLSchema#double"
CANONIZE = Path(__file__).with_name("canonize.mjs")


def refuse(url, *_):
    raise RuntimeError(f"the document asks for {url}; a release stands alone")


# Otherwise rdflib rewrites 07:30:00Z as 07:30:00+00:00, and the statements differ by spelling.
rdflib.NORMALIZE_LITERALS = False

OPTIONS = {"documentLoader": refuse, "base": ""}


class Context:
    """What keys mean here: the contexts from the outermost to the innermost."""

    def __init__(self, layers=()):
        self.layers = layers

    def within(self, added):
        for layer in added if isinstance(added, list) else [added]:
            if layer is None:
                self = Context()
            elif isinstance(layer, dict):
                self = Context((*self.layers, layer))
            else:
                refuse(layer)
        return self

    def definition(self, key):
        return next((layer[key] for layer in reversed(self.layers) if key in layer), None)

    def iri(self, key):
        """The absolute IRI or keyword that a key means; none if it means nothing."""
        if key.startswith("@"):
            return key
        found = next((layer for layer in reversed(self.layers) if key in layer), None)
        if found is not None:
            said = found[key]
            said = said.get("@id", key) if isinstance(said, dict) else said
            if said is None:
                return None
            if said != key:
                return self.iri(said)
        prefix, colon, rest = key.partition(":")
        if colon and rest.startswith("//"):
            return key
        if colon:
            base = self.iri(prefix) if self.definition(prefix) is not None else None
            return base + rest if base else key
        vocabulary = next((la["@vocab"] for la in reversed(self.layers) if "@vocab" in la), None)
        return vocabulary + key if vocabulary is not None else None


class Walk:
    """The statements that a document must make, by the IRI of the predicate."""

    def __init__(self):
        self.expected = defaultdict(set)
        self.keys = Counter()
        self.unmapped = Counter()

    def nodes(self, value, context, path):
        for index, item in enumerate(value if isinstance(value, list) else [value]):
            if isinstance(item, dict):
                self.node(item, context, f"{path}/{index}")

    def node(self, node, context, path):
        """Notes what a node says; the name that others use for it."""
        if "@context" in node:
            context = context.within(node["@context"])
        meaning = {key: context.iri(key) for key in node if key != "@context"}
        types = [t for key, iri in meaning.items() if iri == "@type"
                 for t in (node[key] if isinstance(node[key], list) else [node[key]])]
        inner = context
        for kind in sorted(types):
            definition = context.definition(kind)
            if isinstance(definition, dict) and "@context" in definition:
                inner = inner.within(definition["@context"])
        meaning = {key: inner.iri(key) for key in node if key != "@context"}
        name = next((node[key] for key, iri in meaning.items() if iri == "@id"), path)
        for kind in types:
            self.expected[RDF + "type"].add((name, kind))
        for key, iri in meaning.items():
            if iri in ("@id", "@type", "@index"):
                continue
            if iri in ("@graph", "@included"):
                self.nodes(node[key], inner, f"{path}/{key}")
                continue
            self.keys[key] += 1
            if iri is None or iri.startswith("@"):
                self.unmapped[key] += 1
                continue
            self.member(name, key, iri, node[key], inner, f"{path}/{key}")
        return name

    def member(self, name, key, iri, value, context, path):
        definition = context.definition(key)
        definition = definition if isinstance(definition, dict) else {}
        container = definition.get("@container", [])
        container = [container] if isinstance(container, str) else container
        if "@context" in definition:
            context = context.within(definition["@context"])
        if "@list" in container:
            self.sequence(name, iri, value, context, path)
        elif "@language" in container and isinstance(value, dict):
            for language, texts in value.items():
                for text in texts if isinstance(texts, list) else [texts]:
                    self.expected[iri].add((name, f"{language.lower()} {text}"))
        elif definition.get("@type") == "@json":
            self.expected[iri].add((name, path))
        else:
            for index, item in enumerate(value if isinstance(value, list) else [value]):
                place = f"{path}/{index}"
                if isinstance(item, dict) and set(item) == {"@list"}:
                    self.sequence(name, iri, item["@list"], context, place)
                    continue
                if isinstance(item, dict) and "@value" not in item:
                    item = self.node(item, context, place)
                if item is not None:
                    said = json.dumps(item, sort_keys=True, ensure_ascii=False)
                    self.expected[iri].add((name, said))

    def sequence(self, name, iri, items, context, path):
        """One statement for the list, be it empty, and a cell of two for each item."""
        self.expected[iri].add((name, path))
        self.nodes(items, context, path)
        for index in range(len(items)):
            self.expected[RDF + "first"].add((path, index))
            self.expected[RDF + "rest"].add((path, index))


def normal(dataset):
    """A copy with doubles by value: processors spell 12.0 in several right ways.

    Before labels are given to blank nodes, because these depend on the spellings.
    """
    def term(said):
        if said.get("datatype") == XSD_DOUBLE:
            return {**said, "value": repr(float(said["value"]))}
        return dict(said)

    return {graph: [{place: term(said) for place, said in statement.items()}
                    for statement in statements] for graph, statements in dataset.items()}


def canonical_quads(dataset):
    """Canonical N-Quads; the dataset is used up."""
    return URDNA2015().main(dataset, {"format": "application/n-quads"})


def lines_of(quads):
    # Not splitlines(): it also cuts at U+2028, which a literal may hold.
    return set(filter(None, quads.split("\n")))


def pyld_dataset(dataset):
    """What rdflib understood, in the form in which pyld canonicalises.

    Not by way of N-Quads: pyld's reader of them compares each line with all before it.
    """
    graphs = defaultdict(list)
    for subject, predicate_, value, graph in dataset.quads():
        default = graph is None or graph == rdflib.graph.DATASET_DEFAULT_GRAPH_ID
        graphs["@default" if default else str(graph)].append({
            "subject": pyld_term(subject), "predicate": pyld_term(predicate_),
            "object": pyld_term(value)})
    return graphs


def pyld_term(term):
    if isinstance(term, rdflib.BNode):
        return {"type": "blank node", "value": f"_:{term}"}
    if isinstance(term, rdflib.Literal):
        literal = {"type": "literal", "value": str(term),
                   "datatype": str(term.datatype or rdflib.XSD.string)}
        if term.language:
            literal |= {"language": term.language, "datatype": str(rdflib.RDF.langString)}
        return literal
    return {"type": "IRI", "value": str(term)}


def predicate(line):
    return line.split(" ", 2)[1][1:-1]


def uncounted(walk, quads):
    """Where the document and the statements differ in number."""
    actual = Counter(map(predicate, quads))
    return [f"{iri}: {len(said)} in the document, {actual[iri]} statements"
            for iri, said in sorted(walk.expected.items()) if actual[iri] != len(said)]


def nameless(quads):
    """Statements from or about a blank node that is no cell of a list."""
    cells = {line.split(" ", 1)[0] for line in quads
             if predicate(line) in (RDF + "first", RDF + "rest")}
    return {line for line in quads for term in line.split(" ", 3)[:3:2]
            if term.startswith("_:") and term not in cells}


def some(lines):
    return sorted(lines)[:10]


def walked(document):
    walk = Walk()
    walk.nodes(document, Context(), "")
    return walk


def check_document(path, outcome):
    what = path.name
    document = json.loads(path.read_text(encoding="utf-8"))
    statements = jsonld.to_rdf(document, OPTIONS)
    quads = lines_of(canonical_quads(normal(statements)))
    canonical = canonical_quads(copy.deepcopy(statements))
    outcome.check(f"{what}: pyld reads it without network and finds statements", len(quads) > 0)

    dataset = rdflib.Dataset()
    dataset.parse(data=json.dumps(document, ensure_ascii=False), format="json-ld")
    literals = {value for _, _, value, _ in dataset.quads() if isinstance(value, rdflib.Literal)}
    ill = [value.n3() for value in literals if value.ill_typed]
    outcome.check(f"{what}: rdflib finds no ill-typed literal", not ill, *some(ill))
    others = lines_of(canonical_quads(normal(pyld_dataset(dataset))))
    outcome.check(f"{what}: rdflib and pyld read the same statements", quads == others,
                  *(f"pyld only   {line}" for line in some(quads - others)),
                  *(f"rdflib only {line}" for line in some(others - quads)))

    walk = walked(document)
    outcome.check(f"{what}: every key means an IRI", not walk.unmapped and bool(walk.keys),
                  *(f"{key}: dropped {count} times" for key, count in walk.unmapped.items()))
    wrong = uncounted(walk, quads)
    outcome.check(f"{what}: every value gives its statement", not wrong, *wrong[:20])
    extra = set(map(predicate, quads)) - set(walk.expected)
    outcome.check(f"{what}: no statement comes from nowhere", not extra, *sorted(extra))
    blank = nameless(quads)
    outcome.check(f"{what}: every node has an IRI", not blank, *some(blank))

    run = subprocess.run(["node", CANONIZE, path], capture_output=True, text=True, check=False)
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    outcome.check(f"{what}: jsonld.js gives the same canonical statements",
                  run.stdout.strip() == digest, f"pyld {digest}",
                  f"jsonld.js {run.stdout.strip()}", *run.stderr.splitlines()[:10])
    check_lines(path, document, statements, outcome)
    check_tampering(what, document, walk, quads, outcome)
    return document


def check_lines(path, document, statements, outcome):
    """A record is a line, and with the context a document of its own: so the lines of a document that is
    larger than memory can be read one by one."""
    lines = path.read_text(encoding="utf-8").split("\n")
    lines = [line.removesuffix(",") for line in lines[lines.index('"@graph": [') + 1:] if line.startswith("{")]
    records = [json.loads(line) for line in lines]
    outcome.check(f"{path.name}: a record is a line", records == document["@graph"])
    some_records = records[::max(1, len(records) // 50)]
    names = {record["@id"] for record in some_records}
    alone = Counter()
    for record in some_records:
        read = jsonld.to_rdf({"@context": document["@context"], "@graph": [record]}, OPTIONS)
        alone.update(line for line in map(spelt, read["@default"]) if line[0] in names)
    whole = Counter(line for line in map(spelt, statements.get(document["@id"], [])) if line[0] in names)
    outcome.check(f"{path.name}: a line with the context says what it says in the document",
                  bool(alone) and alone == whole, *some((alone - whole) | (whole - alone)))


def spelt(statement):
    """A statement; nodes without a name, which each reading numbers anew, are alike."""
    def term(said):
        return ("_:",) if said["type"] == "blank node" else tuple(sorted(said.items()))
    return statement["subject"]["value"], statement["predicate"]["value"], term(statement["object"])


def check_tampering(what, document, walk, quads, outcome):
    """The checks above see what they are there to see."""
    records = document["@graph"]
    said = {**document, "@graph": [{**records[0], "tampered": "with"}, *records[1:]]}
    outcome.check(f"{what}: tampering: a key without a meaning is seen",
                  walked(said).unmapped["tampered"] == 1)
    for iri in sorted({predicate(line) for line in quads}):
        line = next(line for line in quads if predicate(line) == iri)
        if not uncounted(walk, quads - {line}):
            outcome.check(f"{what}: tampering: a lost statement is seen", False, line)
            break
    else:
        outcome.check(f"{what}: tampering: a lost statement is seen", bool(quads))
    stray = {f"_:c14n999999999 <{RDF}type> <https://example.org/> .",
             f"<https://example.org/> <{RDF}type> _:c14n999999999 ."}
    outcome.check(f"{what}: tampering: a node without an IRI is seen",
                  nameless(quads | stray) >= stray)


def check_jsonld(release, outcome):
    documents = [p for p in sorted((release / "jsonld").glob("*.jsonld"))
                 if p.name != "context.jsonld"]
    outcome.check("jsonld: there is a document", bool(documents))
    context = json.loads((release / "jsonld/context.jsonld").read_text(encoding="utf-8"))
    outcome.check("context.jsonld: holds a context and nothing else", list(context) == ["@context"])
    for path in documents:
        document = outcome.guard(path.name, check_document, path, outcome)
        if document is not None:
            outcome.check(f"{path.name}: embeds the context that is shipped",
                          document.get("@context") == context.get("@context"))


CHECKS = [check_jsonld]
