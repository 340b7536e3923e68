"""Which states did the Sahel states meet, and on which side was each? From `event_opponents`.

Arguments: see release.py. Writes sides.csv and sides.png.
"""

from matplotlib.patches import Patch

from release import BLUE, GREY, ORANGE, SAHEL, ask, heading, plt, write

SHOWN_FROM = 2  # records that a pair needs to be in the plot; the table has all pairs
SPAN = 14  # records to either side

answer = ask("""
WITH pairs AS (  -- each from both sides
    SELECT *, unnest([participant_state_a, participant_state_b]) AS state, unnest([side_a, side_b]) AS side,
           unnest([participant_state_b, participant_state_a]) AS other, unnest([side_b, side_a]) AS other_side
    FROM 'event_opponents.parquet'
)
SELECT state, other, count(*) AS events, count(*) FILTER (side = 'a') AS state_first,
       count(*) FILTER (other_side = 'a') AS other_first, count(*) FILTER (n_parties > 2) AS multiparty,
       string_agg(DISTINCT type, ' ' ORDER BY type) AS types,
       min(start_earliest) AS first_day, max(end_latest) AS last_day
FROM pairs WHERE list_contains($sahel, state)
GROUP BY ALL ORDER BY state, events DESC, other
""", sahel=list(SAHEL))

shown = answer[answer["events"] >= SHOWN_FROM]
sizes = shown.groupby("state").size()
figure, panels = plt.subplots(len(sizes), 1, figsize=(11, 9.4), sharex=True, height_ratios=sizes + 1)
figure.subplots_adjust(left=0.07, right=0.985, top=0.848, bottom=0.08, hspace=0.16)
for panel, (state, own) in zip(panels, shown.groupby("state")):
    for place, row in enumerate(own.itertuples()):
        panel.barh(place, -row.other_first, color=ORANGE)
        panel.barh(place, row.state_first, color=BLUE)
        for count, at, align in [(row.other_first, -row.other_first - 0.15, "right"),
                                 (row.state_first, row.state_first + 0.15, "left")]:
            panel.text(at, place, count or "", ha=align, va="center", fontsize=8.5)
        panel.text(SPAN + 0.6, place, f"{row.first_day:%Y-%m} – {row.last_day:%Y-%m}   {row.types.lower()}",
                   va="center", fontsize=8.5, color=GREY)
    panel.axvline(0, color=GREY, linewidth=0.8)
    panel.set_yticks(range(len(own)), own["other"])
    panel.set_title(SAHEL[state], loc="left", pad=4)
    panel.set(xlim=(-SPAN, SPAN + 12), ylim=(len(own) - 0.4, -0.6))
    panel.tick_params(axis="y", length=0)
panels[-1].set_xticks(range(-12, 13, 4), [abs(tick) for tick in range(-12, 13, 4)])
panels[-1].set_xlabel("Records", x=SPAN / (2 * SPAN + 12))
figure.legend(handles=[Patch(color=ORANGE), Patch(color=BLUE)], labels=[
    "the other state on side a: it came, supplied, left", "the Sahel state on side a"],
    loc="upper left", bbox_to_anchor=(0.005, 0.912), ncols=2, frameon=False)
heading(figure, "Who met whom, with sides: states that the Sahel states faced", (
    f"Pairs of states on different sides of at least {SHOWN_FROM} records, with the months of the first and the "
    "last and the types. Only records that say sides:\nmost talks and few other acts. A meeting of many "
    "is a record for each pair. No bar means no record."))
write("sides", answer, figure)
