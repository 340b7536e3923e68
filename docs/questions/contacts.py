"""How often did Russia, France, the United States and Türkiye deal with each Sahel state in military
matters, and how often was something broken off, by quarter? From `contacts` and `event_dyads`.

Arguments: see release.py. Writes contacts.csv and contacts.png.
"""

from matplotlib.legend_handler import HandlerTuple
from matplotlib.patches import Patch

from release import (BLUE, GREY, LIGHT_BLUE, LIGHT_ORANGE, ORANGE, PALE, SAHEL, ask, heading, plt,
                     write)

PARTNERS = {"RUS": "Russia", "FRA": "France", "USA": "United States", "TUR": "Türkiye"}

answer = ask("""
WITH military AS (
    SELECT d.*, d.type IN ('CONSULT', 'AGREE', 'SUPPORT', 'COOPERATE', 'AID') AS dealing,
           d.n_parties = 2 AND d.type IN ('SANCTION', 'REJECT', 'ACCUSE', 'THREATEN', 'COERCE', 'RETREAT',
                                          'CONCEDE', 'REQUEST') AS break,  -- of more, who with whom?
           d.confidence = 'high' AND NOT w.date_uncertain AND NOT w.date_approximate AS firm
    FROM 'event_dyads.parquet' d JOIN 'events_wide.parquet' w USING (event_id)
    SEMI JOIN (FROM 'event_contexts.parquet' WHERE context = 'military') USING (event_id)
)
SELECT p.participant_state_a, p.participant_state_b, p.quarter,
       count(*) FILTER (dealing) AS dealings, count(*) FILTER (dealing AND firm) AS dealings_firm,
       count(*) FILTER (dealing AND n_parties > 2) AS dealings_multiparty,
       count(*) FILTER (break) AS breaks, count(*) FILTER (break AND firm) AS breaks_firm
FROM 'contacts.parquet' p LEFT JOIN military m
  ON m.participant_state_a = p.participant_state_a AND m.participant_state_b = p.participant_state_b
 AND m.start_earliest >= p.quarter_start AND m.start_latest < p.quarter_start + INTERVAL 3 MONTH
WHERE p.quarter < '2026-Q2'  -- of which only April is part of the data
GROUP BY ALL ORDER BY ALL
""")

quarters = sorted(set(answer["quarter"]))
figure, panels = plt.subplots(len(PARTNERS), len(SAHEL), figsize=(11, 8.2), sharex=True, sharey=True)
figure.subplots_adjust(left=0.1, right=0.985, top=0.83, bottom=0.095, hspace=0.18, wspace=0.09)
for row, partner in zip(panels, PARTNERS):
    row[0].set_ylabel(f"{PARTNERS[partner]}\n", fontweight="bold", fontsize=10)
    for panel, sahel in zip(row, SAHEL):
        own = answer[answer["participant_state_a"].isin([sahel, partner])
                     & answer["participant_state_b"].isin([sahel, partner])].set_index("quarter")
        for kind, sign, strong, pale in [("dealings", 1, BLUE, LIGHT_BLUE),
                                         ("breaks", -1, ORANGE, LIGHT_ORANGE)]:
            panel.bar(own.index, own[kind] * sign, color=pale, width=0.85)
            panel.bar(own.index, own[f"{kind}_firm"] * sign, color=strong, width=0.85)
            total = own[kind].sum()
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
    "Events with a military context, by quarter. Numbers at the right: all quarters. An event with "
    "several Sahel states counts in the panel of each;\na break is of two states only. No bar: "
    "nothing on record, which is no zero. Grey: 2020 and 2021, covered thinly."))
figure.legend(
    [Patch(color=BLUE), Patch(color=ORANGE), (Patch(color=LIGHT_BLUE), Patch(color=LIGHT_ORANGE))],
    ["meeting, agreement, supply, joint act", "withdrawal, suspension, refusal, accusation",
     "of these with an uncertain date, or confidence below high"],
    handler_map={tuple: HandlerTuple(ndivide=None)}, loc="upper left", bbox_to_anchor=(0.005, 0.905),
    ncols=3, frameon=False, columnspacing=1.5)
write("contacts", answer, figure)
