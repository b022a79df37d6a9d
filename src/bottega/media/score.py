"""Scores: tracks of notes in ticks, with tempos, meters and keys; read from MIDI and ABC, written as MIDI.

Nobody above needs to know the library that reads the files. A score is always tidy: its notes are in order, none is
empty or lies over another of its pitch in the same track, and a tempo and a meter stand at the beginning.
"""

import json
import math
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np

from bottega.errors import UnreadableWork, UsageError
from bottega.language import _
from bottega.media.disclosure import MOST_CHARACTERS, parsed
from bottega.media.files import whole_file, why

WRITTEN = (".mid", ".midi")
"""The endings a score can be written under."""
READ = frozenset((*WRITTEN, ".kar", ".abc"))
"""The endings of files that hold scores; ABC may hold a book of them."""
MAX_BYTES = 32_000_000
MOST_NOTES = 1_000_000
MOST_BARS = 20_000
MOST_TICKS = 1 << 30
LONGEST_NAME = 120
SLOWEST, FASTEST = 4.0, 600.0  # quarters in a minute
USUAL_TEMPO, USUAL_METER = 120.0, (4, 4)
RECORD = b'{"bottega": '


@dataclass(frozen=True, eq=False)
class Track:
    """One part of a score.

    Attributes:
        name: may be empty.
        program: General MIDI instrument, 0 … 127.
        drums: whether pitches are General MIDI percussion instead.
        notes: int32 ``(N, 4)``: start, duration (ticks), pitch (0 … 127), velocity (1 … 127); by start, then pitch.
    """

    name: str
    program: int
    drums: bool
    notes: np.ndarray

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Track):
            return NotImplemented
        mine, theirs = ((t.name, t.program, t.drums) for t in (self, other))
        return mine == theirs and np.array_equal(self.notes, other.notes)


@dataclass(frozen=True)
class Score:
    """A piece of music.

    Attributes:
        tracks: its parts; none without notes.
        quarter: ticks per quarter note.
        tempos: (tick, quarters per minute to two decimals), the first at tick 0.
        meters: (tick, numerator, denominator), the first at tick 0.
        keys: (tick, tonic 0 … 11 from C, ``"major"`` or ``"minor"``); may be empty.
    """

    tracks: list[Track]
    quarter: int = 480
    tempos: list[tuple[int, float]] = field(default_factory=lambda: [(0, USUAL_TEMPO)])
    meters: list[tuple[int, int, int]] = field(default_factory=lambda: [(0, *USUAL_METER)])
    keys: list[tuple[int, int, str]] = field(default_factory=list)

    @property
    def end(self) -> int:
        """The tick at which the last note ends."""
        return max((int((t.notes[:, 0] + t.notes[:, 1]).max()) for t in self.tracks if len(t.notes)), default=0)

    @property
    def bars(self) -> list[tuple[int, int]]:
        """(start, end) of each bar in ticks, up to the end of the last note; a new meter begins a new bar."""
        bars, end = [], self.end
        stops = [tick for tick, *_meter in self.meters[1:]] + [end]
        for (begin, above, below), stop in zip(self.meters, stops, strict=True):
            length = Fraction(4 * self.quarter * above, below)
            last = stop == stops[-1] and stop == end
            count = max(0, math.ceil((min(stop, end) - begin) / length))
            edges = [begin + round(length * k) for k in range(count + 1)]
            bars += [(a, b if last else min(b, stop)) for a, b in pairwise(edges) if b > a]
        return bars

    def time_of(self, ticks: np.ndarray | int) -> np.ndarray:
        """Seconds from the beginning, float64, of some ticks."""
        at = np.array([tick for tick, _bpm in self.tempos], np.float64)
        pace = 60.0 / (self.quarter * np.array([bpm for _tick, bpm in self.tempos]))  # seconds per tick
        begun = np.concatenate([[0.0], np.cumsum(np.diff(at) * pace[:-1])])
        ticks = np.asarray(ticks, np.float64)
        place = np.searchsorted(at, ticks, side="right") - 1
        return begun[place] + (ticks - at[place]) * pace[place]

    @property
    def seconds(self) -> float:
        """How long it lasts up to the end of the last note."""
        return float(self.time_of(self.end))

    @property
    def key(self) -> tuple[int, str] | None:
        """(tonic, mode) at the beginning, as the file says; None when it says nothing."""
        return self.keys[0][1:] if self.keys else None

    def meter_at(self, tick: int) -> tuple[int, int]:
        """(numerator, denominator) in force at a tick."""
        return self.meters[max(0, bisect_right([m[0] for m in self.meters], tick) - 1)][1:]

    def transposed(self, semitones: int) -> "Score":
        """The same music higher or lower, drums as they were.

        Raises:
            UsageError: a note would leave the range of MIDI.
        """
        pitches = [t.notes[:, 2] for t in self.tracks if not t.drums]
        low, high = min((p.min() for p in pitches), default=60), max((p.max() for p in pitches), default=60)
        if low + semitones < 0 or high + semitones > 127:
            message = _("Transposed by {semitones} semitones a note would leave the range of MIDI.")
            raise UsageError(message.format(semitones=semitones))
        moved = [
            t if t.drums else replace(t, notes=t.notes + np.array([0, 0, semitones, 0], np.int32)) for t in self.tracks
        ]
        return replace(self, tracks=moved, keys=[(at, (tonic + semitones) % 12, mode) for at, tonic, mode in self.keys])


