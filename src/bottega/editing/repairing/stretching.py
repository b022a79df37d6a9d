"""Slower, faster, higher, lower: a phase vocoder that keeps what belongs together.

Laroche & Dolson 1999, "Improved Phase Vocoder Time-Scale Modification of Audio", with identity phase locking: each
frame of the result is a frame of the sound, turned by one angle around each peak. The angle comes from two frames of
the sound that lie one hop apart as in the result, so no frequency is ever estimated; it is the same for all channels.
Around an attack time runs as in the sound and what has just grown louder is not turned: an attack stays sharp.
"""

import numpy as np

WINDOW, HOP = 2048, 512  # at up to 48 kHz
FLUX = 6.0  # times the usual deviation from the median flux: an attack
GREW = 2.0  # times the power before: what belongs to the attack


def stretched(x: np.ndarray, factor: float, rate: int) -> np.ndarray:
    """A sound that lasts ``factor`` times as long at the same pitch.

    Args:
        x: float64 ``(C, N)``.
        factor: above 1 is slower.
        rate: in Hz.

    Returns:
        float64 ``(C, round(N · factor))``.
    """
    count = x.shape[1]
    length = max(1, round(count * factor))
    scale = max(1, round(rate / 48000))
    window, hop = WINDOW * scale, HOP * scale
    padded = np.pad(x, ((0, 0), (window + hop, window + hop)))
    attacks = _attacks(x, window, hop, factor)
    frames = -(-(length + window) // hop) + 1
    centres = np.arange(frames) * hop  # in the result; 0 is its first sample
    places = _time(centres, attacks, factor, count, window).round().astype(int)
    places = np.clip(places, -window // 2, count + window // 2)
    resets = np.isin(np.arange(frames), np.searchsorted(centres, [factor * a - window // 2 for a in attacks]))
    out = _overlapped(padded, places + window // 2 + hop, resets, window, hop)
    return out[:, window // 2 : window // 2 + length]


def _overlapped(x: np.ndarray, starts: np.ndarray, resets: np.ndarray, window: int, hop: int) -> np.ndarray:
    """Frames from those places of a padded sound ``(C, N)``, turned so that each goes on where the last one was."""
    from scipy.fft import irfft, rfft

    hann = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(window) / window)
    out = np.zeros((len(x), len(starts) * hop + window))
    turn, last = np.zeros(window // 2 + 1), None
    for number, start in enumerate(starts):
        now = rfft(hann * x[:, start : start + window])  # (C, K)
        if last is not None:
            before = rfft(hann * x[:, start - hop : start - hop + window])
            power = (np.abs(now) ** 2).sum(axis=0)
            ahead = turn + np.angle((last * before.conj()).sum(axis=0))
            ahead = ahead[_nearest_peaks(power)]
            if resets[number]:
                later = rfft(hann * x[:, start + window // 2 : start + window // 2 + window], n=window)
                ahead = np.where((np.abs(later) ** 2).sum(axis=0) > GREW * power, 0.0, ahead)
            turn = ahead
        out[:, number * hop : number * hop + window] += hann * irfft(now * np.exp(1j * turn), n=window)
        last = now
    return out / ((hann**2).sum() / hop)


def _nearest_peaks(power: np.ndarray) -> np.ndarray:
    """For each bin ``(K,)`` the bin of the peak that it belongs to: borders lie halfway between peaks."""
    padded = np.pad(power, 2, constant_values=-1.0)
    around = np.stack([padded[i : i + len(power)] for i in (0, 1, 3, 4)])
    peaks = np.flatnonzero((power >= around.max(axis=0)) & (power > 0))
    if not len(peaks):
        return np.arange(len(power))
    borders = (peaks[1:] + peaks[:-1] + 1) // 2
    return peaks[np.searchsorted(borders, np.arange(len(power)), side="right")]


def _attacks(x: np.ndarray, window: int, hop: int, factor: float) -> list[int]:
    """The samples at which something begins, far enough from each other to be kept whole."""
    mono = x.mean(axis=0)
    step = hop // 4
    if len(mono) < 4 * window:
        step = max(1, min(step, len(mono) // 16))
    short = 2 * step
    count = (len(mono) - short) // step
    if count < 8:
        return []
    pieces = np.lib.stride_tricks.sliding_window_view(mono, short)[: count * step : step]
    spectrum = np.log1p(1000 * np.abs(np.fft.rfft(pieces * np.hanning(short))))
    flux = np.maximum(np.diff(spectrum, axis=0), 0).mean(axis=1)
    middle = np.median(flux)
    limit = middle + FLUX * max(np.median(np.abs(flux - middle)), 0.02)
    apart = 1.2 * window * max(1.0, 1.0 / factor)
    found: list[int] = []
    for at in np.argsort(-flux, kind="stable"):
        if flux[at] < limit:
            break
        place = int(at + 1) * step + short // 2
        if all(abs(place - other) >= apart for other in found):
            found.append(place)
    return sorted(found)


def _time(at: np.ndarray, attacks: list[int], factor: float, count: int, window: int) -> np.ndarray:
    """Where in the sound each place of the result comes from: evenly, but as it was around an attack."""
    knots = [(0.0, 0.0), (count * factor, float(count))]
    for a in attacks:
        half = window / 2
        knots += [(a * factor - half, a - half), (a * factor + half, a + half)]
    knots.sort()
    result, source = np.array(knots).T
    kept = np.concatenate([[True], np.diff(result) > 0])
    return np.interp(at, result[kept], np.maximum.accumulate(source[kept]))


def pitched(x: np.ndarray, semitones: float, rate: int) -> np.ndarray:
    """A sound ``(C, N)`` higher by so many semitones, as long as before; float64."""
    import soxr

    ratio = 2 ** (semitones / 12)
    longer = stretched(x, ratio, rate)
    made = soxr.resample(np.ascontiguousarray(longer.T), ratio, 1.0, "HQ").T
    return np.pad(made, ((0, 0), (0, max(0, x.shape[1] - made.shape[1]))))[:, : x.shape[1]]
