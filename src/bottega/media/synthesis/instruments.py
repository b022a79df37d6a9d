"""Instruments: each is a function of pitch, velocity and length that gives the samples of one note.

Plucked strings are the modes of an extended Karplus-Strong loop (Jaffe & Smith 1983): a delay line with a gentle
low-pass in its loop rings at every harmonic, each fading faster the more that filter takes of it, with the harmonics
missing that the place of the pluck silences. Written as its modes the string is in tune at any rate. Bells are
frequency modulation (Chowning 1973); pianos add stiff strings, which ring sharper the higher the partial
(Fletcher, Blackham & Stratton 1962), in pairs that beat, and the knock of the hammer.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from bottega.media.synthesis.voices import (
    HIGHEST,
    damped,
    envelope,
    falling,
    harmonics,
    hertz,
    noise,
    sustained,
    vibrato,
)

Voice = Callable[[int, float, int, int], np.ndarray]
"""``voice(pitch, strength, held, rate)``: float32 (N,), N at least ``held`` samples; strength in (0, 1]."""


@dataclass(frozen=True)
class Instrument:
    """A voice and how loud it is among others; ``width`` is how far its notes are spread by pitch, left to right."""

    voice: Voice
    level: float = 1.0
    width: float = 0.0


def spread(*amplitudes: float) -> np.ndarray:
    """Amplitudes scaled to a power of 1."""
    given = np.array(amplitudes, np.float64)
    return given / np.sqrt(np.square(given).sum())


def unit(amplitude: np.ndarray) -> np.ndarray:
    """Amplitudes (P,) scaled to a power of 1."""
    return amplitude / (np.sqrt(np.square(amplitude).sum()) + 1e-9)


def burst(count: int, rate: int, low: float, high: float, fade: float, place: int) -> np.ndarray:
    """A noise that fades ``fade`` per second after an attack of a millisecond: float32 (count,)."""
    time = np.arange(count, dtype=np.float32) / rate
    return noise(count, rate, low, high, place) * np.exp(-fade * time) * np.minimum(time * 1000, 1)


def piano(pitch: int, strength: float, held: int, rate: int) -> np.ndarray:
    """Stiff strings in pairs, struck an eighth of the way along, with the knock of the hammer and a damper."""
    first = hertz(pitch)
    number = harmonics(pitch, 36, rate)
    stiff = 2.5e-4 * 2 ** ((pitch - 60) / 9)
    frequency = number * first * np.sqrt((1 + stiff * number**2) / (1 + stiff))
    soft = 700 + 2600 * strength + 0.9 * first  # Hz up to which the felt excites
    amplitude = np.abs(np.sin(np.pi * number / 8.3)) * number**-0.6 * np.exp(-frequency / soft)
    amplitude = unit(amplitude + 1e-4)
    fade = 0.42 * 2 ** ((pitch - 60) / 13) * (1 + 0.22 * (number - 1)) + 1e-7 * frequency**2
    beat = 0.15 + 0.0004 * frequency  # Hz between the strings of a pair
    phase = np.pi * ((number * 0.618) % 1)
    release = 0.16 if pitch < 90 else 0.5
    count = held + int(release * rate)
    tone = damped(
        np.concatenate([frequency - 0.3 * beat, frequency + 0.7 * beat]),
        np.concatenate([2.6 * fade, 0.8 * fade]),
        np.concatenate([0.72 * amplitude, 0.42 * amplitude]),
        count,
        rate,
        np.concatenate([phase, phase]),
    )
    knock = min(count, int(0.06 * rate))
    tone[:knock] += (0.05 + 0.12 * strength) * burst(knock, rate, 60, 500 + first, 90.0, pitch)
    rise = max(2, int((0.004 - 0.0025 * strength) * rate))
    tone[:rise] *= np.linspace(0, 1, rise, dtype=np.float32)
    return tone * falling(count, held, rate, release)


def plucked(
    pitch: int,
    strength: float,
    held: int,
    rate: int,
    *,
    place: float = 0.17,
    ring: float = 1.0,
    bright: float = 1.0,
    release: float = 0.12,
) -> np.ndarray:
    """A string plucked at ``place`` of its length.

    Args:
        ring: how long it sounds, times that of a guitar.
        bright: how much of the high harmonics the pluck excites and the loop keeps.
    """
    first = hertz(pitch)
    number = harmonics(pitch, 40, rate)
    frequency = number * first * np.sqrt(1 + 4e-5 * number**2)
    soft = bright * (900 + 3500 * strength) + first
    amplitude = unit(np.abs(np.sin(np.pi * number * place)) / number * np.exp(-frequency / soft) + 1e-5)
    loss = -np.log(np.cos(np.pi * np.minimum(frequency, 9_000) / 24_000))  # of a two-point average, for each turn
    fade = (0.55 * (first / 220) ** 0.6 + 0.2 / bright * first * loss) / ring
    count = held + int(release * rate)
    tone = damped(frequency, fade, amplitude, count, rate, np.pi * ((number * 0.382) % 1))
    attack = min(count, int(0.03 * rate))
    tone[:attack] += 0.22 * strength * burst(attack, rate, first, 2_500 * bright + first, 220.0, pitch)
    rise = max(2, int(0.0015 * rate))
    tone[:rise] *= np.linspace(0, 1, rise, dtype=np.float32)
    return tone * falling(count, held, rate, release)


def bass(pitch: int, strength: float, held: int, rate: int) -> np.ndarray:
    """A bass guitar: a long string plucked by a finger, its fundamental carried by a second mode."""
    tone = plucked(pitch, 0.5 * strength + 0.1, held, rate, place=0.23, ring=1.5, bright=0.5, release=0.08)
    first = hertz(pitch)
    return tone + damped(np.array([first]), np.array([0.9]), np.array([0.5]), len(tone), rate) * (
        envelope(len(tone), held, rate, 0.008, 0.08)
    )


def organ(pitch: int, strength: float, held: int, rate: int, *, reed: bool = False) -> np.ndarray:
    """Pipes of several lengths on one key, with the chiff of the air; as a reed, the tongues of an accordion."""
    first = hertz(pitch)
    count = held + int(0.09 * rate)
    if reed:
        number = harmonics(pitch, 24, rate)
        frequency, amplitude = number * first, unit(number**-0.85 * np.exp(-number * first / 3_800))
        frequency = np.concatenate([frequency * 2 ** (-2.5 / 1200), frequency * 2 ** (2.5 / 1200)])
        amplitude = 0.7 * np.concatenate([amplitude, amplitude])
    else:
        frequency = first * np.array([0.5, 1, 2, 3, 4, 5, 6, 8])
        amplitude = spread(0.35, 1, 0.62, 0.28, 0.4, 0.1, 0.14, 0.16)
        amplitude = amplitude * np.exp(-frequency / 6_000)
    tone = damped(frequency, np.zeros(1), amplitude, count, rate, np.arange(len(frequency)) * 2.4)
    chiff = min(count, int(0.05 * rate))
    tone[:chiff] += 0.05 * burst(chiff, rate, first, 3 * first + 500, 60.0, pitch)
    return tone * envelope(count, held, rate, 0.022, 0.09) * np.float32(0.75)


def bowed(pitch: int, strength: float, held: int, rate: int, *, players: int = 1) -> np.ndarray:
    """A bowed string: a sawtooth through the body of a violin, with vibrato; several players are a section."""
    first = hertz(pitch)
    number = harmonics(pitch, 28, rate)
    frequency = number * first
    body = sum(
        gain * np.exp(-np.square(np.log(frequency / centre) / width))
        for centre, gain, width in ((290, 0.9, 0.35), (520, 0.8, 0.3), (1100, 0.7, 0.4), (2600, 0.8, 0.45))
    )
    amplitude = unit(number**-1.05 * (0.35 + body) * np.exp(-frequency / (2_500 + 3_000 * strength)))
    release = 0.14 if players == 1 else 0.25
    count = held + int(release * rate)
    attack = 0.06 if players == 1 else 0.11
    shape = envelope(count, held, rate, attack, release)
    open_up = np.float32(0.8) + np.float32(0.2) * shape
    tone = np.zeros(count, np.float32)
    for player in range(players):
        drift = (player - (players - 1) / 2) * 0.045  # a section is never in tune to the cent
        phase = vibrato(pitch + drift, count, rate, 5.3 + 0.43 * player, 9, 0.18) + 2.4 * player**2
        tone += sustained(phase, amplitude, shape, open_up) / np.float32(np.sqrt(players))
    return tone + np.float32(0.02) * noise(count, rate, 1_500, 6_000, pitch) * shape


def blown(
    pitch: int,
    strength: float,
    held: int,
    rate: int,
    *,
    tilt: float,
    odd: float = 1.0,
    air: float = 0.03,
    attack: float = 0.04,
    opening: float = 0.15,
    top: float = 4_000,
) -> np.ndarray:
    """A pipe that is blown: flutes, reeds and brass.

    Args:
        tilt: the exponent by which harmonics fall.
        odd: amplitude of the even harmonics (a clarinet has few).
        air: amplitude of the noise of breath.
        opening: how much duller the tone is while it begins and ends.
        top: Hz above which harmonics vanish.
    """
    first = hertz(pitch)
    number = harmonics(pitch, 24, rate)
    amplitude = number**-tilt * np.exp(-number * first / (top * (0.5 + 0.7 * strength) + first))
    amplitude = unit(np.where(number % 2 == 0, odd, 1.0) * amplitude)
    count = held + int(0.1 * rate)
    shape = envelope(count, held, rate, attack, 0.1, 0.86)
    phase = vibrato(pitch, count, rate, 4.9, 6, 0.3)
    tone = sustained(phase, amplitude, shape, np.float32(1 - opening) + np.float32(opening) * shape)
    return tone + np.float32(air) * noise(count, rate, first, 2 * first + 400, pitch) * shape


def bell(
    pitch: int, strength: float, held: int, rate: int, *, ratio: float = 3.5, index: float = 1.6, fade: float = 1.6
) -> np.ndarray:
    """A bell that rings on: one sine modulated by another, ever less."""
    first = hertz(pitch)
    count = max(held, int(0.4 * rate)) + int(0.5 * rate)
    time = np.arange(count, dtype=np.float32) / rate
    turn = np.remainder(np.arange(count) * (first / rate), 1.0).astype(np.float32) * np.float32(2 * np.pi)
    top = min(index * (0.4 + 0.8 * strength), max(0.0, (HIGHEST * rate / first - 1) / ratio - 1))
    faded = fade * (first / 520) ** 0.5
    other = np.sin(
        np.remainder(np.arange(count) * (ratio * first / rate), 1.0).astype(np.float32) * np.float32(2 * np.pi)
    )
    tone = np.sin(turn + np.float32(top) * np.exp(-2.2 * faded * time) * other) * np.exp(-faded * time)
    tone += damped(np.array([2 * first]), np.array([2 * faded]), np.array([0.25]), count, rate)
    rise = max(2, int(0.0015 * rate))
    tone[:rise] *= np.linspace(0, 1, rise, dtype=np.float32)
    return tone.astype(np.float32) * falling(count, count - int(0.5 * rate), rate, 0.5)


def bar(pitch: int, strength: float, held: int, rate: int, *, modes: tuple[float, ...], fade: float) -> np.ndarray:
    """A tuned bar struck by a mallet: marimba, xylophone, vibraphone, a kettle."""
    first = hertz(pitch)
    number = np.array(modes)
    faded = fade * (first / 260) ** 0.7 * number**0.9
    amplitude = unit(np.exp(-0.55 * (2 - strength) * np.arange(len(number))))
    count = held + int(0.25 * rate)
    tone = damped(number * first, faded, amplitude, count, rate, np.arange(len(number)) * 0.7)
    knock = min(count, int(0.02 * rate))
    tone[:knock] += 0.15 * strength * burst(knock, rate, 300, 2_500, 250.0, pitch)
    rise = max(2, int(0.001 * rate))
    tone[:rise] *= np.linspace(0, 1, rise, dtype=np.float32)
    return tone * falling(count, held, rate, 0.25)


PIANO = Instrument(piano, 1.0, 0.25)
ELECTRIC = Instrument(partial(bell, ratio=1.0, index=1.3, fade=0.8), 0.75)
HARPSICHORD = Instrument(partial(plucked, place=0.09, bright=2.6, ring=0.8, release=0.07), 0.8)
BELL = Instrument(bell, 1.1)
VIBES = Instrument(partial(bar, modes=(1.0, 3.98, 10.1), fade=0.9), 1.1)
MARIMBA = Instrument(partial(bar, modes=(1.0, 3.93, 9.6, 16.5), fade=5.0), 1.1)
KETTLE = Instrument(partial(bar, modes=(1.0, 1.5, 1.99, 2.44, 2.9), fade=3.2), 1.1)
ORGAN = Instrument(organ, 0.55)
REED_ORGAN = Instrument(partial(organ, reed=True), 0.62)
GUITAR = Instrument(plucked, 0.85)
HARP = Instrument(partial(plucked, place=0.3, ring=1.6, bright=0.9, release=0.5), 1.0)
PIZZICATO = Instrument(partial(plucked, place=0.25, ring=0.3, bright=0.7), 1.1)
BASS = Instrument(bass, 0.7)
FIDDLE = Instrument(bowed, 0.5)
STRINGS = Instrument(partial(bowed, players=4), 0.42)
VOICES = Instrument(partial(blown, tilt=1.5, air=0.02, attack=0.1, opening=0.1, top=2_200), 0.7)
BRASS = Instrument(partial(blown, tilt=0.75, air=0.01, attack=0.05, opening=0.3, top=3_600), 0.62)
CLARINET = Instrument(partial(blown, tilt=1.0, odd=0.12, air=0.015, attack=0.035, top=3_500), 0.65)
OBOE = Instrument(partial(blown, tilt=0.7, odd=0.9, air=0.01, attack=0.03, top=3_000), 0.55)
FLUTE = Instrument(partial(blown, tilt=2.1, air=0.04, attack=0.045, top=5_000), 0.6)

FAMILIES: tuple[tuple[int, Instrument], ...] = (
    *(
        (3, PIANO),
        (5, ELECTRIC),
        (6, HARPSICHORD),
        (7, HARPSICHORD),
        (10, BELL),
        (11, VIBES),
        (13, MARIMBA),
        (14, BELL),
    ),
    *((15, HARPSICHORD), (20, ORGAN), (23, REED_ORGAN), (31, GUITAR), (39, BASS), (44, FIDDLE), (45, PIZZICATO)),
    *((46, HARP), (47, KETTLE), (51, STRINGS), (54, VOICES), (55, STRINGS), (63, BRASS), (67, BRASS), (70, OBOE)),
    *(
        (71, CLARINET),
        (79, FLUTE),
        (80, CLARINET),
        (87, OBOE),
        (95, STRINGS),
        (103, BELL),
        (107, GUITAR),
        (108, MARIMBA),
    ),
    *((109, REED_ORGAN), (110, FIDDLE), (111, OBOE), (112, BELL), (115, MARIMBA), (119, KETTLE), (127, FLUTE)),
)
"""The last General MIDI program that each instrument plays."""


def instrument(program: int) -> Instrument:
    """The instrument for a General MIDI program, 0 … 127."""
    return next(one for last, one in FAMILIES if program <= last)