def tidy(score: Score) -> Score:
    """The same score as ``write`` keeps it and ``read`` gives it back.

    Notes are sorted and kept in range, none is shorter than a tick, and of notes of one pitch that overlap in a track
    the earlier ends where the later begins. Tempos, meters and keys that cannot be are dropped.

    Raises:
        UnreadableWork: it has no notes, or more or longer ones than anyone could use.
    """
    if not 1 <= score.quarter < 1 << 15:
        raise UnreadableWork(_("its beats have no length"))
    notes = [tidy_notes(track.notes) for track in score.tracks]
    if not any(map(len, notes)):
        raise UnreadableWork(_("there are no notes in it"))
    if sum(map(len, notes)) > MOST_NOTES:
        raise UnreadableWork(_("it has more than {limit:,} notes").format(limit=MOST_NOTES))
    end = max(int((some[:, 0] + some[:, 1]).max()) for some in notes if len(some))
    tracks = [
        Track(tidy_name(track.name), min(max(int(track.program), 0), 127), bool(track.drums), some)
        for track, some in zip(score.tracks, notes, strict=True)
        if len(some)
    ]
    tempos = [(at, round(min(max(bpm, SLOWEST), FASTEST), 2)) for at, bpm in score.tempos if 0 < bpm < math.inf]
    meters = [(at, a, b) for at, a, b in score.meters if 1 <= a <= 64 and b in (1, 2, 4, 8, 16, 32, 64)]
    keys = [(at, tonic % 12, mode) for at, tonic, mode in score.keys if mode in ("major", "minor")]
    tidied = Score(
        tracks,
        int(score.quarter),
        from_beginning(tempos, end, (USUAL_TEMPO,)),
        from_beginning(meters, end, USUAL_METER),
        from_beginning(keys, end, None),
    )
    check_length(tidied, end)
    return tidied


def tidy_notes(notes: np.ndarray) -> np.ndarray:
    """Notes int ``(N, 4)`` sorted, in range, at least a tick long, those of one pitch one after the other."""
    notes = np.asarray(notes, np.int64).reshape(-1, 4)
    if len(notes) and (notes[:, 0].min() < 0 or (notes[:, 0] + notes[:, 1]).max() >= MOST_TICKS):
        raise UnreadableWork(_("it lasts longer than any score should"))
    start, pitch = notes[:, 0], np.clip(notes[:, 2], 0, 127)
    end = start + np.maximum(notes[:, 1], 1)
    order = np.lexsort((-end, start, pitch))
    start, pitch, end, loud = start[order], pitch[order], end[order], np.clip(notes[order, 3], 1, 127)
    first = np.ones(len(order), bool)
    first[1:] = (start[1:] != start[:-1]) | (pitch[1:] != pitch[:-1])
    start, pitch, end, loud = start[first], pitch[first], end[first], loud[first]
    followed = pitch[1:] == pitch[:-1]
    end[:-1][followed] = np.minimum(end[:-1], start[1:])[followed]
    tidied = np.stack([start, end - start, pitch, loud], axis=1).astype(np.int32)  # (N, 4)
    return tidied[np.lexsort((pitch, start))]


def tidy_name(name: str) -> str:
    """A name that can be printed and written."""
    printable = "".join(letter if letter.isprintable() else " " for letter in name)
    return " ".join(printable.encode("utf-8", "replace").decode().split())[:LONGEST_NAME].strip()


