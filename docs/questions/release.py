"""What the questions share: where the release is, and how an answer is written.

    python docs/questions/contacts.py [RELEASE [OUT]]

RELEASE is the folder of a release (the newest that is committed below output/ if left out), OUT the
folder that the answer's table and plot go to (that of the scripts if left out).
"""

import json
import sys
from pathlib import Path

import duckdb
import matplotlib

matplotlib.use("Agg")  # draws into files, needs no screen
import matplotlib.pyplot as plt  # noqa: E402

HERE = Path(__file__).resolve().parent
SAHEL = {"BFA": "Burkina Faso", "MLI": "Mali", "NER": "Niger"}
# Colours of Okabe and Ito, which people with colour-blindness can tell apart; each with a paler one.
BLUE, LIGHT_BLUE = "#0072B2", "#9CCAE6"
ORANGE, LIGHT_ORANGE = "#D55E00", "#F3BE94"
GREY, PALE = "#595959", "#EBEBEB"

plt.rcParams.update({
    "font.family": "DejaVu Sans", "font.size": 9, "axes.spines.top": False,
    "axes.spines.right": False, "axes.titleweight": "bold", "axes.titlesize": 10,
})


def folder():
    """The folder of the release."""
    if len(sys.argv) > 1:
        return Path(sys.argv[1])
    return max((HERE.parents[1] / "output").iterdir())


def ask(sql, **values):
    """What DuckDB answers, as a DataFrame; 'events.parquet' means the table of the release."""
    with duckdb.connect() as connection:
        connection.execute("SET file_search_path = ?", [str(folder() / "parquet")])
        return connection.execute(sql, values).df()


def heading(figure, title, subtitle):
    """What the plot shows, above it on the left; distances are in inches from the edges."""
    height = figure.get_figheight()
    figure.text(0.15 / figure.get_figwidth(), 1 - 0.12 / height, title, va="top",
                fontsize=14, fontweight="bold")
    figure.text(0.15 / figure.get_figwidth(), 1 - 0.45 / height, subtitle, va="top",
                fontsize=9.5, color=GREY, linespacing=1.35)


def write(name, answer, figure):
    """Writes the table, and the plot with its source; nothing in them comes from a clock."""
    package = json.loads((folder() / "datapackage.json").read_text(encoding="utf-8"))
    source = (f"Source: {package['title']} {package['version']}, CC BY 4.0, coded by a language "
              "model from public reports, unreviewed. Counts show what was looked for and found: not a census.")
    figure.text(0.15 / figure.get_figwidth(), 0.1 / figure.get_figheight(), source, va="bottom",
                fontsize=7.5, color=GREY)
    out = Path(sys.argv[2]) if len(sys.argv) > 2 else HERE
    answer.to_csv(out / f"{name}.csv", index=False, lineterminator="\n")
    figure.savefig(out / f"{name}.png", dpi=130, metadata={"Software": None})
    print(f"{name}: {len(answer)} rows")
