"""Scores played: our own instruments, or those of a SoundFont that a person names.

The same score gives the same samples. Each different note is made once, laid into the mix wherever it is played, and
the whole gets the room of a small hall and its peak a decibel below full scale.
"""

from pathlib import Path

import numpy as np

from bottega.errors import DataError
from bottega.language import _
from bottega.media.audio import Sound
from bottega.media.score import Score, Track
from bottega.media.synthesis.drums import CHOKED, LEVEL, drum
from bottega.media.synthesis.instruments import BASS, instrument

LONGEST = 3_600  # seconds
PEAK = 0.89
TAIL = 1.2  # seconds for the last notes to die away
LAYERS = 16  # strengths that are told apart
KEPT = 96 << 20  # bytes of notes that are kept to be played again
WET = 0.16


def render(score: Score, rate: int = 22_050, soundfont: Path | None = None) -> Sound:
    """Play a score.

    Args:
        rate: of the sound, 8,000 … 96,000 Hz.
        soundfont: a local SF2 or SF3 file that plays instead of our own instruments.

    Returns:
        Stereo, float32 (2, N), peak ``PEAK``.

    Raises:
        DataError: it lasts longer than an hour, or the SoundFont cannot be read.
    """
    if score.seconds > LONGEST:
        message = _("It lasts {minutes:,.0f} minutes, and at most {most} can be played.")
        raise DataError(message.format(minutes=score.seconds / 60, most=LONGEST // 60))
    if soundfont is not None:
        from bottega.media.synthesis.soundfont import played

        mix = played(score, rate, Path(soundfont))
    else:
        from bottega.media.synthesis.room import reverberant

        mix = np.zeros((2, int((score.seconds + TAIL) * rate)), np.float32)
        pans = places(score.tracks)
        for track, pan in zip(score.tracks, pans, strict=True):
            play(track, score, mix, pan, rate)
        mix = reverberant(mix, rate, WET)
        fade = int(0.3 * rate)
        mix[:, -fade:] *= np.linspace(1, 0, fade, dtype=np.float32) ** 2
    loudest = float(np.abs(mix).max(initial=0.0))
    return Sound(mix * np.float32(PEAK / loudest) if loudest > 0 else mix, rate)


def places(tracks: list[Track]) -> list[float]:
    """Where each track sits, from -1 (left) to 1 (right): the first, bass and drums in the middle, others around."""
    sides, places = 0, []
    for number, track in enumerate(tracks):
        middle = number == 0 or track.drums or instrument(track.program) is BASS
        sides += not middle
        places.append(0.0 if middle else (-1) ** sides * min(0.25 + 0.1 * sides, 0.6))
    return places


def play(track: Track, score: Score, mix: np.ndarray, pan: float, rate: int) -> None:
    """Lay the notes of one track into the mix (2, N)."""
    notes = track.notes
    begins = (score.time_of(notes[:, 0]) * rate).astype(np.int64)
    ends = (score.time_of(notes[:, 0] + notes[:, 1]) * rate).astype(np.int64)
    kept: dict[tuple[int, int, int], np.ndarray] = {}
    size = 0
    for note, begin, end in zip(notes.tolist(), begins.tolist(), ends.tolist(), strict=True):
        pitch, layer = note[2], -(-note[3] * LAYERS // 127)
        key = (pitch, layer, 0 if track.drums else max(end - begin, rate // 50))
        tone = kept.get(key)
        if tone is None:
            tone = one_note(track, key, rate)
            size += tone.nbytes
            if size > KEPT:
                kept, size = {}, tone.nbytes
            kept[key] = tone
        if track.drums and pitch == 46:  # an open hi-hat sounds until it is closed
            tone = until(tone, notes, begins, begin, rate)
        side = pan if track.drums else np.clip(pan + instrument(track.program).width * (pitch - 62) / 36, -0.8, 0.8)
        angle = (side + 1) * np.pi / 4
        tone = tone[: mix.shape[1] - begin]
        mix[0, begin : begin + len(tone)] += np.float32(np.cos(angle)) * tone
        mix[1, begin : begin + len(tone)] += np.float32(np.sin(angle)) * tone


def one_note(track: Track, key: tuple[int, int, int], rate: int) -> np.ndarray:
    """The samples of one note: pitch, layer of strength, length in samples."""
    pitch, layer, held = key
    strength = layer / LAYERS
    loud = np.float32(strength**1.5)
    if track.drums:
        return loud * np.float32(LEVEL) * drum(pitch, strength, rate)
    played = instrument(track.program)
    return loud * np.float32(played.level) * played.voice(pitch, strength, held, rate)


def until(tone: np.ndarray, notes: np.ndarray, begins: np.ndarray, begin: int, rate: int) -> np.ndarray:
    """An open hi-hat up to the next closed one."""
    closing = begins[np.isin(notes[:, 2], list(CHOKED)) & (begins > begin)]
    if not len(closing) or closing[0] - begin >= len(tone):
        return tone
    stop = int(closing[0] - begin)
    fall = min(int(0.01 * rate), len(tone) - stop)
    cut = tone[: stop + fall].copy()
    cut[stop:] *= np.linspace(1, 0, fall, dtype=np.float32)
    return cut
