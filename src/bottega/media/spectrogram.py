"""How a sound looks: its log-mel spectrogram over time, and its waveform beneath."""

import math
from typing import Any

import numpy as np

from bottega.media import drawing
from bottega.media.audio import Sound

LEFT, BETWEEN, BELOW = 34, 6, 14  # pixels: beside the frequencies, above the waveform, for the times
RANGE = 75.0  # decibels between black and white
LOWEST = 40.0  # Hz
MOST_FRAMES = 2  # for each column
COLOURS = np.array(
    [(12, 10, 24), (50, 18, 82), (118, 32, 110), (190, 54, 84), (240, 108, 46), (252, 184, 64), (255, 250, 210)],
    np.float32,
)
WAVE = (86, 98, 128)
MARKS = (100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000)


def picture(sound: Sound, width: int = 800, height: int = 300) -> np.ndarray:
    """Draw a sound; a long one costs no more than a short one.

    Args:
        sound: of any length and number of channels, which are mixed.
        width, height: in pixels, at least 120 and 90.

    Returns:
        uint8 (H, W, 3).
    """
    pixels = drawing.sheet(height, width)
    across, wave = width - LEFT - 2, max(20, (height - BELOW - BETWEEN) // 5)
    bands = height - BELOW - BETWEEN - wave
    samples = sound.samples.mean(0) if sound.channels > 1 else sound.samples[0]  # (N,)
    top = min(sound.rate / 2, 16_000.0)
    pixels[:bands, LEFT : LEFT + across] = coloured(mel_decibels(samples, sound.rate, across, bands, top))
    below = bands + 10
    for mark in MARKS:
        row = round((bands - 1) * (1 - mel(mark) / mel(top))) if LOWEST < mark < top else -1
        if 4 <= row < min(bands - 4, below - 10):
            below = row
            pixels[row, LEFT - 4 : LEFT] = drawing.INK
            drawing.write(pixels, f"{mark // 1000}k" if mark >= 1000 else str(mark), row - 4, 4)
    draw_wave(pixels[bands + BETWEEN : bands + BETWEEN + wave, LEFT : LEFT + across], samples)
    draw_times(pixels, sound.seconds, across, height - BELOW)
    return pixels


def mel(frequency: Any) -> Any:
    """Hertz, one or many, on the scale of equal steps for the ear (O'Shaughnessy 1987)."""
    return 2595 * np.log10(1 + np.asarray(frequency) / 700)


def mel_decibels(samples: np.ndarray, rate: int, columns: int, bands: int, top: float) -> np.ndarray:
    """Decibels below the loudest place, float32 (bands, columns), low frequencies first."""
    size = 1 << max(6, round(math.log2(0.05 * rate)))
    frames = max(1, min(columns * MOST_FRAMES, math.ceil(len(samples) / (size // 8))))
    starts = (np.linspace(0, max(0, len(samples) - 1), frames)).astype(np.int64)  # of the middle of each frame
    padded = np.pad(samples, (size // 2, size // 2 + size % 2))
    window = np.hanning(size).astype(np.float32)
    filters = mel_filters(rate, size, bands, top)
    power = np.empty((bands, frames), np.float32)
    for begin in range(0, frames, 512):
        some = padded[starts[begin : begin + 512, None] + np.arange(size)] * window  # (n, size)
        power[:, begin : begin + 512] = filters @ np.square(np.abs(np.fft.rfft(some, axis=1))).astype(np.float32).T
    level = 10 * np.log10(power + 1e-12)
    level -= level.max(initial=-60.0)
    shown = np.linspace(0, frames - 1, columns)
    if frames > columns:  # the louder of the frames in a column
        before, after = np.floor(shown).astype(int), np.minimum(np.floor(shown).astype(int) + 1, frames - 1)
        return np.maximum(level[:, before], level[:, after])
    return level[:, np.round(shown).astype(int)]


def mel_filters(rate: int, size: int, bands: int, top: float) -> np.ndarray:
    """What each band hears of a spectrum of ``size`` samples, float32 (bands, size / 2 + 1), each row of sum 1.

    Triangles of equal width on the mel scale, from 0 to ``top`` Hz, low ones first.
    """
    edges = 700 * (10 ** (np.linspace(0, mel(top), bands + 2) / 2595) - 1)  # (bands + 2,) Hz
    frequency = np.fft.rfftfreq(size, 1 / rate)
    up = (frequency - edges[:-2, None]) / (edges[1:-1] - edges[:-2])[:, None]
    down = (edges[2:, None] - frequency) / (edges[2:] - edges[1:-1])[:, None]
    filters = np.clip(np.minimum(up, down), 0, None).astype(np.float32)  # (bands, size / 2 + 1)
    empty = np.flatnonzero(filters.sum(1) < 0.5)  # bands narrower than a bin: between its neighbours
    place = np.interp(edges[1:-1][empty], frequency, np.arange(len(frequency)))
    filters[empty] = np.clip(1 - np.abs(place[:, None] - np.arange(len(frequency))), 0, None)
    return filters / np.maximum(filters.sum(1, keepdims=True), 1e-9)


def coloured(level: np.ndarray) -> np.ndarray:
    """Decibels (bands, columns) as colours uint8 (bands, columns, 3), high frequencies on top."""
    table = np.stack([np.interp(np.linspace(0, 6, 256), range(7), COLOURS[:, k]) for k in range(3)], axis=1)
    shade = np.clip((level[::-1] / RANGE + 1) * 255, 0, 255).astype(np.uint8)
    return table.astype(np.uint8)[shade]


def draw_wave(pixels: np.ndarray, samples: np.ndarray) -> None:
    """The waveform, from its lowest to its highest sample in each column, in place."""
    height, width = pixels.shape[:2]
    middle = (height - 1) / 2
    pixels[round(middle)] = drawing.FAINT
    edges = np.linspace(0, len(samples), width + 1).astype(np.int64)[:-1]
    edges = np.minimum(edges, len(samples) - 1)
    loudest = max(1e-4, float(np.abs(samples).max(initial=0)))
    low, high = np.minimum.reduceat(samples, edges) / loudest, np.maximum.reduceat(samples, edges) / loudest
    first, last = np.round(middle - high * middle).astype(int), np.round(middle - low * middle).astype(int)
    rows = np.arange(height)[:, None]
    pixels[(rows >= first) & (rows <= last)] = WAVE


def draw_times(pixels: np.ndarray, seconds: float, across: int, top: int) -> None:
    """Marks and times beneath, in place."""
    step = drawing.step_of(seconds, max(2, across // 70))
    for number in range(int(seconds / step + 1e-6) + 1):
        column = LEFT + round(number * step / seconds * (across - 1))
        pixels[top : top + 3, column] = drawing.INK
        words = drawing.clock(number * step, step) + (" s" if number == 0 else "")
        drawing.write(pixels, words, top + 4, max(LEFT, column - 5))
