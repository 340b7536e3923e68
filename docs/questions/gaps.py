"""After one partner's forces or agreement were suspended, denounced or gone: how long until another
partner signed, delivered or deployed, in each Sahel state? Answered with pandas.

Arguments: see release.py. Writes gaps.csv and gaps.png.
"""

import pandas as pd

from release import BLUE, GREY, LIGHT_BLUE, ORANGE, SAHEL, heading, plt, table, write

LEAVING, MEMBERSHIP = "troop-withdrawal", "regional-membership"  # the second is no military tie
SUBJECTS = {"military-cooperation", "troop-deployment", "security-mission", "military-training",
            "arms-supply", "defence-pact", LEAVING}
ARRIVALS = {"agreement-signed", "memorandum", "contract", "delivery", "deployment"}
FIRST, LAST = pd.Timestamp("2020-01-01"), pd.Timestamp("2026-03-31")  # two weak events after that


def sets(rows, column):  # for each event, what the rows of one of its lists say
    return rows.astype({column: object}).groupby("event_id")[column].agg(set)


events, topics = table("events").set_index("event_id"), table("event_topics")
events["topics"] = sets(topics, "topic")
topics = topics[~topics["topic_stance"].isin(["discussed", "proposed", "possible"])]
events["agreed"] = sets(topics, "topic").reindex(events.index, fill_value=frozenset())
events["outcomes"] = sets(table("event_outcomes"), "outcome_type")
events["unsure"] = events["date_uncertain"] | events["date_approximate"]
events[["first", "last"]] = events[["date_earliest", "date_latest"]].apply(pd.to_datetime)
# Only what occurred, on a date that has a beginning and an end, and is about forces or military ties.
events = events[(events["status"] == "occurred") & (events["last"] <= LAST)]
events = events.dropna(subset=["first", "topics", "outcomes"])
events = events[[bool(topics & SUBJECTS) and MEMBERSHIP not in topics for topics in events["topics"]]]

# Who acts: a state, or an international organisation, which stands for its bodies and missions; not
# a force of several states, such as Takuba, nor a Sahel state whose own soldiers leave a UN mission.
organisations = table("organisations").set_index("organisation_id")
umbrella = organisations["parent"].fillna(pd.Series(organisations.index, organisations.index))
umbrella = umbrella[organisations["organisation_kind"] == "igo"].map(organisations["organisation_name"])
acting = table("event_participants").rename(columns={
    "participant_state": "state", "participant_role": "role", "organisation_id": "organisation"})
acting = acting[~acting["role"].isin(["observer", "mediator", "spokesperson"])]
acting = acting[~(acting["state"].isin(SAHEL) & (acting["role"] == "withdrawing-force"))]
acting["actor"] = acting["state"].astype(object).fillna(acting["organisation"].map(umbrella))
events["actors"] = sets(acting.dropna(subset="actor"), "actor")
events = events.dropna(subset="actors").sort_values(["first", "last", "title_en"])
events["others"] = [actors - set(SAHEL) for actors in events["actors"]]
# Arrivals: something delivered, somebody deployed, or something signed and agreed on but leaving.
events["arrival"] = [
    bool(event.others and event.outcomes & ARRIVALS) and (event.type in {"AID", "COOPERATE"} or (
        event.type in {"SUPPORT", "AGREE", "CONSULT"} and bool(event.agreed & (SUBJECTS - {LEAVING}))))
    for event in events.itertuples()]


def breaks(own):
    """The first suspension and the first denunciation of each partner, and its last withdrawal."""
    found = {}
    for event in own[own["others"].map(len) == 1].itertuples():  # not of several, such as Takuba's end
        for step in ["suspension", "denunciation"]:
            if event.type == "SANCTION" and step in event.outcomes:
                found.setdefault((*event.others, step), event)
        if event.type == "RETREAT" and event.outcomes & {"withdrawal", "mission-closed"}:
            found[*event.others, "last withdrawal"] = event
    return sorted(found.items(), key=lambda item: (item[1].first, item[0]))


rows = []
for state in SAHEL:
    own = events[[state in actors for actors in events["actors"]]]
    for (partner, step), left in breaks(own):
        arrivals = own[own["arrival"] & own["others"].map(lambda others: partner not in others)]
        after = arrivals[arrivals["first"] >= left.last]  # whatever days the dates mean; 0 days: the same
        after = after[after["first"] <= after["last"].min()]  # any of these can have been the first
        before = arrivals[arrivals["last"] < left.first]
        new, known = set().union(*after["others"]), set().union(*before["others"])
        first, last = after["first"].min(), after["last"].min()
        rows.append({
            "state": state, "left": partner, "step": step, "event": left.Index, "day_min": left.first,
            "day_max": left.last, "next": " or ".join(sorted(new)),
            "next_events": " ".join(sorted(after.index)), "next_day_min": first, "next_day_max": last,
            "days_min": ((LAST if after.empty else first) - left.last).days,
            "days_max": None if after.empty else (last - left.first).days, "censored": after.empty,
            "next_was_there": bool(new & known), "previous_day": before["last"].max(),
            "dates_uncertain": bool(left.unsure or after["unsure"].any()),
            "confidence": " ".join(sorted({left.confidence, *after["confidence"]}))})
answer = pd.DataFrame(rows).astype({"days_max": "Int64"})

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
        label = f"{'none in' if row.censored else row.next + ','} {days}{' (?)' * row.dates_uncertain}"
        panel.annotate(label, (last, row.Index), (9, 0), va="center", textcoords="offset points", fontsize=8.5,
                       bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.5})
    panel.set_yticks(range(len(own)), own["left"] + ", " + own["step"])
    panel.set_title(SAHEL[state], loc="left", pad=4)
    panel.set(xlim=(FIRST, LAST + pd.Timedelta(days=180)), ylim=(len(own) - 0.4, -0.6))
    panel.axvline(LAST, color=GREY, linewidth=0.8, zorder=0)
panels[0].text(LAST, -0.75, "end of the data", ha="center", fontsize=8, color=GREY)
panels[-1].set_xlabel("Date")
figure.legend(handles=[plt.Line2D([], [], label=label, **mark) for label, mark in marks.items()],
              loc="upper left", bbox_to_anchor=(0.005, 0.915), ncols=5, frameon=False)
heading(figure, "From one partner's leaving to another's next agreement, delivery or deployment", (
    "The first suspension, first denunciation and last withdrawal of each partner, and what the dataset "
    "has next for any other partner from\noutside the three states. (?): a date marked uncertain. Rows "
    "share their ends and aren't independent; what came next isn't thereby a replacement."))
write("gaps", answer, figure)
