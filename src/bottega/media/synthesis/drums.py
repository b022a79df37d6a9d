"""Drums: membranes whose pitch falls, rattling wires, and metal, each a mixture of a few modes and noise."""

import numpy as np

from bottega.media.synthesis.instruments import burst
from bottega.media.synthesis.voices import damped

METAL = np.array([1.0, 1.34, 1.51, 1.82, 2.18, 2.63, 3.04, 3.49])
CHOKED = {42, 44}  # a closed hi-hat stops an open one
TOMS = {41: 82, 43: 98, 45: 116, 47: 138, 48: 164, 50: 196}
HAND = {60: 390, 61: 270, 62: 330, 63: 250, 64: 190, 65: 420, 66: 300, 67: 760, 68: 560}
WOOD = {37: 1700, 75: 2500, 76: 1150, 77: 800, 56: 560, 31: 1500, 33: 2100}


def drum(pitch: int, strength: float, rate: int) -> np.ndarray:
    """One stroke on a General MIDI percussion instrument: float32 (N,), as long as it sounds."""
    if pitch in (35, 36):
        return membrane(52 if pitch == 36 else 46, 2.6, 7.5, 0.5, strength, rate, click=0.35)
    if pitch in (38, 40):
        return snare(strength, rate, 190 if pitch == 38 else 220)
    if pitch == 39:
        return clap(strength, rate)
    if pitch in TOMS:
        return membrane(TOMS[pitch], 1.5, 6.5, 0.6, strength, rate, click=0.15)
    if pitch in HAND:
        return membrane(HAND[pitch], 1.15, 16.0, 0.3, strength, rate, click=0.2)
    if pitch in WOOD:
        return wood(WOOD[pitch], strength, rate)
    if pitch in (69, 70, 82, 54):
        return shaken(strength, rate, 0.12 if pitch != 54 else 0.25)
    if pitch in (80, 81):
        return metal(1300, 22.0 if pitch == 80 else 3.0, 0.1, 1.5, strength, rate)
    if pitch in (42, 44):
        return metal(3100, 55.0, 0.8, 0.14, strength, rate)
    if pitch == 46:
        return metal(3100, 9.0, 0.8, 0.6, strength, rate)
    if pitch in (49, 52, 55, 57):
        return metal(2300, 3.0, 1.0, 1.8, strength, rate)
    if pitch in (51, 53, 59):
        return metal(2700, 4.5, 0.35, 1.2, strength, rate)
    return membrane(40.0 * 2 ** (pitch / 40), 1.2, 14.0, 0.3, strength, rate, click=0.3)


def membrane(
    first: float, drop: float, fade: float, seconds: float, strength: float, rate: int, click: float
) -> np.ndarray:
    """A skin: its pitch falls from ``drop`` times the last one, two higher modes fade sooner, a click begins it."""
    count = int(seconds * rate)
    time = np.arange(count) / rate
    phase = 2 * np.pi * first * (time + (drop - 1) * (1 - np.exp(-32 * time)) / 32)
    tone = np.sin(phase) * np.exp(-fade * time)
    for ratio, gain in ((1.59, 0.3), (2.14, 0.18)):
        tone += gain * np.sin(ratio * phase) * np.exp(-2.5 * fade * time)
    tone += click * strength * burst(count, rate, 800, 6_000, 180.0, int(first))
    return ended(tone, rate)


def snare(strength: float, rate: int, first: float) -> np.ndarray:
    """Two modes of the skin and the rattle of the wires."""
    count = int(0.32 * rate)
    tone = damped(np.array([first, 1.74 * first]), np.array([22.0, 30.0]), np.array([0.6, 0.35]), count, rate)
    rattle = (
        burst(count, rate, 1_200, 9_000, 17.0, 5) * np.float32(0.36) + burst(count, rate, 3_000, 9_000, 60.0, 6) * 0.2
    )
    return ended(tone + rattle * (0.5 + 0.5 * strength), rate)


def clap(strength: float, rate: int) -> np.ndarray:
    """Four hands that are not quite together."""
    count = int(0.25 * rate)
    tone = np.zeros(count, np.float32)
    for number, (late, fade) in enumerate(((0.0, 120.0), (0.011, 120.0), (0.023, 120.0), (0.033, 22.0))):
        begin = int(late * rate)
        tone[begin:] += 0.5 * burst(count - begin, rate, 900, 3_500, fade, number)
    return ended(tone * (0.6 + 0.4 * strength), rate)


def wood(first: float, strength: float, rate: int) -> np.ndarray:
    """A block or a stick."""
    count = int(0.12 * rate)
    modes = damped(
        np.array([1.0, 1.48, 2.6]) * first, np.array([45.0, 60.0, 90.0]), np.array([0.7, 0.4, 0.2]), count, rate
    )
    return ended(modes + 0.2 * strength * burst(count, rate, first, 6_000, 300.0, 9), rate)


def shaken(strength: float, rate: int, seconds: float) -> np.ndarray:
    """Seeds or jingles: noise that swells and fades."""
    count = int(seconds * rate)
    swell = np.sin(np.pi * np.linspace(0, 1, count, dtype=np.float32) ** 0.5) ** 2
    return ended(burst(count, rate, 5_000, 10_000, 6.0, 11) * swell * (0.25 + 0.25 * strength), rate)


def metal(first: float, fade: float, hiss: float, seconds: float, strength: float, rate: int) -> np.ndarray:
    """Partials that have nothing in common, and hiss: hi-hats, cymbals, triangles."""
    count = int(seconds * rate)
    tone = damped(METAL * first, fade * (0.7 + 0.3 * METAL), 0.16 / np.sqrt(METAL), count, rate, METAL * 9.0)
    tone += np.float32(0.3 * hiss) * burst(count, rate, 4_500, 10_500, fade, 13)
    return ended(tone * (0.5 + 0.5 * strength), rate)


def ended(tone: np.ndarray, rate: int) -> np.ndarray:
    """Without a click at either end: float32."""
    tone = tone.astype(np.float32)
    rise, fall = max(2, int(0.0008 * rate)), max(2, int(0.02 * rate))
    tone[:rise] *= np.linspace(0, 1, rise, dtype=np.float32)
    tone[-fall:] *= np.linspace(1, 0, fall, dtype=np.float32) ** 2
    return tone
