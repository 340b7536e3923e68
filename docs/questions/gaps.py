"""After something military with one partner was suspended, denounced or withdrawn: how long until another
partner signed, delivered or deployed, in each Sahel state? From `event_dyads`.

Arguments: see release.py. Writes gaps.csv and gaps.png.
"""

import pandas as pd

from release import BLUE, GREY, LIGHT_BLUE, ORANGE, SAHEL, ask, heading, plt, write

FIRST, LAST = pd.Timestamp("2020-01-01"), pd.Timestamp("2026-03-31")  # two weak events after that
SUBJECTS = ["military-cooperation", "troop-deployment", "security-mission", "military-training",
            "arms-supply", "defence-pact"]

answer = ask("""
WITH acts AS (  -- of two states, from both sides, in military matters
    SELECT d.*, unnest([participant_state_a, participant_state_b]) AS state, outcome_type AS outcome,
           unnest([participant_state_b, participant_state_a]) AS partner,
           d.confidence = 'high' AND NOT w.date_uncertain AND NOT w.date_approximate AS firm
    FROM 'event_dyads.parquet' d JOIN 'events_wide.parquet' w USING (event_id)
    JOIN 'event_outcomes.parquet' USING (event_id)
    SEMI JOIN (FROM 'event_contexts.parquet' WHERE context = 'military') USING (event_id)
    WHERE start_earliest IS NOT NULL AND end_latest <= $last
), breaks AS (  -- the first suspension, the first denunciation and the last withdrawal
    SELECT *, IF(type = 'RETREAT', 'last withdrawal', outcome) AS step FROM acts
    WHERE list_contains($sahel, state) AND NOT list_contains($sahel, partner) AND n_parties = 2
      AND (type = 'SANCTION' AND outcome IN ('suspension', 'denunciation') OR mode = 'retreat-withdraw')
    QUALIFY row_number() OVER (PARTITION BY state, partner, step ORDER BY
        (start_earliest - $last) * IF(type = 'RETREAT', -1, 1), event_id) = 1
), arrivals AS (  -- each with the day since when that partner is there
    SELECT *, min(start_latest) OVER (PARTITION BY state, partner) AS since FROM acts
    SEMI JOIN (FROM 'event_topics.parquet' WHERE list_contains($subjects, topic)
               AND coalesce(topic_stance, '') NOT IN ('discussed', 'proposed', 'possible')) USING (event_id)
    WHERE type IN ('AID', 'COOPERATE', 'SUPPORT', 'AGREE', 'CONSULT') AND NOT list_contains($sahel, partner)
      AND outcome IN ('agreement-signed', 'memorandum', 'contract', 'delivery', 'deployment')
), waits AS (  -- `after` is the next arrival of anybody else
    SELECT b, max(n.end_latest) FILTER (n.end_latest < b.start_earliest) AS previous_day,
           arg_min(n, (n.start_earliest, n.event_id)) FILTER (n.start_earliest >= b.end_latest) AS after,
           min(n.start_latest) FILTER (n.start_earliest >= b.end_latest) AS next_day_max
    FROM breaks b LEFT JOIN arrivals n ON n.state = b.state AND n.partner <> b.partner GROUP BY b
)
SELECT b.state AS state, b.partner AS partner_left, b.step AS step, b.event_id AS event, b.start_earliest AS day_min,
       b.end_latest AS day_max, after.partner AS next, after.event_id AS next_event,
       after.start_earliest AS next_day_min, next_day_max, coalesce(next_day_min, $last) - day_max AS days_min,
       next_day_max - day_min AS days_max, after IS NULL AS censored, after.since < day_min AS next_was_there,
       previous_day, b.firm AND coalesce(after.firm, true) AS firm
FROM waits ORDER BY state, day_min, partner_left, step
""", sahel=list(SAHEL), subjects=SUBJECTS, last=LAST.date())
answer["days_max"] = answer["days_max"].astype("Int64")
sizes = answer.groupby("state").size() + 1
figure, panels = plt.subplots(len(sizes), 1, figsize=(11, 10), sharex=True, height_ratios=sizes)
figure.subplots_adjust(left=0.225, right=0.985, top=0.85, bottom=0.065, hspace=0.14)
marks = {"suspended, denounced or gone": dict(marker="s", color=ORANGE, markersize=8, linestyle=""),
         "next: first on record": dict(marker="o", color=BLUE, markersize=6),
         "next: was there before": dict(marker="o", color=BLUE, markersize=6, markerfacecolor="white"),
         "none till the data end": dict(marker=">", color=LIGHT_BLUE, markersize=9),
         "last of others before": dict(marker="|", color=GREY, linestyle=":", linewidth=0.9)}
at, new, known, open_end, previous = marks.values()
for panel, (state, own) in zip(panels, answer.groupby("state")):
    for row in own.reset_index(drop=True).itertuples():
        end, last = (LAST, LAST) if row.censored else (row.next_day_min, row.next_day_max)
        if pd.notna(row.previous_day):
            panel.plot([row.previous_day, row.day_min], [row.Index] * 2, **previous, markevery=[0])
        panel.plot([row.day_min, end], [row.Index] * 2, color=LIGHT_BLUE, linewidth=4)
        panel.plot(row.day_min, row.Index, **at)
        panel.plot([end, last], [row.Index] * 2, markevery=[0],
                   **(open_end if row.censored else known if row.next_was_there else new))
        days = "–".join(map(str, sorted({row.days_min, row.days_max} - {pd.NA}))) + " days"
        label = f"{'none in' if row.censored else row.next + ','} {days}{' (?)' * (not row.firm)}"
        panel.annotate(label, (last, row.Index), (9, 0), va="center", textcoords="offset points", fontsize=8.5,
                       bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.5})
    panel.set_yticks(range(len(own)), own["partner_left"] + ", " + own["step"])
    panel.set_title(SAHEL[state], loc="left", pad=4)
    panel.set(xlim=(FIRST, LAST + pd.Timedelta(days=180)), ylim=(len(own) - 0.4, -0.6))
    panel.axvline(LAST, color=GREY, linewidth=0.8, zorder=0)
panels[0].text(LAST, -0.75, "end of the data", ha="center", fontsize=8, color=GREY)
panels[-1].set_xlabel("Date")
figure.legend(handles=[plt.Line2D([], [], label=label, **mark) for label, mark in marks.items()],
              loc="upper left", bbox_to_anchor=(0.005, 0.915), ncols=5, frameon=False)
heading(figure, "From one partner's leaving to another's next agreement, delivery or deployment", (
    "The first suspension, first denunciation and last withdrawal of each partner, and what the dataset "
    "has next for any other state from\noutside the three. (?): an uncertain date, or confidence below "
    "high. Rows share their ends; what came next isn't thereby a replacement."))
write("gaps", answer, figure)
