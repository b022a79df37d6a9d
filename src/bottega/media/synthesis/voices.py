"""What every instrument is made of: damped partials, sustained harmonics, noise, envelopes.

Partials that fade exponentially are geometric series, so a whole bank of them is one product of two small matrices:
the beginning of each block, and the samples within a block. A second of forty partials takes less than a millisecond.
"""

from functools import lru_cache

import numpy as np

BLOCK = 256
HIGHEST = 0.45  # of the sampling rate: partials above are left out
SEED = 1472


def damped(
    frequency: np.ndarray,
    decay: np.ndarray,
    amplitude: np.ndarray,
    count: int,
    rate: int,
    phase: np.ndarray | float = 0.0,
) -> np.ndarray:
    """A sum of sines that fade exponentially.

    Args:
        frequency: (P,) Hz; those near half the rate or above are left out.
        decay: (P,) per second: after 1 / decay a partial has fallen to 37 %.
        amplitude: (P,) at the beginning.
        count: samples.
        phase: (P,) radians at the beginning.

    Returns:
        float32 (count,).
    """
    frequency, decay, amplitude, phase = np.broadcast_arrays(frequency, decay, amplitude, phase)
    heard = (frequency < HIGHEST * rate) & (amplitude != 0)
    step = (2j * np.pi * frequency[heard] - decay[heard]) / rate  # (P,) per sample
    blocks = -(-count // BLOCK)
    begun = np.exp(np.arange(0, blocks * BLOCK, BLOCK)[:, None] * step + 1j * phase[heard]) * amplitude[heard]
    within = np.exp(np.arange(BLOCK) * step[:, None])  # (P, BLOCK)
    left = np.concatenate([np.real(begun), np.imag(begun)], axis=1).astype(np.float32)  # (K, 2P)
    right = np.concatenate([np.imag(within), np.real(within)]).astype(np.float32)  # (2P, BLOCK)
    return (left @ right).reshape(-1)[:count]


def sustained(
    phase: np.ndarray, amplitude: np.ndarray, envelope: np.ndarray, bright: np.ndarray | float = 1.0
) -> np.ndarray:
    """A sum of harmonics of one moving phase.

    Args:
        phase: float64 (N,) radians of the fundamental.
        amplitude: (P,) of each harmonic.
        envelope: float32 (N,) of all of them.
        bright: (N,) in [0, 1]; harmonic p is multiplied by its power p - 1, so that tones open and close.

    Returns:
        float32 (N,).
    """
    turn = np.exp(1j * np.remainder(phase, 2 * np.pi)).astype(np.complex64)
    now = turn * envelope
    turn = turn * np.asarray(bright, np.float32)
    out = np.zeros(len(phase), np.float32)
    for number, one in enumerate(amplitude):
        if number:
            now *= turn
        if one:
            out += np.float32(one) * now.imag
    return out


def harmonics(pitch: float, most: int, rate: int) -> np.ndarray:
    """The numbers 1 … of the harmonics of a note that can be heard, at most so many: float64 (P,)."""
    return np.arange(1.0, max(1, min(most, int(HIGHEST * rate / hertz(pitch)))) + 1)


def hertz(pitch: float) -> float:
    """The frequency of a MIDI pitch; 69 is 440 Hz."""
    return 440.0 * 2.0 ** ((pitch - 69) / 12)


def vibrato(pitch: float, count: int, rate: int, speed: float, cents: float, after: float) -> np.ndarray:
    """The phase, float64 (count,), of a tone whose pitch begins to swing ``cents`` up and down ``after`` seconds."""
    time = np.arange(count) / rate
    swing = np.clip((time - after) / 0.4, 0, 1) * cents / 1200 * np.log(2)
    moved = np.cumsum(swing * np.sin(2 * np.pi * speed * time)) / rate
    return 2 * np.pi * hertz(pitch) * (time + moved)


def envelope(count: int, held: int, rate: int, attack: float, release: float, sustain: float = 1.0) -> np.ndarray:
    """Rises in ``attack`` seconds, falls towards ``sustain``, and from sample ``held`` on to silence: float32 (count,).

    Both ramps are half cosines, which do not click.
    """
    rise = max(2, min(int(attack * rate), held // 2))
    curve = np.ones(count, np.float32)
    curve[:rise] = 0.5 - 0.5 * np.cos(np.pi * np.arange(rise) / rise)
    if sustain < 1:
        curve[rise:] = sustain + (1 - sustain) * np.exp(-np.arange(count - rise) / (0.3 * rate))
    return curve * falling(count, held, rate, release)


def falling(count: int, held: int, rate: int, release: float) -> np.ndarray:
    """1 up to sample ``held``, then down to 0 in ``release`` seconds as half a cosine: float32 (count,)."""
    fall = max(2, min(int(release * rate), count - held))
    curve = np.zeros(count, np.float32)
    curve[:held] = 1
    curve[held : held + fall] = 0.5 + 0.5 * np.cos(np.pi * np.arange(fall) / fall)
    return curve


@lru_cache(8)
def white(rate: int) -> np.ndarray:
    """Four seconds of the same white noise, float32, not to be written to."""
    noise = np.random.Generator(np.random.PCG64(SEED)).standard_normal(4 * rate).astype(np.float32)
    noise.flags.writeable = False
    return noise


def noise(count: int, rate: int, low: float, high: float, place: int = 0) -> np.ndarray:
    """Noise between two frequencies, RMS about 1, float32 (count,); another ``place`` is another noise."""
    bed = bed_of(rate, round(low), round(min(high, 0.49 * rate)))
    begin = (place * 7919) % (len(bed) // 2)
    return np.resize(bed[begin:], count)


@lru_cache(64)
def bed_of(rate: int, low: int, high: int) -> np.ndarray:
    """Four seconds of noise between two frequencies, with soft edges, that can be repeated: float32."""
    waves = np.fft.rfft(white(rate))
    frequency = np.fft.rfftfreq(4 * rate, 1 / rate)
    above = 1 / (1 + (low / np.maximum(frequency, 1.0)) ** 4)
    below = 1 / (1 + (frequency / high) ** 4)
    shaped = np.fft.irfft(waves * above * below).astype(np.float32)
    shaped /= shaped.std() + 1e-9
    shaped.flags.writeable = False
    return shaped