def from_beginning(changes: Iterable[tuple], end: int, usual: tuple | None) -> list:
    """Changes in order, each once, none after the ``end``; the ``usual`` one stands at tick 0 where none does."""
    kept: dict[int, tuple] = {} if usual is None else {0: usual}
    for at, *rest in sorted(changes, key=lambda change: change[0]):
        if 0 <= at < end:
            kept[at] = tuple(rest)
    found: list[tuple] = []
    for at, rest in kept.items():
        if not found or found[-1][1:] != rest:
            found.append((at, *rest))
    return found


def check_length(score: Score, end: int) -> None:
    """Refuse what has more bars than anyone could use, without listing them."""
    stops = [at for at, *_meter in score.meters[1:]] + [end]
    bars = sum(
        (stop - at) * below / (4 * score.quarter * above)
        for (at, above, below), stop in zip(score.meters, stops, strict=True)
    )
    if bars > MOST_BARS or len(score.meters) > MOST_BARS:
        raise UnreadableWork(_("it has more than {limit:,} bars").format(limit=MOST_BARS))


def read(path: Path) -> Score:
    """Read one score; one that ``write`` wrote comes back exactly as it was.

    Raises:
        UnreadableWork: with the reason: no score, a book of several, no notes, no permission.
    """
    found = list(works(data_of(path)))
    if len(found) > 1:
        message = _("it is a book of {count} tunes; save the one you mean as a file of its own")
        raise UnreadableWork(message.format(count=len(found)))
    return _or_raise(found[0][1])


def _or_raise(work: "Score | UnreadableWork") -> Score:
    if isinstance(work, UnreadableWork):
        raise work
    return work


def data_of(path: Path) -> bytes:
    """The bytes of a file. Raises UnreadableWork when it cannot be opened or is too large."""
    try:
        with open(path, "rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise UnreadableWork(_("it cannot be opened: {why}").format(why=why(error))) from error
    if len(data) > MAX_BYTES:
        raise UnreadableWork(_("the file is larger than {limit} MB").format(limit=MAX_BYTES // 1_000_000))
    return data


def works(data: bytes) -> "Iterator[tuple[str, Score | UnreadableWork]]":
    """The scores in the bytes of a file, whatever its ending says it is.

    Yields:
        (name, score) of each tune, the name ``""`` in MIDI; instead of a score the reason why it cannot be read.
    """
    from bottega.media import abc

    if not data:
        yield "", UnreadableWork(_("the file is empty"))
    elif data[:4] in (b"MThd", b"RIFF"):
        yield "", _result(data)
    elif abc.looks_like(data):
        try:
            for name, midi in abc.tunes(data):
                yield name, midi if isinstance(midi, UnreadableWork) else _result(*midi)
        except UnreadableWork as error:  # no text
            yield "", error
    else:
        yield "", UnreadableWork(_("it is neither MIDI nor ABC"))


def _result(data: bytes, second_bar: int | None = None) -> "Score | UnreadableWork":
    from bottega.media.midi import from_abc_midi, from_midi

    try:
        return from_midi(data) if second_bar is None else from_abc_midi(data, second_bar)
    except UnreadableWork as error:
        return error


def write(path: Path, score: Score, record: dict | None = None) -> None:
    """Write a MIDI file with its record, whole or not at all; ``read`` gives ``tidy(score)`` back.

    Raises:
        OutOfRoom, DataError: when the disk is full or refuses.
        UsageError: for another ending.
    """
    from bottega.media.midi import to_midi

    if path.suffix.lower() not in WRITTEN:
        message = _("Scores are written as {endings}, not as “{ending}”.")
        raise UsageError(message.format(endings=", ".join(WRITTEN), ending=path.suffix))
    data = to_midi(score, record)
    with whole_file(path) as part:
        part.write_bytes(data)


def read_record(path: Path) -> dict | None:
    """The record inside a score that Bottega wrote; None for any other score.

    Raises:
        UnreadableWork: when it cannot be opened.
    """
    try:
        data = data_of(path)
    except UnreadableWork as error:
        raise UnreadableWork(_("{path} cannot be read: {why}.").format(path=path, why=error)) from error
    place = data.find(RECORD)
    if data[:4] != b"MThd" or place < 0:
        return None
    try:
        end = json.JSONDecoder().raw_decode(data[place : place + MOST_CHARACTERS].decode("latin-1"))[1]
    except (ValueError, RecursionError):
        return None
    record = (parsed(data[place : place + end]) or {}).get("bottega")
    return record if isinstance(record, dict) else None
