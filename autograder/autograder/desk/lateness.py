"""What late work loses: a rule in the instructor's words, and the points it takes."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

LONGEST = timedelta(days=3660)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
_UNITS = {"m": timedelta(minutes=1), "h": HOUR, "d": DAY, "w": 7 * DAY}
_DURATION = re.compile(
    r"(\d+(?:\.\d+)?) ?(minutes?|min|m|hours?|h|days?|d|weeks?|w)\b", re.IGNORECASE
)
KEYS = ("grace", "per_day", "per_hour", "most", "zero_after")


def parse_duration(value: object) -> timedelta:
    """Return a length of time such as ``"3 days"``, ``"90 minutes"`` or ``"1 day 12 hours"``.

    Raises
    ------
    ValueError
        When it is none.

    Examples
    --------
    >>> parse_duration("1 day 12 hours").total_seconds() / 3600
    36.0
    """
    text = value.strip() if isinstance(value, str) else ""
    if not text or _DURATION.sub("", text).strip(" ,"):
        raise ValueError(f'{value!r} is no length of time; write "3 days" or "90 minutes"')
    found = _DURATION.findall(text)
    seconds = sum(float(n) * _UNITS[unit[0].lower()].total_seconds() for n, unit in found)
    if seconds > LONGEST.total_seconds():
        raise ValueError(f"{value!r} is longer than {LONGEST.days} days")
    return timedelta(seconds=seconds)


@dataclass(frozen=True)
class Amount:
    """Points, or percent of what a chapter is worth."""

    number: float
    percent: bool

    def of(self, maximum: float) -> float:
        """Return the points that this is in a chapter worth `maximum` points."""
        return self.number * maximum / 100 if self.percent else self.number

    def __str__(self) -> str:
        return f"{self.number:g} {'%' if self.percent else 'points'}"

    @classmethod
    def parse(cls, value: object) -> Amount:
        """Return ``"10 %"`` or ``2`` (points) as an amount.

        Raises
        ------
        ValueError
            When it is none.
        """
        text = str(value).strip() if not isinstance(value, bool) else ""
        match = re.fullmatch(r"(\d+(?:\.\d+)?) ?(%|points?|percent)?", text)
        if not match or (match[2] in ("%", "percent") and float(match[1]) > 100):
            raise ValueError(f'{value!r} is no deduction; write "10 %" or a number of points')
        return cls(float(match[1]), match[2] in ("%", "percent"))


@dataclass(frozen=True)
class LatePolicy:
    """How much late work loses.

    Attributes
    ----------
    grace : timedelta
        What is late by no more than this counts as on time.
    every : timedelta or None
        Each period of this length that has begun since the due date costs `amount`.
    amount : Amount
        See `every`.
    most : Amount or None
        No more than this is taken, however late.
    zero_after : timedelta or None
        What is later than this gets no points at all.
    """

    grace: timedelta = timedelta()
    every: timedelta | None = None
    amount: Amount = Amount(0, percent=False)
    most: Amount | None = None
    zero_after: timedelta | None = None

    def penalty(self, points: float, maximum: float, late: timedelta) -> float:
        """Return the points that are taken off.

        Parameters
        ----------
        points
            What the work earned.
        maximum
            What the chapter counts.
        late
            Time since the due date.

        Examples
        --------
        >>> a_tenth_a_day = LatePolicy(every=DAY, amount=Amount(10, percent=True))
        >>> a_tenth_a_day.penalty(35, 40, timedelta(hours=25))
        8.0
        """
        if late <= max(self.grace, timedelta()):
            return 0.0
        if self.zero_after is not None and late > self.zero_after:
            return points
        taken = self.amount.of(maximum) * math.ceil(late / self.every) if self.every else 0.0
        if self.most is not None:
            taken = min(taken, self.most.of(maximum))
        return min(taken, points)

    def __str__(self) -> str:
        parts = []
        if self.every:
            parts.append(f"{self.amount} a{' day' if self.every == DAY else 'n hour'}")
        if self.most:
            parts.append(f"at most {self.most}")
        if self.zero_after is not None:
            parts.append(f"nothing after {show_duration(self.zero_after)}")
        if self.grace:
            parts.append(f"grace {show_duration(self.grace)}")
        return ", ".join(parts) or "no deduction"


def parse_policy(table: Mapping[str, Any]) -> LatePolicy:
    """Return the rule that a table of the class file describes.

    Raises
    ------
    ValueError
        When it contradicts itself or holds what is no rule.
    """
    if unknown := [key for key in table if key not in KEYS]:
        raise ValueError(f"{unknown[0]!r} is unknown; there are {', '.join(KEYS)}")
    if "per_day" in table and "per_hour" in table:
        raise ValueError("per_day and per_hour contradict each other; keep one of them")
    rate = table.get("per_day", table.get("per_hour"))
    if "most" in table and rate is None:
        raise ValueError("most limits per_day or per_hour, but neither is there")
    zero_after = parse_duration(table["zero_after"]) if "zero_after" in table else None
    grace = parse_duration(table["grace"]) if "grace" in table else timedelta()
    if zero_after is not None and zero_after < grace:
        raise ValueError("zero_after is shorter than grace")
    return LatePolicy(
        grace,
        None if rate is None else DAY if "per_day" in table else HOUR,
        Amount(0, percent=False) if rate is None else Amount.parse(rate),
        Amount.parse(table["most"]) if "most" in table else None,
        zero_after,
    )


def show_duration(time: timedelta) -> str:
    """Return a length of time for people, in its two largest units.

    Examples
    --------
    >>> show_duration(timedelta(days=2, hours=3, minutes=59))
    '2 d 3 h'
    """
    minutes = max(1, round(time.total_seconds() / 60))
    days, hours = minutes // 1440, minutes % 1440 // 60
    units = [(days, "d"), (hours, "h"), (minutes % 60, "min")]
    first = next(place for place, (number, _) in enumerate(units) if number)
    return " ".join(f"{number} {unit}" for number, unit in units[first : first + 2] if number)
