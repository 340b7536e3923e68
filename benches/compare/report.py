"""The outcome as Markdown."""

import os
import platform
import statistics
import subprocess
import time
from pathlib import Path

import tools

BEGIN, END = "<!-- compare: begin -->", "<!-- compare: end -->"


def page(comparisons, options):
    return "\n".join([setting(options), *(section(comparison) for comparison in comparisons), versions(comparisons)])


def setting(options):
    def git(*command):
        return subprocess.run(["git", "-C", tools.REPOSITORY, *command], capture_output=True, text=True).stdout.strip()
    commit = git("rev-parse", "--short", "HEAD") or "unknown"
    changed = " with changes" if git("status", "--porcelain", "--untracked-files=no") else ""
    model = next((line.split(":")[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines()
                  if line.startswith("model name")), platform.machine())
    memory = int(Path("/proc/meminfo").read_text().split()[1]) / 2**20
    is_old = options.demarche.stat().st_mtime < int(git("log", "-1", "--format=%ct") or 0)
    stale = " (the program is older than this commit)" if is_old else ""
    return (f"Commit {commit}{changed}{stale}, {time.strftime('%Y-%m-%d', time.gmtime())}. {model}, "
            f"{len(os.sched_getaffinity(0))} cores, {memory:.0f} GiB. Rounds: {options.rounds}.\n")


def section(comparison):
    work = comparison.work
    verdicts = comparison.faults is not None
    header = ["tool", "median s", "least – most", "× demarche", "CPU s", "peak MB"]
    header += ["Parquet MB"] if work.writes else []
    header += [f"rejected of {comparison.faults:,} bad"] if verdicts else []
    title = f"{work.title}: {comparison.count:,}" if comparison.count else work.title
    lines = [f"### {title}\n", row(header), row(["---"] + ["--:"] * (len(header) - 1))]
    for tool in work.tools:
        runs = comparison.runs[tool.name]
        name = tool.name + (f" ({tool.remark})" if tool.remark else "")
        if not runs:
            lines.append(row([name, comparison.absent[tool.name]] + [""] * (len(header) - 2)))
            continue
        walls = [run.wall for run in runs]
        cells = [name, seconds(statistics.median(walls)), spread(walls), ratio(comparison, tool),
                 seconds(statistics.median(run.processor for run in runs)), peak(runs)]
        cells += [f"{comparison.sizes[tool.name] / 1e6:.1f}"] if work.writes else []
        cells += [str(comparison.rejections[tool.name])] if verdicts else []
        lines.append(row(cells))
    if comparison.equality:
        lines.append(f"\nRelease against records: {comparison.equality}.")
    return "\n".join(lines) + "\n"


def row(cells):
    return f"| {' | '.join(cells)} |"


def seconds(value):
    return f"{value:.3f}" if value < 10 else f"{value:.1f}"


def spread(walls):
    return f"{seconds(min(walls))} – {seconds(max(walls))}" if len(walls) > 1 else "one run"


def ratio(comparison, tool):
    """The median of the ratios in each round: what slows a whole round down cancels out."""
    ours = comparison.runs[comparison.work.tools[0].name]
    pairs = zip(comparison.runs[tool.name], ours)
    ratios = [theirs.wall / own.wall for theirs, own in pairs]
    return f"{statistics.median(ratios):.2f}" if ratios else "–"


def peak(runs):
    most = max(runs, key=lambda run: run.peak_bytes)
    return f"{most.peak_bytes / 1e6:.0f}" if most.peak_bytes > most.floor_bytes else f"< {most.floor_bytes / 1e6:.0f}"


def versions(comparisons):
    found = {name: version for comparison in comparisons for name, version in comparison.versions.items()}
    node = tools.first_version(["node", "--version"]) or "not installed"
    known = sorted({f"{name.split(' ')[0].strip(',')} {version}" for name, version in found.items() if version})
    return f"Versions: {', '.join(known)}; Python {platform.python_version()}, Node {node}.\n"


def insert(path, text):
    """Puts the text between the markers of a page."""
    before, rest = path.read_text(encoding="utf-8").split(BEGIN)
    _, after = rest.split(END)
    path.write_text(f"{before}{BEGIN}\n\n{text}\n{END}{after}", encoding="utf-8")
