"""Times of records and the periods in which they lie, for `check_derived.py`.

A time is four days: the first and the last on which it can have begun, and the first and the last on which it can
have ended. What is open or unknown is `date.min` or `date.max`.
"""

import calendar
import re
from dataclasses import dataclass
from datetime import date, timedelta

FIRST, LAST = date.min, date.max
DAY = timedelta(days=1)
SEASONS = {21: (3, 5), 22: (6, 8), 23: (9, 11), 24: (12, 2)}


@dataclass(frozen=True)
class Time:
    begin: tuple  # first and last day
    end: tuple

    @staticmethod
    def single(first, last):
        """One day, which is known only to lie between two. It begins and ends on the same day."""
        return Time((first, last), (first, last))

    def surely_in(self, first, last):
        return self.begin[1] <= last and self.end[0] >= first

    def possibly_in(self, first, last):
        return self.begin[0] <= last and self.end[1] >= first

    def begins_surely_in(self, first, last):
        return first <= self.begin[0] and self.begin[1] <= last

    def begins_possibly_in(self, first, last):
        # What two share may not have been at all, and then it seems to begin after its last day.
        return self.begin[0] <= last and min(self.begin[1], self.end[1]) >= first

    def shared_with(self, other):
        """The time that two share; none if they can't have a day in common."""
        begin = max(self.begin[0], other.begin[0]), max(self.begin[1], other.begin[1])
        end = min(self.end[0], other.end[0]), min(self.end[1], other.end[1])
        return Time(begin, end) if begin[0] <= end[1] else None

    def is_sure(self):
        """Whether two that share this time surely have a day in common."""
        return self.begin[1] <= self.end[0]


def together(times):
    """From the earliest begin to the latest end."""
    return Time((min(it.begin[0] for it in times), min(it.begin[1] for it in times)),
                (max(it.end[0] for it in times), max(it.end[1] for it in times)))


def last_of_month(year, month):
    return date(year, month, calendar.monthrange(year, month)[1])


def bounds_of(text):
    """The first and the last day that one date of EDTF can mean, level 0 or 1."""
    text = text.rstrip("?~%")
    if not re.fullmatch(r"\d{4}|\d{3}X|\d{2}XX|\d{4}-(\d\d|XX)|\d{4}-(\d\d|XX)-(\d\d|XX)", text):
        raise ValueError(f"a date that this check can't read: {text}")
    year, month, day = (text.split("-") + ["XX", "XX"])[:3]
    first, last = int(year.replace("X", "0")), int(year.replace("X", "9"))
    if month == "XX":
        return date(max(first, 1), 1, 1), date(last, 12, 31)
    if int(month) in SEASONS:
        begins, ends = SEASONS[int(month)]
        return date(first, begins, 1), last_of_month(first + (ends < begins), ends)
    if day == "XX":
        return date(first, int(month), 1), last_of_month(first, int(month))
    return (date.fromisoformat(text),) * 2


def time_of(text):
    """The time that a date of EDTF means. A year alone is a day in it."""
    if "/" not in text:
        return Time.single(*bounds_of(text))
    start, end = text.split("/")
    begin = bounds_of(start) if start not in ("", "..") else (FIRST, LAST)
    until = bounds_of(end) if end not in ("", "..") else (FIRST, LAST)
    return between(begin, until)


def between(begin, end):
    """A time with two ends: it didn't begin after its last day, and didn't end before its first."""
    if begin[0] > end[1]:
        return Time(begin, end)
    return Time((begin[0], min(begin[1], end[1])), (max(end[0], begin[0]), end[1]))


@dataclass(frozen=True)
class Period:
    cells: tuple  # what the columns of the period hold, as text
    first: date
    last: date


COLUMNS = {"year": ["year"], "quarter": ["quarter", "quarter_start"],
           "month": ["month", "month_start"], "day": ["day"]}


def periods(kind, first, last):
    """The periods that touch a span of days."""
    begin = {"year": date(first.year, 1, 1), "month": first.replace(day=1), "day": first,
             "quarter": date(first.year, (first.month - 1) // 3 * 3 + 1, 1)}[kind]
    while begin <= last:
        match kind:
            case "year":
                end, cells = date(begin.year, 12, 31), (str(begin.year),)
            case "quarter":
                end = last_of_month(begin.year, begin.month + 2)
                cells = f"{begin.year}-Q{(begin.month + 2) // 3}", begin.isoformat()
            case "month":
                end = last_of_month(begin.year, begin.month)
                cells = f"{begin.year}-{begin.month:02}", begin.isoformat()
            case "day":
                end, cells = begin, (begin.isoformat(),)
        yield Period(cells, begin, end)
        begin = end + DAY


def text_of(day):
    """A day as a cell has it; what is open is empty."""
    return "" if day in (FIRST, LAST) else day.isoformat()
