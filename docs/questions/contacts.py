"""How often did Russia, France, the United States and Türkiye deal with each Sahel state in military
matters, and how often was something broken off, by quarter? Answered with DuckDB.

Arguments: see release.py. Writes contacts.csv and contacts.png.
"""

from matplotlib.legend_handler import HandlerTuple
from matplotlib.patches import Patch

from release import (BLUE, GREY, LIGHT_BLUE, LIGHT_ORANGE, ORANGE, PALE, SAHEL, ask, heading, plt,
                     write)

PARTNERS = {"RUS": "Russia", "FRA": "France", "USA": "United States", "TUR": "Türkiye"}

answer = ask("""
WITH acting AS (  -- states that took part; who observes, mediates or only reads out doesn't count
    SELECT event_id, participant_state AS state, participant_role AS role, side
    FROM 'event_participants.parquet'
    WHERE participant_role NOT IN ('observer', 'mediator', 'spokesperson')
), pairs AS (  -- each pair of a Sahel state and a partner once an event, unless on the same side
    SELECT event_id, sahel.state AS sahel, partner.state AS partner,
           -- whether a withdrawal is between the two: not if both leave a town together, nor if the
           -- Sahel state only takes part while the partner leaves its neighbour
           bool_or(partner.role <> 'participant')
               AND bool_or(sahel.role NOT IN ('participant', 'withdrawing-force')) AS between_them
    FROM acting sahel JOIN acting partner USING (event_id)
    WHERE list_contains($sahel, sahel.state) AND list_contains($partners, partner.state)
      AND (sahel.side IS NULL OR sahel.side IS DISTINCT FROM partner.side)
      AND NOT (sahel.role = 'target' AND partner.role = 'target')
    GROUP BY ALL
), sizes AS (
    SELECT event_id, count(DISTINCT participant_state) AS states
    FROM 'event_participants.parquet' GROUP BY ALL
), contacts AS (
    SELECT p.*, s.states, e.date_earliest,
           CASE WHEN e.type IN ('CONSULT', 'AGREE', 'SUPPORT', 'COOPERATE', 'AID') THEN 'dealing'
                WHEN e.type IN ('SANCTION', 'REJECT', 'ACCUSE', 'THREATEN', 'COERCE')
                  OR e.type IN ('RETREAT', 'CONCEDE', 'REQUEST') AND p.between_them AND event_id IN (
                      SELECT event_id FROM 'event_topics.parquet' WHERE topic = 'troop-withdrawal')
                THEN 'break'
           END AS kind,
           e.confidence = 'high' AND NOT e.date_uncertain AND NOT e.date_approximate AS firm
    FROM pairs p JOIN sizes s USING (event_id) JOIN 'events.parquet' e USING (event_id)
    WHERE e.status = 'occurred'  -- not planned, cancelled, denied, disputed or still going on
      AND event_id IN (SELECT event_id FROM 'event_contexts.parquet' WHERE context = 'military')
)
SELECT sahel, partner, year(date_earliest) || '-Q' || quarter(date_earliest) AS quarter, kind,
       count(*) AS events,  -- an event of several days counts where it began
       count(*) FILTER (firm) AS firm,
       count(*) FILTER (states > 2) AS multiparty
FROM contacts
WHERE kind IS NOT NULL AND date_earliest IS NOT NULL
GROUP BY ALL ORDER BY ALL
""", sahel=list(SAHEL), partners=list(PARTNERS))

first, last = (int(quarter[:4]) for quarter in (answer["quarter"].min(), answer["quarter"].max()))
quarters = [f"{year}-Q{number}" for year in range(first, last + 1) for number in range(1, 5)]
while quarters[-1] > answer["quarter"].max():
    quarters.pop()

figure, panels = plt.subplots(len(PARTNERS), len(SAHEL), figsize=(11, 8.2), sharex=True, sharey=True)
figure.subplots_adjust(left=0.1, right=0.985, top=0.83, bottom=0.095, hspace=0.18, wspace=0.09)
for row, partner in zip(panels, PARTNERS):
    row[0].set_ylabel(f"{PARTNERS[partner]}\n", fontweight="bold", fontsize=10)
    for panel, sahel in zip(row, SAHEL):
        own = answer[(answer["sahel"] == sahel) & (answer["partner"] == partner)]
        for kind, sign, strong, pale in [("dealing", 1, BLUE, LIGHT_BLUE),
                                         ("break", -1, ORANGE, LIGHT_ORANGE)]:
            counts = own[own["kind"] == kind].set_index("quarter").reindex(quarters)
            counts = counts[["events", "firm"]].fillna(0) * sign
            panel.bar(quarters, counts["events"], color=pale, width=0.85)
            panel.bar(quarters, counts["firm"], color=strong, width=0.85)
            total = int(counts["events"].abs().sum())
            panel.text(0.99, 0.95 if sign > 0 else 0.05, total, color=strong, fontweight="bold",
                       ha="right", va="top" if sign > 0 else "bottom", transform=panel.transAxes)
        panel.axhline(0, color=GREY, linewidth=0.8)
        panel.axvspan(-0.5, sum(quarter < "2022" for quarter in quarters) - 0.5, color=PALE, zorder=0)
        panel.set_xlim(-0.5, len(quarters) + 2)
for panel, sahel in zip(panels[0], SAHEL):
    panel.set_title(SAHEL[sahel])
for panel in panels[-1]:
    panel.set_xticks(range(0, len(quarters), 4), [quarter[:4] for quarter in quarters[::4]])
panels[0, 0].yaxis.set_major_locator(plt.MultipleLocator(2))
panels[0, 0].yaxis.set_major_formatter(lambda value, _: f"{abs(value):.0f}")
figure.supxlabel("Quarter in which the event began; a tick is the first quarter of its year", y=0.035,
                 fontsize=9)
figure.supylabel("Events in a quarter", x=0.008, fontsize=9)
heading(figure, "Military dealings and breaks of four powers with the Sahel states", (
    "Events with a military context that occurred, by quarter. Numbers at the right: all quarters. "
    "An event with several Sahel states counts\nin the panel of each, so panels don't add up to a "
    "number of events. Grey: 2020 and 2021, which the dataset covers thinly."))
figure.legend(
    [Patch(color=BLUE), Patch(color=ORANGE), (Patch(color=LIGHT_BLUE), Patch(color=LIGHT_ORANGE))],
    ["meeting, agreement, supply, joint act", "withdrawal, suspension, refusal, accusation",
     "of these with an uncertain date, or confidence below high"],
    handler_map={tuple: HandlerTuple(ndivide=None)}, loc="upper left", bbox_to_anchor=(0.005, 0.905),
    ncols=3, frameon=False, columnspacing=1.5)
write("contacts", answer, figure)
