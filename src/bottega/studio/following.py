"""What a job has told so far: its losses, its previews and where it stands, read from its events as they come.

The events are a file that only grows, so each look reads what is new; what was read is kept for all who watch, and a
page that is opened again has everything at once.
"""

import re
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bottega.library.jobs import Job

KEPT = 64
"""Jobs whose events are remembered; of others they are read again."""
POINTS = 1000
"""Values of a loss that are kept, at most; then neighbours are joined, since no screen shows more."""
LINES = 200
"""Sentences that are kept."""

Events = Callable[[Path, int], tuple[list[dict[str, Any]], int]]
"""``library.jobs.journal.read``: the events in a folder after a place, and the place for the next time."""


@dataclass(frozen=True)
class Preview:
    """What a training showed: the name of the file in the job's folder, and after which step and second."""

    name: str
    step: int
    seconds: float


@dataclass
class Followed:
    """All that is known of one job.

    Attributes:
        losses: ``(step, value)`` of each, of the stage that is trained now.
        previews: in order.
        said: sentences, the latest last.
        step, share: where it stands.
        seconds: since it began, waiting not counted.
        step_rate: steps a second; None until two are known.
    """

    losses: dict[str, list[tuple[float, float]]] = field(default_factory=dict)
    previews: list[Preview] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    step: int | None = None
    share: float | None = None
    seconds: float = 0.0
    step_rate: float | None = None
    place: int = 0
    _last: float | None = None
    _at: tuple[float, int] | None = None

    def take(self, event: dict[str, Any]) -> None:
        """Learns from one event; one that makes no sense is left aside."""
        now = event.get("t")
        if not isinstance(now, int | float):
            return
        if event.get("what") in ("begun", "interrupted"):  # the time before a resume does not count
            self._last, self._at = None, None
        self.seconds += max(now - self._last, 0.0) if self._last else 0.0
        self._last = now
        match event.get("what"):
            case "progress":
                self._progress(event, now)
            case "preview" if isinstance(event.get("file"), str):
                self._preview(event)
            case "said" | "failed" | "stopped" | "paused" | "interrupted" if isinstance(event.get("text"), str):
                self.said = [*self.said, event["text"]][-LINES:]

    def copy(self) -> "Followed":
        """The same, which stays as it is."""
        losses = {name: list(points) for name, points in self.losses.items()}
        return replace(self, losses=losses, previews=list(self.previews), said=list(self.said))

    def _progress(self, event: dict[str, Any], now: float) -> None:
        self.share = event.get("share")
        losses, step = event.get("losses") or {}, event.get("step")
        if not losses:
            return
        x = float(step if isinstance(step, int) else round(self.seconds, 1))
        if set(losses) != set(self.losses):  # another stage, with other networks
            self.losses, self._at = {}, None
        again = any(points and points[-1][0] >= x for points in self.losses.values())  # after a resume or a way back
        for name, value in losses.items():
            points = self.losses.get(name, [])
            if again:
                points = [one for one in points if one[0] < x]
            if isinstance(value, int | float):
                points.append((x, float(value)))
            self.losses[name] = _thinned(points)
        if isinstance(step, int):
            if self._at and now > self._at[0] and step > self._at[1]:
                latest = (step - self._at[1]) / (now - self._at[0])
                self.step_rate = latest if self.step_rate is None else 0.7 * self.step_rate + 0.3 * latest
            self.step, self._at = step, (now, step)

    def _preview(self, event: dict[str, Any]) -> None:
        found = re.search(r"\d+", event["file"])
        step = event.get("step", int(found[0]) if found else len(self.previews))
        if not isinstance(step, int):
            return
        self.previews = [one for one in self.previews if one.name != event["file"]]
        self.previews.append(Preview(event["file"], step, self.seconds))


def _thinned(points: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """No more than ``POINTS``: neighbours become their mean."""
    if len(points) <= POINTS:
        return points
    pairs = zip(points[::2], points[1::2], strict=False)
    joined = [((a + c) / 2, (b + d) / 2) for (a, b), (c, d) in pairs]
    return joined + points[len(joined) * 2 :]


class Follower:
    """Remembers what the latest jobs told."""

    def __init__(self, events: Events) -> None:
        self.events = events
        self._known: OrderedDict[str, Followed] = OrderedDict()
        self._lock = Lock()

    def __call__(self, job: "Job") -> Followed:
        """What a job has told up to now."""
        with self._lock:  # several pages may look at once
            known = self._known.setdefault(job.id, Followed())
            self._known.move_to_end(job.id)
            while len(self._known) > KEPT:
                self._known.popitem(last=False)
            new, known.place = self.events(job.folder, known.place)
            for event in new:
                known.take(event)
            return known.copy()  # the next look changes what is kept, while this one is still told
