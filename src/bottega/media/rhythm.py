"""What moves in a sound: where notes and drums begin, how loud it is, its tempo and its beats.

Onsets are where the log-mel spectrum rises. The tempo is where the autocorrelation of the onsets, which also answers to
halves of the true tempo, and their spectrum, which answers to its multiples, agree (Peeters 2006, "Template-based
estimation of time-varying tempo"), with a preference for walking pace. Beats are laid on the onsets, nearly evenly, by
dynamic programming (Ellis 2007, "Beat tracking by dynamic programming").
"""

from dataclasses import dataclass

import numpy as np

from bottega.media.audio import Sound, in_channels, resampled
from bottega.media.spectrogram import mel_filters

STEPS = 100
"""Steps a second in which a rhythm is told."""
RATE, WINDOW, BANDS, TOP = 24_000, 1024, 40, 11_000.0  # Hz, samples, bands up to so many Hz
LOW, HIGH = 4, 12  # bands below about 200 Hz, and from about 800 Hz on
DEEPEST = 60.0  # decibels below the loudest that are heard
LATE = 1  # steps by which a rise of the spectrum comes before the beginning that the ear hears
USUAL, SPREAD = 115.0, 0.6  # beats a minute that are most likely, and octaves around it
SLOWEST, FASTEST = 40.0, 200.0  # beats a minute
STRETCH = 10  # seconds that are compared with themselves
EVENNESS = 100.0
"""How much an uneven beat costs; Ellis's alpha."""


@dataclass(frozen=True, eq=False)
class Rhythm:
    """What moves in a sound, at each hundredth of a second.

    Attributes:
        onsets: how much begins, float32 ``(n,)`` in [0, 1]; low, high: the same of bass and drums, and of the rest.
        loudness: float32 ``(n,)``: 1 is as loud as the loud parts, 0 is silence.
        tempo: beats a minute; 0 where there is nothing to count.
        beats: float64 ``(b,)``, in seconds.
    """

    onsets: np.ndarray
    low: np.ndarray
    high: np.ndarray
    loudness: np.ndarray
    tempo: float
    beats: np.ndarray


def heard(sound: Sound) -> Rhythm:
    """The rhythm of a sound of any length and number of channels."""
    mono = resampled(Sound(in_channels(sound.samples, 1), sound.rate), RATE).samples[0]
    bands, loudness = _bands(mono)
    rise = np.maximum(bands[:, 2:] - bands[:, :-2], 0)  # over two steps, so that vibrato and noise weigh less
    rise = np.pad(rise, ((0, 0), (1 + LATE, 1)))[:, : bands.shape[1]]
    onsets, low, high = (_standing_out(rise[part].mean(0)) for part in (slice(None), slice(LOW), slice(HIGH, None)))
    felt = (onsets + low) / 2  # cymbals alone, which often go twice as fast, do not make the beat
    tempo = tempo_of(felt)
    return Rhythm(onsets, low, high, loudness, tempo, beats_of(felt, tempo))


