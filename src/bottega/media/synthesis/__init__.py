"""Scores played: our own instruments, or those of a SoundFont that a person names.

The same score gives the same samples. Each different note is made once, laid into the mix wherever it is played, and
the whole gets the room of a small hall and its peak a decibel below full scale.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np

from bottega.errors import DataError
from bottega.language import _
from bottega.media.audio import Sound
from bottega.media.score import Score, Track
from bottega.media.synthesis.drums import CHOKED, drum
from bottega.media.synthesis.instruments import BASS, instrument

LONGEST = 3_600  # seconds
MOST_NOTES = 100_000
PEAK = 0.89
TAIL = 1.2  # seconds for the last notes to die away
LAYERS = 16  # strengths that are told apart
KEPT = 96 << 20  # bytes of notes that are kept to be played again
WET = 0.16

Player = Callable[[int, int, int], np.ndarray]
"""``player(pitch, layer, held)``: the samples of a note, float32 (2, N); strength is a layer of ``LAYERS``."""


def render(score: Score, rate: int = 22_050, soundfont: Path | None = None) -> Sound:
    """Play a score.

    Args:
        rate: of the sound, 8,000 … 96,000 Hz.
        soundfont: a local SF2 or SF3 file that plays instead of our own instruments.

    Returns:
        Stereo, float32 (2, N), peak ``PEAK``.

    Raises:
        DataError: it lasts longer than an hour or has too many notes, or the SoundFont cannot be read.
    """
    if score.seconds > LONGEST:
        message = _("It lasts {minutes:,.0f} minutes, and at most {most} can be played.")
        raise DataError(message.format(minutes=score.seconds / 60, most=LONGEST // 60))
    count = sum(len(track.notes) for track in score.tracks)
    if count > MOST_NOTES:
        message = _("It has {count:,} notes, and at most {most:,} can be played.")
        raise DataError(message.format(count=count, most=MOST_NOTES))
    from bottega.media.synthesis.room import reverberant

    mix = np.zeros((2, int((score.seconds + TAIL) * rate)), np.float32)
    for track, voice in zip(score.tracks, players(score.tracks, rate, soundfont), strict=True):
        play(track, score, mix, voice, rate)
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


def players(tracks: list[Track], rate: int, soundfont: Path | None) -> list[Player]:
    """Who plays each track."""
    if soundfont is None:
        return [own_player(track, pan, rate) for track, pan in zip(tracks, places(tracks), strict=True)]
    from bottega.media.synthesis.sampled import sampled_note
    from bottega.media.synthesis.soundfont import SoundFont

    font = SoundFont(Path(soundfont))

    def player(track: Track) -> Player:
        preset = font.preset(track.program, track.drums)
        return lambda pitch, layer, held: sampled_note(font, preset, pitch, layer / LAYERS, held, rate)

    return [player(track) for track in tracks]


def own_player(track: Track, pan: float, rate: int) -> Player:
    """One of our own instruments, or the drums, at its place."""

    def sides(tone: np.ndarray, side: float) -> np.ndarray:
        angle = (side + 1) * np.pi / 4
        return np.array([[np.cos(angle)], [np.sin(angle)]], np.float32) * tone

    if track.drums:
        return lambda pitch, layer, _held: sides(loudness(layer) * drum(pitch, layer / LAYERS, rate), pan)
    played = instrument(track.program)

    def player(pitch: int, layer: int, held: int) -> np.ndarray:
        tone = played.voice(pitch, layer / LAYERS, held, rate)
        side = float(np.clip(pan + played.width * (pitch - 62) / 36, -0.8, 0.8))
        return sides(loudness(layer) * np.float32(played.level) * tone, side)

    return player


def loudness(layer: int) -> np.float32:
    """The amplitude of a layer of strength."""
    return np.float32((layer / LAYERS) ** 1.5)


def play(track: Track, score: Score, mix: np.ndarray, voice: Player, rate: int) -> None:
    """Lay the notes of one track into the mix (2, N); each different one is made once."""
    notes = track.notes
    begins = (score.time_of(notes[:, 0]) * rate).astype(np.int64)
    ends = (score.time_of(notes[:, 0] + notes[:, 1]) * rate).astype(np.int64)
    closing = np.sort(begins[np.isin(notes[:, 2], list(CHOKED))])
    kept: dict[tuple[int, int, int], np.ndarray] = {}
    size = 0
    for note, begin, end in zip(notes.tolist(), begins.tolist(), ends.tolist(), strict=True):
        pitch, layer = note[2], -(-note[3] * LAYERS // 127)
        key = (pitch, layer, 0 if track.drums else max(end - begin, rate // 50))
        tone = kept.get(key)
        if tone is None:
            tone = voice(*key)
            size += tone.nbytes
            if size > KEPT:
                kept, size = {}, tone.nbytes
            kept[key] = tone
        if track.drums and pitch == 46:  # an open hi-hat sounds until it is closed
            tone = until(tone, closing, begin, rate)
        tone = tone[:, : mix.shape[1] - begin]
        mix[:, begin : begin + tone.shape[1]] += tone


def until(tone: np.ndarray, closing: np.ndarray, begin: int, rate: int) -> np.ndarray:
    """An open hi-hat (2, N) that begins at a sample, up to the next of the samples at which a closed one is struck."""
    after = int(np.searchsorted(closing, begin, side="right"))
    if after == len(closing) or closing[after] - begin >= tone.shape[1]:
        return tone
    stop = int(closing[after]) - begin
    fall = min(int(0.01 * rate), tone.shape[1] - stop)
    cut = tone[:, : stop + fall].copy()
    cut[:, stop:] *= np.linspace(1, 0, fall, dtype=np.float32)
    return cut
