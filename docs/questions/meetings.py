"""Which persons of Burkina Faso, Mali and Niger met which persons from elsewhere most often?
From `event_dyads`, `event_visits_directed` and `events_wide`.

Arguments: see release.py. Writes meetings.csv and meetings.png.
"""

import numpy as np
from matplotlib.colors import LinearSegmentedColormap

from release import BLUE, GREY, PALE, SAHEL, ask, heading, plt, write

SHOWN_FROM = 2  # meetings that a pair needs to be in the plot; the table has all pairs

answer = ask("""
WITH people AS (  -- not those who announced, or whom a decision was about
    SELECT event_id, participant_state AS state, person_name AS person
    FROM 'event_participants.parquet' JOIN 'persons.parquet' USING (person_id)
    WHERE participant_role NOT IN ('spokesperson', 'observer', 'initiator', 'target')
)
SELECT own.state AS sahel_state, own.person AS sahel_person, other.state AS other_state, other.person AS other_person,
       count(DISTINCT coalesce(w.part_of, event_id)) AS meetings,  -- an audience is part of its visit
       count(DISTINCT coalesce(w.part_of, event_id)) FILTER (participant_state_from = own.state) AS went,
       count(DISTINCT coalesce(w.part_of, event_id)) FILTER (participant_state_to = own.state) AS received,
       count(DISTINCT coalesce(w.part_of, event_id)) FILTER (d.mode = 'phone') AS by_telephone,
       count(DISTINCT coalesce(w.part_of, event_id)) FILTER (
           d.confidence = 'high' AND NOT w.date_uncertain AND NOT w.date_approximate) AS firm,
       min(d.start_earliest) AS first_day, max(d.end_latest) AS last_day
FROM 'event_dyads.parquet' d JOIN 'events_wide.parquet' w USING (event_id)
JOIN people own USING (event_id) JOIN people other USING (event_id)
LEFT JOIN 'event_visits_directed.parquet' v USING (event_id)
WHERE d.type = 'CONSULT' AND list_contains($sahel, own.state) AND NOT list_contains($sahel, other.state)
  AND [d.participant_state_a, d.participant_state_b] = list_sort([own.state, other.state])
GROUP BY ALL ORDER BY meetings DESC, sahel_state, sahel_person, other_state, other_person
""", sahel=list(SAHEL))

shown = answer[answer["meetings"] >= SHOWN_FROM]
order = ["RUS", "TUR", "CHN", "USA", "FRA"]  # then the neighbours


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
        notes = [f"{pair[what]}{sign}" for what, sign in [
            ("went", "→"), ("received", "←"), ("by_telephone", "t")] if pair[what]]
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
panel.set_xlabel("Person from elsewhere · state acted for", loc="left")
panel.set_ylabel("Person of a Sahel state · state acted for")
panel.spines[:].set_visible(False)
for sides, line in [(rows, panel.axhline), (columns, panel.axvline)]:
    for place in range(1, len(sides)):
        if sides[place][0] != sides[place - 1][0]:
            line(place - 0.5, color=GREY, linewidth=1)
heading(figure, "Who met whom: persons of the Sahel states and persons from elsewhere", (
    f"Meetings and calls of persons who have a pair with at least {SHOWN_FROM}. →: the person on the left "
    "was the guest. ←: the host. t: by telephone.\nA pair is two named persons who act for different "
    "states in one record: that each spoke with each isn't said. All confidences and dates.\n"
    "An empty cell means that the dataset has no record, not that they never met."))
write("meetings", answer, figure)
