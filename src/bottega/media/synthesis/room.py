"""A small hall: a few early reflections and a tail of noise that loses its brightness as it fades."""

from functools import lru_cache

import numpy as np

from bottega.media.synthesis.voices import SEED

SECONDS = 1.1
EARLY = ((0.0113, 0.5), (0.0187, 0.42), (0.0271, 0.36), (0.0359, 0.3), (0.0467, 0.24))


@lru_cache(8)
def response(rate: int) -> np.ndarray:
    """What the hall answers to a click, left and right: float32 (2, N), power 1 each."""
    count = int(SECONDS * rate)
    time = np.arange(count) / rate
    noise = np.random.Generator(np.random.PCG64(SEED + 1)).standard_normal((2, count))
    waves = np.fft.rfft(noise)
    frequency = np.fft.rfftfreq(count, 1 / rate)
    tail = np.zeros((2, count))
    edges = (120, 600, 1_800, 4_500, 0.5 * rate)
    for low, high, fade in zip(edges, edges[1:], (6.0, 6.9, 9.0, 14.0), strict=False):  # -60 dB after 6.9 / fade
        tail += np.fft.irfft(waves * ((frequency >= low) & (frequency < high)), count) * np.exp(-fade * time)
    tail *= 1 - np.exp(-time / 0.02)
    tail /= np.sqrt(np.square(tail).sum(1, keepdims=True))
    for side in range(2):
        for late, gain in EARLY:
            tail[side, int((late + 0.0013 * side) * rate)] += gain * 0.7
    return (tail / np.sqrt(np.square(tail).sum(1, keepdims=True))).astype(np.float32)


def reverberant(mix: np.ndarray, rate: int, wet: float) -> np.ndarray:
    """The mix (2, N) as it sounds in the hall; ``wet`` is the share of the hall."""
    answer = response(rate)
    size = 1 << (4 * answer.shape[1]).bit_length()
    step = size - answer.shape[1] + 1
    waves = np.fft.rfft(answer, size)
    out = mix.copy()
    for begin in range(0, mix.shape[1], step):  # each block's answer is added where it reaches (overlap-add)
        block = np.fft.irfft(np.fft.rfft(mix[:, begin : begin + step], size) * waves, size)
        reach = out[:, begin : begin + size]
        reach += np.float32(wet) * block[:, : reach.shape[1]].astype(np.float32)
    return out
