"""Scores as the bytes of MIDI files and back, through symusic."""

import json
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np

from bottega.errors import UnreadableWork
from bottega.language import _
from bottega.media.score import RECORD, Score, Track, tidy

MOST_CHANGES = 50_000


def from_midi(data: bytes) -> Score:
    """The score in the bytes of a MIDI file.

    Raises:
        UnreadableWork: with the reason.
    """
    import symusic

    if data[:4] == b"RIFF":  # as Windows wraps it
        data = data[data.find(b"MThd") :] if b"MThd" in data[:64] else data
    try:
        found: Any = symusic.Score.from_midi(data, sanitize_data=True)
    except Exception as error:  # the library has no class for them
        raise UnreadableWork(_("it is no MIDI file, or a damaged one")) from error
    if max(len(found.tempos), len(found.time_signatures), len(found.key_signatures)) > MOST_CHANGES:
        raise UnreadableWork(_("it has more than {limit:,} changes of tempo, meter or key").format(limit=MOST_CHANGES))
    tracks = []
    for track in found.tracks:
        columns = track.notes.numpy()
        notes = np.stack([columns[k].astype(np.int64) for k in ("time", "duration", "pitch", "velocity")], axis=1)
        tracks.append(Track(track.name, track.program, track.is_drum, notes))
    score = Score(
        tracks,
        found.ticks_per_quarter,
        [(tempo.time, tempo.qpm) for tempo in found.tempos],
        [(meter.time, meter.numerator, meter.denominator) for meter in found.time_signatures],
        [
            (key.time, key.key * 7 + 9 * key.tonality, "minor" if key.tonality else "major")
            for key in found.key_signatures
            if abs(key.key) <= 7 and key.tonality in (0, 1)
        ],
    )
    return tidy(score)


def from_abc_midi(data: bytes, second_bar: int) -> Score:
    """The score in a MIDI file that abc2midi made, which begins every note a tick late and some meters in mid-bar.

    Args:
        second_bar: its onset in ticks, before the rests that are put here before an upbeat; 0 when not known.

    Raises:
        UnreadableWork: with the reason.
    """
    score = from_midi(data)
    _at, above, below = score.meters[0]
    shift = -second_bar % round(Fraction(4 * score.quarter * above, below))
    late = int(np.median(np.concatenate([track.notes[:, 0] for track in score.tracks]) % 2))  # the usual grid is even
    names = ["", "bass", "chords"] if len(score.tracks) == 3 else [""] * len(score.tracks)
    tracks = [
        replace(track, name=track.name or name, notes=track.notes + np.array([shift - late, late, 0, 0], np.int32))
        for track, name in zip(score.tracks, names, strict=True)
    ]
    keys = [(at and at + shift, *key) for at, *key in score.keys]
    meters = [(0, above, below)]
    for at, upper, lower in score.meters[1:]:
        begin, above, below = meters[-1]
        length = round(Fraction(4 * score.quarter * above, below))
        meters.append((begin + round((at + shift - begin) / length) * length, upper, lower))
    return tidy(replace(score, tracks=tracks, meters=meters, keys=keys))


def to_midi(score: Score, record: dict | None = None) -> bytes:
    """The bytes of a MIDI file; the record is a text event at the beginning of its first track."""
    import symusic

    score = tidy(score)
    made: Any = symusic.Score(score.quarter)
    for track in score.tracks:
        part: Any = symusic.Track(name=track.name, program=track.program, is_drum=track.drums)
        start, duration, pitch, velocity = np.ascontiguousarray(track.notes.T)
        part.notes = symusic.Note.from_numpy(start, duration, pitch.astype(np.int8), velocity.astype(np.int8))
        made.tracks.append(part)
    made.tempos = [symusic.Tempo(at, bpm) for at, bpm in score.tempos]
    made.time_signatures = [symusic.TimeSignature(*meter) for meter in score.meters]
    made.key_signatures = [symusic.KeySignature(at, *signature(tonic, mode)) for at, tonic, mode in score.keys]
    data: bytes = made.dumps_midi()
    if record is None:
        return data
    told = RECORD + json.dumps(record, sort_keys=True).encode() + b"}"
    event = b"\0\xff\x01" + variable(len(told)) + told
    length = int.from_bytes(data[18:22], "big") + len(event)
    return data[:18] + length.to_bytes(4, "big") + event + data[22:]


def signature(tonic: int, mode: str) -> tuple[int, int]:
    """Sharps (or minus flats), -5 … 6, and whether it is minor, of a key."""
    sharps = (tonic + (3 if mode == "minor" else 0)) * 7 % 12
    return (sharps if sharps <= 6 else sharps - 12), int(mode == "minor")


def variable(number: int) -> bytes:
    """A number as MIDI writes lengths: seven bits in each byte, all but the last marked."""
    digits = [number & 127]
    while number := number >> 7:
        digits.append(number & 127 | 128)
    return bytes(reversed(digits))
