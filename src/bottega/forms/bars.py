"""Bars that are always complete: which event may follow while a tune is written, so that its time adds up."""

from collections.abc import Sequence

import numpy as np

from bottega.representations.events import LEFT, Events
from bottega.representations.grid import bar_steps

FREE = (1 << 30, 0, 0, 0)  # a given note that never comes


class Bars:
    """A ``Constraint``: so many bars of these meters, none empty, in each of them time only goes forward.

    No note outlasts the last bar; a part of one voice, or of chords, begins a note when those before have ended; no
    pitch begins while it still sounds in its part. Parts that are given are written note for note, and the others
    around them. Bars that come back are written again event for event, unless a note of the bar before is in the way.

    Args:
        events: the vocabulary.
        bars: how many.
        meter: of all of them, or of each; without, the first bar chooses one of ``meters`` and the others follow it.
        meters: to choose from.
        parts: that may play, by number; all of them without.
        given: notes that are fixed, int64 ``(N, 5)`` as ``Events.settled``, from step 0 of the first bar; their parts
            play nothing else, and nobody plays before they begin.
        silent: parts that play nothing but what is given, although they may.
        after: bars that follow the last one.
        scale: the only pitch classes that may be begun, where they leave a choice; drums have none.
        form: for each bar the earlier one that it repeats, or its own number; bars beyond are new.
        held: when each part falls silent after the first bar has begun, steps ``(parts,)``.
    """

    done = False

    def __init__(
        self,
        events: Events,
        bars: int,
        *,
        meter: tuple[int, int] | Sequence[tuple[int, int]] | None = None,
        meters: Sequence[tuple[int, int]] = (),
        parts: Sequence[int] | None = None,
        given: np.ndarray | None = None,
        silent: Sequence[int] = (),
        after: int = 0,
        held: np.ndarray | None = None,
        scale: Sequence[int] | None = None,
        form: Sequence[int] = (),
    ) -> None:
        self.events, self.after, count = events, after, len(events.parts)
        single = [meter] * bars if meter and isinstance(meter[0], int) else None
        self.meters: list[tuple[int, int] | None] = list(single or meter or [None] * bars)  # type: ignore[arg-type]
        self.choice = list(meters) or events.meters
        given = np.zeros((0, 5), np.int64) if given is None else given
        order = np.lexsort((-given[:, 2], -given[:, 1], given[:, 4], given[:, 0]))
        self.given = [(int(a), int(part), int(long), int(pitch)) for a, long, pitch, _v, part in given[order]]
        self.first = self.given[0][0] if self.given else 0  # nobody accompanies what has not begun
        may = np.zeros(count, bool)
        may[list(range(count) if parts is None else parts)] = True
        may[list(silent)] = False
        may[np.unique(given[:, 4])] = False
        self.may = may  # which parts are free
        self.scale = np.isin(np.arange(128) % 12, range(12) if scale is None else scale)
        self.single = np.array([bool(part["single"]) for part in events.parts])
        self.waiting = self.single | [bool(part["together"]) for part in events.parts]  # for what sounds to end
        self.part_of, self.steps_of = (np.array(column) for column in zip(*events.lengths, strict=True))
        self.shortest = np.array([min(some) for some in events.durations])
        self.drums = np.array([bool(part["drums"]) for part in events.parts])
        self.ends = np.zeros((count, 128), np.int64)  # when each pitch of each part falls silent
        self.busy = np.zeros(count, np.int64) if held is None else np.array(held, np.int64)
        self.number, self.start, self.long = -1, 0, 0  # of the bar: which, where it begins, its steps
        self.waits = "bar"
        self.step = self.level = -1
        self.part = self.duration = self.pitch = -1
        self.onsets = 0
        self.form, self.written = list(form)[:bars], list[list[int]]()  # the events of each bar, its words left out
        self.again: list[int] | None = None  # of a bar that comes back: what is still to be written, the last first

    # ---- what may follow -------------------------------------------------------------------------------------------

    def allowed(self) -> np.ndarray:
        """Which tokens may follow: bool ``(V,)``."""
        mask = self._possible()
        if self.again is None:
            return mask
        wanted = np.zeros_like(mask)
        if self.again:
            wanted[self.again[-1]] = True
        else:
            self._bar(wanted)
        if (mask & wanted).any():
            return mask & wanted
        self.again = None  # something is in the way: the rest of the bar is new
        return mask

    def _possible(self) -> np.ndarray:
        events, mask = self.events, np.zeros(self.events.size, bool)
        if self.waits == "bar":
            self._bar(mask)
        elif self.waits == "left":
            left = min(LEFT, len(self.meters) - 1 - self.number + self.after)
            mask[events.words[f"left {left}"]] = True
        elif self.waits == "pitch":
            self._pitches(mask, 128)
        else:
            self._anything(mask)
        return mask

    @property
    def _next(self) -> tuple[int, int, int, int]:
        return self.given[0] if self.given else FREE

    @property
    def _limit(self) -> int:
        """The step at which all ends, as far as it is known."""
        if None in self.meters:
            return 1 << 30
        return self.start + sum(bar_steps(meter) for meter in self.meters[max(self.number, 0) :] if meter)

    def _bar(self, mask: np.ndarray) -> None:
        """The bar that comes, or the end."""
        if self.number + 1 == len(self.meters):
            mask[self.events.words["eos"]] = True
            return
        wanted = self.meters[self.number + 1]
        for meter in self.choice if wanted is None else [wanted]:
            mask[self.events.bar + self.events.meters.index(meter)] = True

    def _anything(self, mask: np.ndarray) -> None:
        """Within a bar: another velocity, part, pitch, position or bar."""
        events, now, given = self.events, self.start + self.step, self._next
        due = given[0] == now and self.step >= 0
        if self.step >= 0 and self.waits != "sound" and self.part >= 0:
            if due and given[1:3] == (self.part, self.duration):  # a given chord goes on
                mask[self._token(given)] = True
                return
            if self.may[self.part] and not self.single[self.part]:
                self._pitches(mask, self.pitch)
        if self.step >= 0:
            level = len(events.velocities) > 1 and self.waits == "position"
            if level:
                mask[events.velocity : events.length] = True
                if self.level < 0:  # the first sound of a bar says how loud it is
                    return
            self._lengths(mask, now, given if due else FREE)
            if due or self.waits in ("sound", "position"):
                return  # a position where nothing begins would be none
        self._positions(mask, given)
        if given[0] >= self.start + self.long and (self.onsets or not mask[events.position : events.velocity].any()):
            self._bar(mask)

    def _lengths(self, mask: np.ndarray, now: int, given: tuple[int, int, int, int]) -> None:
        """Parts that may begin a note now, and for how long; what is given comes in its turn."""
        part, steps = self.part_of, self.steps_of
        later = (part > self.part) | ((part == self.part) & ~self.single[part] & (steps < self.duration))
        begun = part == self.part  # at this step
        free = (
            self.may[part]
            & (now >= self.first)
            & (~self.waiting[part] | begun | (self.busy[part] <= now))
            & (now + steps <= self._limit)
        )
        if given is not FREE:
            free &= part < given[1]
            mask[self._length(given)] = True
        mask[self.events.length : self.events.pitch] |= later & free

    def _positions(self, mask: np.ndarray, given: tuple[int, int, int, int]) -> None:
        """Later positions in the bar at which a part is free; none beyond what is given."""
        last = min(self.long - 1, given[0] - self.start)
        room = self._limit - self.start - self.shortest  # the last step at which each part can begin
        for part in np.flatnonzero(self.may):
            first = max(self.step + 1, self.busy[part] - self.start if self.waiting[part] else 0)
            first = max(first, self.first - self.start)
            mask[self.events.position + first : self.events.position + min(last, room[part]) + 1] = True
        if given[0] < self.start + self.long:
            mask[self.events.position + given[0] - self.start] = True

    def _pitches(self, mask: np.ndarray, below: int) -> None:
        """Pitches of the part below the last one that do not sound yet; or the one that is given."""
        if not self.may[self.part]:
            mask[self._token(self._next)] = True
            return
        first = self.events.drum if self.drums[self.part] else self.events.pitch
        quiet = self.ends[self.part, :below] <= self.start + self.step
        if not self.drums[self.part] and (quiet & self.scale[:below]).any():
            quiet &= self.scale[:below]
        mask[first : first + below] = quiet

    def _token(self, note: tuple[int, int, int, int]) -> int:
        return (self.events.drum if self.drums[note[1]] else self.events.pitch) + note[3]

    def _length(self, note: tuple[int, int, int, int]) -> int:
        return self.events.part[note[1]] + self.events.durations[note[1]].index(note[2])

    # ---- what was written ------------------------------------------------------------------------------------------

    def take(self, token: int) -> None:
        """Note that ``token`` was written."""
        self._remember(token)
        events = self.events
        if events.bar <= token < events.position:
            self.start, self.number = self.start + self.long, self.number + 1
            meter = events.meters[token - events.bar]
            self.long = bar_steps(meter)
            if self.meters[self.number] is None:
                self.meters = [meter] * len(self.meters)
            self.step = self.level = self.part = self.duration = -1
            self.onsets, self.waits = 0, "left"
        elif token <= events.last_word:
            self.waits = "any"
        elif events.position <= token < events.velocity:
            self.step, self.part, self.duration, self.waits = token - events.position, -1, -1, "position"
        elif events.velocity <= token < events.length:
            self.level, self.waits = token - events.velocity, "sound"
        elif events.length <= token < events.pitch:
            self.part, self.duration = events.lengths[token - events.length]
            self.waits = "pitch"
        else:
            self._sound((token - events.pitch) % 128)

    def _remember(self, token: int) -> None:
        """Keep the events of each bar for when it comes back, and begin one that does."""
        if self.events.bar <= token < self.events.position:
            self.written.append([])
            self.again = None
        elif token > self.events.last_word:
            self.written[-1].append(token)
            if self.again:
                self.again.pop()
        elif self.number < len(self.form) and self.form[self.number] < self.number:  # the bars that are left were told
            source = self.form[self.number]
            if self.meters[source] == self.meters[self.number]:
                self.again = self.written[source][::-1]

    def _sound(self, pitch: int) -> None:
        now = self.start + self.step
        self.pitch, self.waits, self.onsets = pitch, "any", self.onsets + 1
        self.ends[self.part, pitch] = now + self.duration
        self.busy[self.part] = max(self.busy[self.part], now + self.duration)
        if self.given and self.given[0] == (now, self.part, self.duration, pitch):
            self.given.pop(0)
