"""Sounds: read any of them, in any length, and write them with their record.

A sound is float32 ``(C, N)``, full scale at ±1, with its sampling rate. What a file holds is told by its content, never
by its ending, and nothing but the file that was named is ever opened: a playlist is no sound. Each decoder is told the
one container that it may read, so none of them can be led to another file or to a network.
"""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np

from bottega.errors import UnreadableWork
from bottega.language import _
from bottega.media.audio_decoders import READ, opened
from bottega.media.audio_writers import WRITTEN, read_record, write

__all__ = ["READ", "WRITTEN", "Sound", "blocks", "in_channels", "read", "read_record", "resampled", "write"]

MOST_VALUES = 1 << 28  # a gigabyte of float32: 50 minutes of stereo at 44.1 kHz
LONGEST = 24 * 3600  # seconds of a file that is read in blocks
LOUDEST = 1e6  # floating-point files may use any range, but not every


@dataclass(frozen=True, eq=False)
class Sound:
    """A sound in memory.

    Attributes:
        samples: float32 ``(C, N)``, finite, nominally in [-1, 1]; N may be 0 only inside programs, never in a file.
        rate: samples per second and channel, in Hz.
    """

    samples: np.ndarray
    rate: int

    @property
    def channels(self) -> int:
        """1 is mono, 2 is left and right."""
        return self.samples.shape[0]

    @property
    def seconds(self) -> float:
        """How long it lasts."""
        return self.samples.shape[1] / self.rate

    def __len__(self) -> int:
        return self.samples.shape[1]


def read(source: Path | BinaryIO, *, rate: int | None = None, channels: int | None = None) -> Sound:
    """Read one sound, or the sound track of a video.

    Args:
        source: a path or an open binary file that can seek.
        rate: resample to this many Hz; as in the file when not given.
        channels: mix to so many, see ``in_channels``; as in the file when not given.

    Raises:
        UnreadableWork: with the reason: not a sound, damaged, empty, not finite, too long for memory, no permission.
    """
    parts, values, known = [], 0, 0
    for block in blocks(source, rate=rate, channels=channels):
        values += block.samples.size
        if values > MOST_VALUES:
            minutes = MOST_VALUES / block.rate / block.channels / 60
            raise UnreadableWork(
                _("longer than {minutes:.0f} minutes, which is too much for memory").format(minutes=minutes)
            )
        parts.append(block.samples)
        known = block.rate
    return Sound(np.concatenate(parts, axis=1), known)


def blocks(source: Path | BinaryIO, *, rate: int | None = None, channels: int | None = None) -> Iterator[Sound]:
    """Read a sound of any length one block after the other, none of them empty: memory stays the same.

    The arguments and reasons are those of ``read``; a file may last 24 hours.
    """
    with opened(source) as (file_rate, decoded), closing(decoded):
        flow = _Resampler(file_rate, rate or file_rate)
        total = given = 0
        for block in decoded:  # (C, n)
            check_numbers(block)
            total += block.shape[1]
            if total > LONGEST * file_rate:
                raise UnreadableWork(_("longer than {hours} hours").format(hours=LONGEST // 3600))
            changed = flow(in_channels(block, channels or len(block)))
            if changed.shape[1]:
                given += changed.shape[1]
                yield Sound(changed, flow.rate)
        rest = flow.rest()
        if rest.shape[1]:
            yield Sound(rest, flow.rate)
        if given + rest.shape[1] == 0:
            raise UnreadableWork(_("the sound is empty"))


def check_numbers(block: np.ndarray) -> None:
    """Refuse what no loudspeaker can play."""
    peak = float(np.abs(block).max(initial=0.0))
    if not np.isfinite(peak):
        raise UnreadableWork(_("it holds numbers that are no sound (NaN or infinite)"))
    if peak > LOUDEST:
        raise UnreadableWork(_("it holds numbers that are far too large for a sound"))


def in_channels(samples: np.ndarray, channels: int) -> np.ndarray:
    """Samples ``(C, N)`` in another number of channels: fewer are mixed, mono is heard from all.

    To one channel: their mean. From one: copies. From more to two: odd ones left, even ones right, as they alternate
    in most layouts. Otherwise: the first ones, and silence where there are none.
    """
    have = len(samples)
    if have == channels:
        return samples
    if channels == 1:
        return samples.mean(axis=0, keepdims=True, dtype=np.float32)
    if have == 1:
        return np.repeat(samples, channels, axis=0)
    if channels == 2:
        sides = (samples[0::2], samples[1::2])
        return np.stack([side.mean(axis=0, dtype=np.float32) for side in sides])
    return np.concatenate([samples[:channels], np.zeros((max(channels - have, 0), samples.shape[1]), np.float32)])


def resampled(sound: Sound, rate: int) -> Sound:
    """The sound at another sampling rate, by a filter without audible aliasing (soxr, high quality)."""
    if rate == sound.rate:
        return sound
    import soxr

    changed = soxr.resample(np.ascontiguousarray(sound.samples.T), sound.rate, rate, "HQ")
    return Sound(_planar(changed, sound.channels), rate)


class _Resampler:
    """A stream from one rate to another; at equal rates it gives back what it is given."""

    def __init__(self, before: int, rate: int) -> None:
        self.before, self.rate = before, rate
        self.stream, self.channels = None, 1

    def __call__(self, block: np.ndarray) -> np.ndarray:
        if self.before == self.rate:
            return block
        if self.stream is None:
            import soxr

            self.channels = len(block)
            self.stream = soxr.ResampleStream(self.before, self.rate, self.channels, "float32", "HQ")
        return _planar(self.stream.resample_chunk(np.ascontiguousarray(block.T)), self.channels)

    def rest(self) -> np.ndarray:
        """What is still inside when the stream ends."""
        if self.stream is None:
            return np.empty((self.channels, 0), np.float32)
        last = self.stream.resample_chunk(np.empty((0, self.channels), np.float32), last=True)
        return _planar(last, self.channels)


def _planar(interleaved: np.ndarray, channels: int) -> np.ndarray:
    """(N, C) as (C, N), in its own memory."""
    return np.ascontiguousarray(interleaved.reshape(-1, channels).T, np.float32)
