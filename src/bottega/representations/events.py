"""Scores as rows of events, and back.

After REMI (Huang & Yang 2020, arXiv:2002.00212) a bar is ``bar, left, (position, (velocity,) (part and duration,
pitch, pitch …) …) …``: all that begins together stands together, so that a network hears the chord it is writing. A
bar begins with its meter and with how many bars follow, so that tunes end where they should. Notes of one part, of
one length, on one step share the token that says so: a chord of three notes takes four tokens.

What a tune is about to be stands before it: its class, the fifths of the collection that its mood lies in, its key and
its tempo. These words are given, never predicted, and left out now and then.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from bottega.representations.grid import Grid, apart, as_score, bar_steps, fitting, laid_out, nearest

if TYPE_CHECKING:
    from bottega.media.score import Score

FIXED = ("bos", "eos", "pad", "gap", "middle", "any")
"""Tokens that stand for no event; as those of texts, but a gap right after the head also says: not from the start."""
METERS = ((4, 4), (3, 4), (2, 4), (6, 8), (2, 2), (9, 8), (12, 8), (3, 2), (3, 8), (5, 4), (6, 4), (7, 8))
LONG = (27, 30, 32, 33, 36, 40, 42, 45, 48, 54, 60, 66, 72, 84, 96, 108, 120, 144, 168, 192, 288, 384)
DURATIONS = (*range(1, 25), *LONG)
PARTS = 24  # told apart; what else there is plays along with the most similar
VELOCITIES = 8
LEFT = 32  # bars that are counted down
MOODS = 5
TEMPOS = tuple(float(bpm) for bpm in np.round(np.geomspace(40, 240, 13)))
OVERLAPS = 0.02  # share of notes that may sound together in a part of one voice: what legato leaves
LONGEST = 144  # steps of a bar: one of 12/4
RARE = 4  # a duration that a part has fewer times is written as the nearest one
MULTIPLE = 8


class Events:
    """A vocabulary of events. Made by ``learn`` or ``of_model``.

    Args:
        parts: of each ``{"program", "drums", "rank", "single", "together", "velocity"}``; single ones sound one note at
            a time, in those that go together no note begins while another one lasts.
        durations: of each part, in steps, ascending.
        meters: that a bar can have.
        velocities: bins of velocity in use; one means that it never changes.
        classes: names of classes.

    Attributes:
        special: number of each token that stands for no event; ``"class 0"`` … among them.
        words: number of each word of a head, and of ``"left 0"`` …: those follow the token "any".
        size: numbers in use, rounded up to a multiple of 8.
    """

    def __init__(
        self,
        parts: Sequence[dict[str, Any]],
        durations: Sequence[Sequence[int]],
        meters: Sequence[tuple[int, int]],
        velocities: Sequence[int],
        classes: Sequence[str] = (),
    ) -> None:
        self.parts, self.durations = [dict(part) for part in parts], [list(map(int, some)) for some in durations]
        self.meters = [(int(over), int(under)) for over, under in meters]
        self.velocities, self.classes = list(map(int, velocities)), list(classes)
        names = [*FIXED, *(f"class {k}" for k in range(len(self.classes)))]
        names += [f"{mood} {k}" for mood in ("valence", "arousal") for k in range(MOODS)]
        names += [f"key {k}" for k in range(24)] + [f"tempo {k}" for k in range(len(TEMPOS))]
        names += [f"left {k}" for k in range(LEFT + 1)]
        self.words = {name: number for number, name in enumerate(names)}
        self.special = {n: k for n, k in self.words.items() if n in FIXED or n.startswith("class ")}
        self.any, self.last_word = self.words["any"], len(names) - 1
        at = len(names)
        self.bar, at = at, at + len(self.meters)
        self.longest = max(map(bar_steps, self.meters))
        self.position, at = at, at + self.longest
        self.velocity, at = at, at + (len(self.velocities) if len(self.velocities) > 1 else 0)
        self.part, self.lengths = [], []  # the first token of each part, and (part, duration) of all of them
        for k, some in enumerate(self.durations):
            self.part.append(at + len(self.lengths))
            self.lengths += [(k, steps) for steps in some]
        self.length, at = at, at + len(self.lengths)
        self.pitch, at = at, at + 128
        self.drum, at = at, at + (128 if any(part["drums"] for part in self.parts) else 0)
        self.used, self.size = at, -(-at // MULTIPLE) * MULTIPLE

    @staticmethod
    def learn(grids: Iterable[Grid], classes: Sequence[str] = ()) -> "Events":
        """The vocabulary of some scores, the training ones only."""
        kinds, heights, clashes = Counter[tuple[int, bool, int]](), Counter[Any](), Counter[Any]()
        apart, meets = Counter[Any](), Counter[Any]()
        sounding, loud = Counter[Any](), Counter[Any]()
        steps: dict[tuple[int, bool, int], Counter[int]] = {}
        velocities, meters = Counter[int](), Counter[tuple[int, int]]()
        for grid in grids:
            meters.update(grid.meters)
            velocities.update((grid.notes[:, 3] * VELOCITIES // 128).tolist())
            for number, kind in enumerate(grid.tracks):
                own = grid.notes[grid.notes[:, 4] == number]
                kinds[kind] += 1
                sounding[kind] += len(own)
                heights[kind] += int(own[:, 2].sum())
                loud[kind] += int(own[:, 3].sum())
                clashes[kind] += int((own[:-1, 0] + own[:-1, 1] > own[1:, 0]).sum())
                begins = np.flatnonzero(np.diff(own[:, 0])) + 1
                apart[kind] += len(begins)
                meets[kind] += int((np.maximum.accumulate(own[:, 0] + own[:, 1])[begins - 1] > own[begins, 0]).sum())
                steps.setdefault(kind, Counter()).update(own[:, 1].tolist())
                least = min(own[:, 1].min(), np.diff(np.unique(own[:, 0])).min(initial=LONGEST))
                steps[kind][int(least)] += RARE  # so that every note has one that has room
        common = [kind for kind, _n in sorted(kinds.items(), key=lambda it: (-it[1], it[0]))[:PARTS]]
        common.sort(key=lambda kind: (kind[1], -heights[kind] / sounding[kind], kind))  # drums last, high ones first
        parts = [
            {
                "program": program, "drums": drums, "rank": rank,
                "single": not drums and clashes[kind] <= OVERLAPS * sounding[kind],
                "together": not drums and meets[kind] <= OVERLAPS * apart[kind],
                "velocity": round(loud[kind] / sounding[kind]),
            }
            for kind in common
            for program, drums, rank in [kind]
        ]  # fmt: skip
        bins = sorted(k for k, n in velocities.items() if n >= RARE) or [5]
        known = [meter for meter, _n in sorted(meters.items(), key=lambda it: (-it[1], it[0]))]
        known = [meter for meter in known if bar_steps(meter) <= LONGEST]
        known += [meter for meter in METERS if meter not in known]
        return Events(parts, [_usual(steps[kind]) for kind in common], known, bins, classes)

    # ---- between scores and tokens ---------------------------------------------------------------------------------

    def voices(self, tracks: Sequence[tuple[int, bool, int]]) -> list[int | None]:
        """The part that each track of a grid plays; ``None`` for drums where the vocabulary has none."""
        return [self._nearest(*track) for track in tracks]

    def _nearest(self, program: int, drums: bool, rank: int) -> int | None:
        def far(k: int) -> tuple[bool, bool, int, int]:
            part = self.parts[k]
            other = part["program"] != program
            return other, part["program"] // 8 != program // 8, abs(part["rank"] - rank), k

        same = [k for k, part in enumerate(self.parts) if part["drums"] == drums]
        return min(same, key=far) if same else None

    def settled(self, grid: Grid) -> np.ndarray:
        """Its notes as tokens can say them, int64 ``(N, 5)``: parts for tracks, one voice where there is one.

        In order of onset, part, duration downwards, pitch downwards.
        """
        voices = np.array([-1 if voice is None else voice for voice in self.voices(grid.tracks)], np.int64)
        notes = grid.notes.copy()
        notes[:, 4] = voices[notes[:, 4]] if len(notes) else 0
        notes = notes[notes[:, 4] >= 0]
        kept = []
        for k, part in enumerate(self.parts):
            own = notes[notes[:, 4] == k]
            if not len(own):
                continue
            if part["single"]:
                own = own[np.unique(own[:, 0], return_index=True)[1]]  # the highest of those that begin together
            own, room = apart(own, part["single"] or part["together"], int(grid.begins[-1]))
            own[:, 1] = fitting(self.durations[k], own[:, 1], room)
            kept.append(own[own[:, 1] <= room])  # tracks that share a part may leave no room for some
        notes = np.concatenate(kept) if kept else notes
        return notes[np.lexsort((-notes[:, 2], -notes[:, 1], notes[:, 4], notes[:, 0]))]

    def bars(self, grid: Grid, left: int = 0) -> list[np.ndarray]:
        """The tokens of each bar of a score, int64 ``(T,)`` each, without head and end.

        Args:
            left: how many bars are still to follow after its last one.

        Raises:
            ValueError: a meter that the vocabulary does not have.
        """
        notes, begins = self.settled(grid), grid.begins
        notes[:, 3] -= self._louder[notes[:, 4]]
        places = np.searchsorted(begins, notes[:, 0], side="right") - 1
        cuts = np.searchsorted(places, np.arange(len(grid) + 1))
        found = []
        for i, meter in enumerate(grid.meters):
            row = [self.bar + self.meters.index(meter), self.words[f"left {min(LEFT, len(grid) - 1 - i + left)}"]]
            at: tuple[int, int, int] | None = None
            step, loud = -1, -1
            own = notes[cuts[i] : cuts[i + 1]]
            for onset, duration, pitch, _velocity, part in own.tolist():
                if onset - begins[i] != step:
                    step, at = onset - int(begins[i]), None
                    row.append(self.position + step)
                    if len(self.velocities) > 1:
                        together = own[own[:, 0] == onset, 3]
                        level = int(nearest(self.velocities, together.mean()[None] * VELOCITIES / 128 - 0.5)[0])
                        if level != loud:
                            row.append(self.velocity + self.velocities.index(level))
                            loud = level
                if at != (step, part, duration):
                    at = (step, part, duration)
                    row.append(self.part[part] + self.durations[part].index(duration))
                row.append((self.drum if self.parts[part]["drums"] else self.pitch) + pitch)
            found.append(np.array(row, np.int64))
        return found

    def encode(self, score: "Score") -> np.ndarray:
        """A whole score as int64 ``(T,)``, without head and end."""
        return np.concatenate(self.bars(laid_out(score)))

    def grid(self, ids: Iterable[int], tempo: float = 120.0) -> Grid:
        """The notes that some tokens say; whatever makes no sense where it stands is left out."""
        meters: list[tuple[int, int]] = []
        begins, notes = [0], []
        start = step = 0
        level = self.velocities[len(self.velocities) // 2]
        part, duration = -1, 0
        for token in map(int, ids):
            if self.bar <= token < self.position:
                meters.append(self.meters[token - self.bar])
                start, step, part = begins[-1], 0, -1
                begins.append(start + bar_steps(meters[-1]))
            elif self.position <= token < self.velocity:
                step, part = token - self.position, -1
            elif self.velocity <= token < self.length:
                level = self.velocities[token - self.velocity]
            elif self.length <= token < self.pitch:
                part, duration = self.lengths[token - self.length]
            elif self.pitch <= token < self.used and part >= 0 and meters:
                pitch = (token - self.pitch) % 128
                notes.append((start + step, duration, pitch, self._velocity(level, part), part))
        kinds = [(part["program"], part["drums"], part["rank"]) for part in self.parts]
        return Grid(meters, np.array(begins, np.int64), np.array(notes, np.int64).reshape(-1, 5), kinds, tempo)

    def _velocity(self, level: int, part: int) -> int:
        """A velocity of that bin, as much above or below as the part is as a rule."""
        if len(self.velocities) == 1:
            return self.parts[part]["velocity"]
        return int(np.clip(round((level + 0.5) * 128 / VELOCITIES) + self._louder[part], 1, 127))

    @cached_property
    def _louder(self) -> np.ndarray:
        """How much louder than the others each part is as a rule, int64 ``(parts,)``."""
        usual = np.array([part["velocity"] for part in self.parts])
        return np.rint(usual - usual.mean()).astype(np.int64)

    def decode(self, ids: Iterable[int], tempo: float = 120.0, key: int | None = None) -> "Score":
        """The score of some tokens."""
        return as_score(self.grid(ids, tempo), key)

    # ---- what is told to networks, objective and rows --------------------------------------------------------------

    def head(
        self,
        label: int | None = None,
        mood: tuple[int | None, int | None] = (None, None),
        key: int | None = None,
        tempo: int | None = None,
    ) -> list[int]:
        """What stands before a tune: ``bos``, and a word or "any" for each thing it can be.

        Args:
            label: its class; the word is left out where there are none.
            mood: fifths of valence and arousal, 0 to 4.
            key: as ``grid.key_of`` gives it.
            tempo: as ``tempo_bin`` gives it.
        """
        said = [("valence", mood[0]), ("arousal", mood[1]), ("key", key), ("tempo", tempo)]
        said = [("class", label), *said] if self.classes else said
        return [self.words["bos"], *(self.words.get(f"{what} {k}", self.any) for what, k in said)]

    def transposed(self, by: int) -> np.ndarray:
        """The token that stands for each token when all is ``by`` semitones higher, int64 ``(size,)``."""
        table = np.arange(self.size)
        pitches = np.arange(128) + by
        pitches += 12 * (pitches < 0) - 12 * (pitches > 127)
        table[self.pitch : self.pitch + 128] = self.pitch + pitches
        first = self.words["key 0"]
        table[first : first + 24] = first + np.arange(24) // 12 * 12 + (np.arange(24) + by) % 12
        return table

    def layout(self) -> dict[str, tuple[int, ...]]:
        """What each token says, -1 where it says nothing of the kind: ``word`` (of a head), ``left`` (bars; "any" is
        one more than can be told), ``key``, ``bar`` (its steps), ``position``, ``part``, ``duration``, ``pitch`` (also
        of drums) and ``note`` (not of drums); of ``size`` numbers each."""
        names = ("word", "left", "key", "bar", "position", "part", "duration", "pitch", "note")
        said, left = {name: np.full(self.size, -1) for name in names}, self.words["left 0"]
        said["word"][self.any + 1 : left] = np.arange(left - self.any - 1)
        said["left"][left : self.last_word + 1] = np.arange(LEFT + 1)
        said["left"][self.any] = LEFT + 1
        said["key"][self.words["key 0"] : self.words["key 0"] + 24] = np.arange(24)
        said["bar"][self.bar : self.position] = [bar_steps(meter) for meter in self.meters]
        said["position"][self.position : self.velocity] = np.arange(self.longest)
        said["part"][self.length : self.pitch] = [part for part, _steps in self.lengths]
        said["duration"][self.length : self.pitch] = [steps for _part, steps in self.lengths]
        said["pitch"][self.pitch : self.used] = np.arange(self.used - self.pitch) % 128
        said["note"][self.pitch : self.pitch + 128] = np.arange(128)
        return {name: tuple(map(int, numbers)) for name, numbers in said.items()}

    def for_networks(self, classes: int) -> dict[str, Any]:
        """What every network is told."""
        return {"vocabulary": self.size, "layout": self.layout()}

    def for_objective(self) -> dict[str, Any]:
        """What the objective is told."""
        return {"special": self.special, "words": self.last_word, "bars": (self.bar, self.position)}

    def config(self) -> dict[str, Any]:
        """The vocabulary, as ``config.json`` keeps it."""
        kept = {"parts": self.parts, "durations": self.durations, "meters": self.meters, "velocities": self.velocities}
        return {"events": kept}

    def save(self, folder: Path) -> None:
        """It has no file of its own."""

    @staticmethod
    def of_model(folder: Path, config: dict[str, Any]) -> "Events":
        """Of a model in ``folder``."""
        return Events(**config["events"], classes=config["classes"])


def tempo_bin(bpm: float) -> int:
    """The bin of a tempo."""
    return int(np.abs(np.log(np.array(TEMPOS) / max(bpm, 1.0))).argmin())


def _usual(counts: Counter[int]) -> list[int]:
    """The durations of a part that are worth a token each."""
    rounded = Counter[int]()
    for steps, n in counts.items():
        rounded[int(nearest(DURATIONS, np.array([steps]))[0])] += n
    usual = sorted(steps for steps, n in rounded.items() if n >= RARE)
    return usual or [max(rounded, key=lambda steps: rounded[steps])]
