"""From the day on which a withdrawal of troops was demanded, announced or agreed: how long until they
left? From `event_links`.

Arguments: see release.py. Writes withdrawals.csv and withdrawals.png.
"""

import textwrap

from release import BLUE, LIGHT_BLUE, ORANGE, ask, heading, plt, write

KINDS = {"REQUEST": "demanded", "SANCTION": "ended", "CONCEDE": "announced", "AGREE": "agreed",
         "SUPPORT": "agreed"}

answer = ask("""
WITH RECURSIVE chains AS (  -- the later event names the earlier one, so the days of a link are negative
    SELECT event_id_from AS left_by, event_id_to AS word, -days_max AS days_min, -days_min AS days_max
    FROM 'event_links.parquet' WHERE mode_from = 'retreat-withdraw' AND days_max <= 0
  UNION
    SELECT left_by, event_id_to, c.days_min - l.days_max, c.days_max - l.days_min
    FROM chains c JOIN 'event_links.parquet' l ON event_id_from = word AND l.days_max <= 0
    WHERE type_from IN ('RETREAT', 'REQUEST', 'SANCTION', 'CONCEDE', 'AGREE', 'SUPPORT')
), pairs AS (
    SELECT word, left_by, max(days_min) AS days_min, min(days_max) AS days_max FROM chains GROUP BY ALL
)
SELECT w.type, w.title_en AS word, w.date_edtf AS day_of_word, p.word AS word_event,
       l.title_en AS withdrawal, l.date_edtf AS day_of_withdrawal, p.left_by AS withdrawal_event,
       days_min, days_max, l.date_latest = max(l.date_latest) OVER (PARTITION BY p.word) AS last_step
FROM pairs p JOIN 'events_wide.parquet' w ON w.event_id = p.word JOIN 'events_wide.parquet' l ON l.event_id = left_by
SEMI JOIN (FROM 'event_topics.parquet' WHERE topic = 'troop-withdrawal') t ON t.event_id = p.word
WHERE w.type IN ('REQUEST', 'SANCTION', 'CONCEDE', 'AGREE', 'SUPPORT')
  AND w.status IN ('occurred', 'ongoing') AND l.status IN ('occurred', 'ongoing')  -- links are of all events
ORDER BY w.date_earliest, word_event, l.date_earliest, withdrawal_event
""")

words = list(dict.fromkeys(answer["word_event"]))
figure, panel = plt.subplots(figsize=(11, 7.6))
figure.subplots_adjust(left=0.36, right=0.985, top=0.845, bottom=0.1)
for place, word in enumerate(words):
    steps = answer[answer["word_event"] == word]
    panel.plot([0, steps["days_max"].max()], [place] * 2, color=LIGHT_BLUE, linewidth=3, zorder=1)
    panel.plot(0, place, marker="s", color=ORANGE, markersize=8)
    for step in steps.itertuples():
        panel.plot([step.days_min, step.days_max], [place] * 2, color=BLUE, marker="o", markersize=7,
                   markerfacecolor=BLUE if step.last_step else "white")
    end = steps[steps["last_step"]].iloc[-1]
    days = "–".join(str(day) for day in sorted({end["days_min"], end["days_max"]}))
    title = "\n".join(textwrap.wrap(end["withdrawal"], 34))
    panel.annotate(f"{days} {'day' if days == '1' else 'days'}: {title}", (end["days_max"], place), (9, 0), va="center",
                   textcoords="offset points", fontsize=8)
first = answer.drop_duplicates("word_event")
panel.set_yticks(range(len(words)), [
    "\n".join(textwrap.wrap(row.word, 50)) + f"\n{row.day_of_word}, {KINDS[row.type]}" for row in first.itertuples()],
    fontsize=8)
panel.set(xlim=(-12, answer["days_max"].max() * 1.75), ylim=(len(words) - 0.4, -0.7),
          xlabel="Days since the demand, announcement or agreement")
for handle in [dict(label="demanded, announced or agreed", marker="s", color=ORANGE, markersize=8, linestyle=""),
               dict(label="a step of the withdrawal", marker="o", color=BLUE, markerfacecolor="white"),
               dict(label="the last step that leads back to it", marker="o", color=BLUE)]:
    panel.plot([], [], **handle)
figure.legend(loc="upper left", bbox_to_anchor=(0.005, 0.895), ncols=3, frameon=False)
heading(figure, "From the word to the withdrawal", (
    "Withdrawals of troops that a chain of links leads back to a demand, an announcement or an agreement. "
    "The last step on record needn't be\nthe end, and where the dataset has no link there is no line. "
    "Lines of one withdrawal share their ends."))
write("withdrawals", answer, figure)
