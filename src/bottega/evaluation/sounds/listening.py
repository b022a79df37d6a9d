"""What the figures of sounds are measured on: how loud each band of the ear's scale is, moment by moment."""

import numpy as np

WINDOW = 1.0
"""Seconds that statistics are taken over, and that a copy is looked for in."""
QUIET = -60.0
"""Decibels below full scale under which a second counts as silence."""
FRAME = 0.0464  # seconds of sound that one column of a spectrogram sees
LEAST = 1e-4  # amplitude in a band below which nothing is heard
PER_SECOND = 86.0  # columns of a spectrogram


def mono(samples: np.ndarray) -> np.ndarray:
    """The mean of all channels of float ``(C, N)``: ``(N,)``."""
    return samples.mean(0, dtype=np.float32)


def mel(samples: np.ndarray, rate: int, *, bands: int = 64, per_second: float = PER_SECOND) -> np.ndarray:
    """The amplitude in each mel band, float32 ``(T, bands)``.

    Args:
        samples: of one channel, ``(N,)``, in about [-1, 1].
        rate: in Hz.
        per_second: columns for each second.
    """
    import torch

    from bottega.networks.spectral import mel_filters

    size = 2 ** max(5, round(np.log2(FRAME * rate)))
    hop = max(1, round(rate / per_second))
    x = torch.from_numpy(np.pad(samples, (size // 2, size // 2)).astype(np.float32))
    window = torch.hann_window(size)
    amplitude = torch.stft(x, size, hop, window=window, center=False, return_complex=True).abs()  # (F, T)
    return (amplitude.T @ mel_filters(rate, size, bands)).numpy()


def statistics(samples: np.ndarray, rate: int, *, step: float = 0.5, bands: int = 64) -> np.ndarray:
    """What each second sounds like: mean, deviation and mean change of each band, float32 ``(W, 3 · bands)``.

    Args:
        samples: of one channel, ``(N,)``; what is shorter than a second is filled up with silence.
        step: seconds from one window to the next.
    """
    missing = int(np.ceil(WINDOW * rate)) - len(samples)
    heard = np.log(np.maximum(mel(np.pad(samples, (0, max(0, missing))), rate, bands=bands), LEAST))
    size, hop = int(WINDOW * PER_SECOND), max(1, int(step * PER_SECOND))
    windows = np.lib.stride_tricks.sliding_window_view(heard, size, axis=0)[::hop]  # (W, bands, size)
    change = np.abs(np.diff(windows, axis=2)).mean(2)
    return np.concatenate([windows.mean(2), windows.std(2), change], 1).astype(np.float32)