def _bands(samples: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Decibels above the floor, float32 ``(BANDS, n)``, and the loudness ``(n,)`` of samples ``(N,)`` at ``RATE``."""
    hop = RATE // STEPS
    count = max(1, -(-len(samples) // hop))
    padded = np.pad(samples, (WINDOW // 2, WINDOW + hop))
    frames = np.lib.stride_tricks.sliding_window_view(padded, WINDOW)[: count * hop : hop]  # centred on each step
    filters, window = mel_filters(RATE, WINDOW, BANDS, TOP), np.hanning(WINDOW).astype(np.float32)
    power = np.empty((BANDS, count), np.float32)
    for first in range(0, count, 1024):
        spectrum = np.fft.rfft(frames[first : first + 1024] * window, axis=1)
        power[:, first : first + 1024] = filters @ np.square(np.abs(spectrum)).astype(np.float32).T
    level = 10 * np.log10(power + 1e-7)
    level = np.maximum(level - level.max(), -DEEPEST) + DEEPEST if power.max() > 1e-7 else np.zeros_like(level)
    whole = 10 * np.log10(_smooth(power.sum(0), 0.1 * STEPS) + 1e-7)
    loudness = np.clip(1 + (whole - np.percentile(whole, 90)) / 30, 0, 1) * (power.max() > 1e-7)
    return level, loudness.astype(np.float32)


def _smooth(values: np.ndarray, steps: float) -> np.ndarray:
    from scipy.ndimage import gaussian_filter1d

    return gaussian_filter1d(values, steps, mode="nearest")


def _standing_out(rise: np.ndarray) -> np.ndarray:
    """What rises more than its surroundings of a second, float32 in [0, 1]; 1 is what the strongest few do."""
    more = np.maximum(rise - _smooth(rise, 0.5 * STEPS), 0)
    strong = more[(more >= np.roll(more, 1)) & (more > np.roll(more, -1)) & (more > 0)]  # the peaks
    return np.clip(more / max(np.percentile(strong, 90), 1.0) if len(strong) else more, 0, 1).astype(np.float32)


def tempo_of(onsets: np.ndarray) -> float:
    """Beats a minute that onsets ``(n,)`` keep; 0 where there are none."""
    size = STRETCH * STEPS
    if onsets.max(initial=0) <= 0:
        return 0.0
    padded = np.pad(onsets, (0, max(0, size - len(onsets))))
    parts = np.lib.stride_tricks.sliding_window_view(padded, size)[:: size // 4]
    spectrum = np.zeros(8 * size + 1)  # fine steps of tempo
    for first in range(0, len(parts), 64):
        some = parts[first : first + 64]
        some = (some - some.mean(1, keepdims=True)) * np.hanning(size)
        spectrum += np.square(np.abs(np.fft.rfft(some, 16 * size, axis=1))).sum(0)
    again = np.fft.irfft(spectrum)[: 2 * STEPS]  # autocorrelation: lags up to two seconds
    frequency = np.fft.rfftfreq(16 * size, 1 / STEPS) * 60
    tempi = np.exp(np.linspace(np.log(SLOWEST), np.log(FASTEST), 1000))
    lags = np.interp(STEPS * 60 / tempi, np.arange(len(again)), again)
    likely = np.exp(-0.5 * np.square(np.log2(tempi / USUAL) / SPREAD))
    score = np.maximum(lags, 0) * np.sqrt(np.interp(tempi, frequency, spectrum)) * likely
    return float(tempi[score.argmax()]) if score.max() > 0 else 0.0


def beats_of(onsets: np.ndarray, tempo: float) -> np.ndarray:
    """Seconds of the beats: on onsets ``(n,)``, and from one to the next about as long as the tempo says."""
    if tempo <= 0:
        return np.empty(0)
    period = STEPS * 60 / tempo
    worth = _smooth(onsets.astype(np.float64), max(1.0, period / 32))
    worth = worth / (worth.std() + 1e-9)
    back = np.arange(round(2 * period), round(period / 2) - 1, -1)  # steps back to the beat before
    cost = -EVENNESS * np.square(np.log(back / period))
    total, before = worth.copy(), np.full(len(worth), -1)
    for now in range(int(back[-1]), len(worth)):
        known = min(len(back), now - int(back[-1]) + 1)  # of those, the ones after the beginning
        scores = total[now - back[-known:]] + cost[-known:]
        best = int(scores.argmax())
        if scores[best] > 0:
            total[now] += scores[best]
            before[now] = now - back[-known:][best]
    at = len(total) - int(period) + int(total[-int(period) :].argmax()) if len(total) > period else int(total.argmax())
    beats = [at]
    while before[beats[-1]] >= 0:
        beats.append(int(before[beats[-1]]))
    return np.array(_within(beats[::-1], worth)) / STEPS


def _within(beats: list[int], worth: np.ndarray) -> list[int]:
    """Beats without those before the first and after the last onset."""
    strong = np.flatnonzero(worth[beats] > 0.5 * np.sqrt(np.square(worth[beats]).mean()))
    return beats[strong[0] : strong[-1] + 1] if len(strong) else []
