"""Measures demarche against its peers on the same files, and prints a table of ratios.

    benches/compare/install.sh
    cargo build --release
    python benches/compare/run.py --out docs/performance.md

docs/performance.md says what is measured and how to read the table. Needs Python 3.11 on Linux.
"""

import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path

import generate
import measure
import report
import tools


def arguments():
    def names(text):
        return text.split(",")

    def numbers(text):
        return [int(number) for number in text.split(",")]
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--works", type=names, help="only these, by name: check-lines,build-both")
    parser.add_argument("--tools", type=names, help="only these peers, by name")
    parser.add_argument("--sizes", type=numbers, default=[100_000, 1_000_000], help="records of JSON Lines")
    parser.add_argument("--files", type=numbers, default=[10_000], help="files of one YAML or JSON record")
    parser.add_argument("--many", type=numbers, default=[100_000], help="small JSON files")
    parser.add_argument("--rows", type=numbers, default=[100_000],
                        help="events in CSV; with their participants four times the rows")
    parser.add_argument("--pairs", type=numbers, default=[300_000], help="events of several states, for dyads and a panel")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--patience", type=float, default=30, metavar="SECONDS",
                        help="a peer that takes longer than this runs in the first round only")
    parser.add_argument("--demarche", type=Path, default=tools.REPOSITORY / "target/release/demarche")
    parser.add_argument("--work-dir", type=Path, default=tools.REPOSITORY / "target/compare")
    parser.add_argument("--out", type=Path, help="a page with markers to write between; otherwise it is printed")
    return parser.parse_args()


class Comparison:
    """One work at one size: who takes part, and how the rounds went."""

    def __init__(self, work, count, options):
        self.work, self.count, self.options = work, count, options
        self.scratch = options.work_dir / "scratch"
        self.versions = {tool.name: tools.first_version(tool.version) for tool in work.tools}
        self.runs = {tool.name: [] for tool in work.tools}
        self.absent = {}  # why a tool has no figures
        self.rejections = {}
        self.faults = None
        self.sizes = {}
        self.equality = None

    def project(self, bad=False):
        if self.work.shape == tools.EMBEDDED:
            return tools.REPOSITORY
        shape = bad and self.work.judged_shape or self.work.shape
        name = f"{shape}-{self.count}{'-bad' if bad else ''}"
        return generate.project(self.options.work_dir / "data" / name, shape, self.count, bad)

    def taking_part(self):
        for tool in self.work.tools:
            if not self.versions[tool.name]:
                self.absent[tool.name] = "not installed"
            elif self.count > tool.most:
                self.absent[tool.name] = f"not run: it holds all in memory, and takes {tool.most:,} at most"
        return [tool for tool in self.work.tools if tool.name not in self.absent]

    def once(self, tool, project):
        """One run, with an empty directory for what it writes and nothing left to be written before."""
        out, log = self.scratch / "out", self.scratch / "log"
        shutil.rmtree(self.scratch, ignore_errors=True)
        out.mkdir(parents=True)
        command = [os.fspath(part) for part in tool.command(project, out)]
        os.sync()
        run = measure.run(command, project, log)
        return run, log.read_text(errors="replace"), out

    def measure(self):
        project, present = self.project(), self.taking_part()
        if self.work.shape == tools.EMBEDDED:
            self.once(present[0], project)
        else:
            measure.warm(project)
        for number in range(self.options.rounds):
            # Each begins a round in turn, so that none always follows the same one.
            turn = number % len(present)
            for tool in present[turn:] + present[:turn]:
                done = self.runs[tool.name]
                is_slow = done and done[0].wall > self.options.patience and not tool.is_ours
                if tool.name in self.absent or is_slow:
                    continue
                run, log, out = self.once(tool, project)
                if run.exit_code != 0:
                    self.absent[tool.name] = f"failed with exit code {run.exit_code}"
                    self.runs[tool.name] = []
                    print(f"{tool.name} failed:\n{log[-2000:]}", file=sys.stderr)
                    continue
                done.append(run)
                print(f"  round {number + 1} {tool.name}: {run.wall:.3f} s", file=sys.stderr)
                if self.work.writes and tool.name not in self.sizes:
                    self.look_at(tool, project, out)

    def look_at(self, tool, project, out):
        """How large the Parquet file is that all builders write; whether ours says what the records say."""
        names = ["dyad_years.parquet", "events_nested.parquet", "events.parquet"]
        nested = next(found for name in names for found in out.rglob(name))
        self.sizes[tool.name] = nested.stat().st_size
        if self.work.name == "build-both" and tool.name == tools.DEMARCHE:
            self.equality = self.compare(project, *out.iterdir())
        if self.work.name == "build-release":
            release = out if (out / "parquet").is_dir() else next(out.iterdir())
            found = self.compare(project, release, *([] if tool.is_ours else ["--plain"]), "--forms", "parquet")
            self.equality = f"{self.equality}; {tool.name}: {found}" if self.equality else f"{tool.name}: {found}"

    def compare(self, project, release, *options):
        """What equal.py says in its last line."""
        python = self.options.work_dir / "venv/bin/python"
        command = [python, tools.HERE / "equal.py", project, release, *options]
        if not python.exists():
            return "not compared, for DuckDB isn't installed"
        done = subprocess.run(command, capture_output=True, text=True)
        print(done.stdout + done.stderr, file=sys.stderr)
        return (done.stdout.strip().splitlines() or ["not compared, for equal.py failed"])[-1]

    def judge(self):
        """What each tool rejects of the bad variant; outside the measurement."""
        self.faults = generate.faults(self.work.judged_shape or self.work.shape, self.count)
        project = self.project(bad=True)
        for tool in self.work.tools:
            if tool.name not in self.absent and tool.rejected:
                _, log, _ = self.once(tool, project)
                try:
                    self.rejections[tool.name] = tool.rejected(log)
                except (ValueError, KeyError) as error:
                    self.rejections[tool.name] = "can't be read"
                    print(f"{tool.name}: {error}\n{log[-2000:]}", file=sys.stderr)


def main():
    options = arguments()
    options.work_dir = options.work_dir.resolve()
    options.demarche = options.demarche.resolve()
    sizes = {"lines": options.sizes, "yaml": options.files, "json": options.files, "many": options.many,
             "rows": options.rows, "constraints": options.sizes, "pairs": options.pairs, tools.EMBEDDED: [0]}
    works = tools.works(options.demarche, options.work_dir)
    unknown = set(options.works or []) - {work.name for work in works}
    if unknown:
        sys.exit(f"no such work: {', '.join(sorted(unknown))}; there are {', '.join(work.name for work in works)}")
    if not options.demarche.is_file():
        sys.exit(f"{options.demarche} isn't there: cargo build --release")
    comparisons = []
    for work in works:
        if options.works and work.name not in options.works:
            continue
        if options.tools:
            work.tools = [tool for tool in work.tools if tool.is_ours or tool.name in options.tools]
        for count in sizes[work.shape]:
            print(f"{work.name}, {count}", file=sys.stderr)
            comparison = Comparison(work, count, options)
            comparison.measure()
            if work.is_judged and count == min(sizes[work.shape]):
                comparison.judge()
            comparisons.append(comparison)
    text = report.page(comparisons, options)
    if options.out:
        report.insert(options.out, text)
    else:
        print(text)


if __name__ == "__main__":
    main()
