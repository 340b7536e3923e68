"""Which persons of Burkina Faso, Mali and Niger met which persons from elsewhere most often?
Answered with DuckDB, from the nested Parquet file.

Arguments: see release.py. Writes meetings.csv and meetings.png.
"""

import numpy as np
from matplotlib.colors import LinearSegmentedColormap

from release import BLUE, GREY, PALE, SAHEL, ask, heading, plt, write

SHOWN_FROM = 2  # meetings that a pair needs to be in the plot; the table has all pairs

answer = ask("""
WITH entries AS (  -- an audience during a visit is part of the visit: both are one trip
    SELECT id, coalesce(part_of, id) AS trip, mode, date.earliest AS first_day, unnest(participants) AS p,
           confidence = 'high' AND NOT date.uncertain AND NOT date.approximate AS firm
    FROM 'events_nested.parquet'
    WHERE type = 'CONSULT' AND status = 'occurred'
), present AS (  -- persons who were there; not those who announced, or whom a decision was about
    SELECT DISTINCT id, trip, mode, first_day, firm, p.person AS person, p.side AS side,
           coalesce(p.state, '–') AS state
    FROM entries
    WHERE p.person IS NOT NULL AND p.role NOT IN ('spokesperson', 'observer', 'initiator', 'target')
), pairs AS (
    SELECT own.state AS sahel_state, own_name.person_name AS sahel_person, other.state AS other_state,
           other_name.person_name AS other_person, own.* EXCLUDE (person, side, state)
    FROM present own JOIN present other USING (id)
    JOIN 'persons.parquet' own_name ON own_name.person_id = own.person
    JOIN 'persons.parquet' other_name ON other_name.person_id = other.person
    WHERE list_contains($sahel, own.state) AND NOT list_contains($sahel, other.state)
      AND (own.side IS NULL OR own.side IS DISTINCT FROM other.side)
)
SELECT sahel_state, sahel_person, other_state, other_person,
       count(DISTINCT trip) AS meetings,
       meetings - count(DISTINCT trip) FILTER (mode IS DISTINCT FROM 'phone') AS by_telephone,
       meetings - count(DISTINCT trip) FILTER (mode IS DISTINCT FROM 'multilateral') AS multilateral,
       count(DISTINCT trip) FILTER (firm) AS firm,
       min(first_day)::text AS first_day, max(first_day)::text AS last_day
FROM pairs
GROUP BY ALL
ORDER BY meetings DESC, multilateral, sahel_state, sahel_person, other_state, other_person
""", sahel=list(SAHEL))

shown = answer[answer["meetings"] >= SHOWN_FROM]
order = ["RUS", "TUR", "CHN", "USA", "FRA", "–"]  # then the neighbours


def people(frame, state, person):
    """Persons of a side: by state, then by the number of meetings."""
    totals = frame.groupby([state, person], as_index=False)["meetings"].sum()
    rank = {code: place for place, code in enumerate(order)}
    totals["rank"] = totals[state].map(rank).fillna(len(order))
    totals = totals.sort_values(["rank", state, "meetings", person], ascending=[True, True, False, True])
    return list(totals[[state, person]].itertuples(index=False, name=None))


rows = people(shown, "sahel_state", "sahel_person")
columns = people(shown, "other_state", "other_person")
cells = np.zeros((len(rows), len(columns)), dtype=int)
figure, panel = plt.subplots(figsize=(11, 8.2))
figure.subplots_adjust(left=0.24, right=0.91, top=0.69, bottom=0.065)
among = answer.set_index(["sahel_state", "sahel_person", "other_state", "other_person"])
for down, row in enumerate(rows):
    for across, column in enumerate(columns):
        if (*row, *column) not in among.index:
            continue
        pair = among.loc[(*row, *column)]
        cells[down, across] = pair["meetings"]
        colour = "white" if pair["meetings"] >= 5 else "black"
        notes = [f"{pair[what]}{letter}" for what, letter in [("by_telephone", "t"), ("multilateral", "m")]
                 if pair[what]]
        panel.text(across, down - (0.13 if notes else 0), pair["meetings"], ha="center", va="center",
                   fontsize=10, fontweight="bold", color=colour)
        panel.text(across, down + 0.26, " ".join(notes), ha="center", va="center", fontsize=7.5,
                   color=colour)
panel.imshow(np.ma.masked_equal(cells, 0), aspect="auto", vmin=1, vmax=cells.max(),
             cmap=LinearSegmentedColormap.from_list("blues", ["#E3F0F8", "#9CCAE6", BLUE, "#004B75"]))
panel.set_xticks(range(len(columns)), [f"{name} · {state}" for state, name in columns], rotation=40,
                 ha="left", rotation_mode="anchor")
panel.xaxis.tick_top()
panel.set_yticks(range(len(rows)), [f"{name} · {state}" for state, name in rows])
panel.set_xticks(np.arange(-0.5, len(columns)), minor=True)
panel.set_yticks(np.arange(-0.5, len(rows)), minor=True)
panel.grid(which="minor", color=PALE)
panel.tick_params(which="both", length=0)
panel.set_xlabel("Person from elsewhere · state acted for (–: none)", loc="left")
panel.set_ylabel("Person of a Sahel state · state acted for")
panel.spines[:].set_visible(False)
for sides, line in [(rows, panel.axhline), (columns, panel.axvline)]:
    for place in range(1, len(sides)):
        if sides[place][0] != sides[place - 1][0]:
            line(place - 0.5, color=GREY, linewidth=1)
heading(figure, "Who met whom: persons of the Sahel states and persons from elsewhere", (
    f"Meetings and calls that occurred, of persons who have a pair with at least {SHOWN_FROM}. Of "
    "these, t: only by telephone; m: only at a summit or the like.\nA pair is two named persons on "
    "different sides of one record: that each spoke with each isn't said. All confidences and dates.\n"
    "An empty cell means that the dataset has no record, not that they never met."))
write("meetings", answer, figure)
