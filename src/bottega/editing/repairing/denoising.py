"""Steady noise, such as hiss or hum, taken out bin by bin.

Spectral gating with a soft mask (Boll 1979; Berouti, Schwartz & Makhoul 1979): what is not clearly above the noise is
turned down, not off, and the mask is smooth over time and frequency, since lone surviving bins are heard as chirps.
"""

import numpy as np

WINDOW, HOP = 2048, 512
QUIETEST = 0.1  # the share of frames that are taken for noise
SURE = 2.5  # times the power of the noise: below is nothing but noise
LEAST = 10 ** (-18 / 20)  # the most that is turned down
FRAMES, BINS = 7, 5  # over which power is averaged before it is judged
SILENCE = 1e-12  # power of frames without anything


def denoised(x: np.ndarray, rate: int, quiet: np.ndarray | None = None) -> tuple[np.ndarray, float]:
    """A sound without its steady noise.

    Args:
        x: float64 ``(N,)``.
        rate: in Hz.
        quiet: ``(n,)``: noise and nothing else; the quietest frames of ``x`` when not given.

    Returns:
        float64 ``(N,)`` and how much quieter the quietest frames became, in dB.
    """
    from scipy.ndimage import uniform_filter
    from scipy.signal import istft, stft

    if len(x) < WINDOW or (quiet is not None and len(quiet) < WINDOW):
        return x.copy(), 0.0

    def analysed(sound: np.ndarray) -> np.ndarray:
        return stft(sound, rate, nperseg=WINDOW, noverlap=WINDOW - HOP)[2]  # (K, T)

    coefficients = analysed(x)
    power = np.abs(coefficients) ** 2
    loudness = power.sum(axis=0)
    heard = loudness > SILENCE
    if not heard.any():
        return x.copy(), 0.0
    calm = heard & (loudness <= np.quantile(loudness[heard], QUIETEST))
    noise = power[:, calm].mean(axis=1) if quiet is None else (np.abs(analysed(quiet)) ** 2).mean(axis=1)
    smooth = uniform_filter(power, (BINS, FRAMES), mode="nearest")
    above = np.clip(1 - SURE * noise[:, None] / np.maximum(smooth, 1e-30), 0.0, 1.0)
    mask = uniform_filter(np.maximum(np.sqrt(above), LEAST), (3, 3), mode="nearest")
    made = istft(coefficients * mask, rate, nperseg=WINDOW, noverlap=WINDOW - HOP)[1][: len(x)]
    after = (power * mask**2)[:, calm].sum()
    return made, float(10 * np.log10(power[:, calm].sum() / max(after, 1e-30)))
