"""Films of high dynamic range on an ordinary screen: light from BT.2100 codes, brought to the colours of BT.709."""

from functools import cache

import numpy as np

PQ, HLG = 16, 18  # FFmpeg's numbers of the transfer functions
WHITE = 203.0  # nits of a sheet of paper (ITU-R BT.2408)
KNEE = 0.75  # up to here light stays as it is; above it is compressed
STEPS = 4095  # of the table that turns light into codes
MOST = 5.0  # times the light of paper: 1,000 nits
TO_709 = np.array(
    [[1.6605, -0.5876, -0.0728], [-0.1246, 1.1329, -0.0083], [-0.0182, -0.1006, 1.1187]], np.float32
)  # ITU-R BT.2087


@cache
def light(transfer: int) -> np.ndarray:
    """The light of each 16-bit code, float32 ``(65536,)``, where paper is 1."""
    code = np.arange(65536) / 65535
    if transfer == PQ:  # SMPTE ST 2084
        power = code ** (1 / 78.84375)
        nits = 10_000 * (np.maximum(power - 0.8359375, 0) / (18.8515625 - 18.6875 * power)) ** (1 / 0.1593017578125)
    else:  # ITU-R BT.2100, on a display of 1,000 nits
        scene = np.where(code <= 0.5, code**2 / 3, (np.exp((code - 0.55991073) / 0.17883277) + 0.28466892) / 12)
        nits = 1000 * scene**1.2
    return (nits / WHITE).astype(np.float32)


@cache
def codes() -> np.ndarray:
    """The 8-bit code of light from 0 to ``MOST``, uint8 ``(STEPS + 1,)``; the table's steps are finer in the dark."""
    amount = MOST * (np.arange(STEPS + 1) / STEPS) ** 2
    soft = KNEE + (1 - KNEE) * (1 - np.exp(-(np.maximum(amount, KNEE) - KNEE) / (1 - KNEE)))
    return np.rint(255 * np.where(amount <= KNEE, amount, soft) ** (1 / 2.4)).astype(np.uint8)


def tamed(pixels: np.ndarray, transfer: int) -> np.ndarray:
    """A picture in BT.2020 colours, uint16 ``(H, W, 3)``, as an ordinary one, uint8 ``(H, W, 3)``."""
    linear = light(transfer)[pixels] @ TO_709.T
    return codes()[np.rint(np.sqrt(np.clip(linear / MOST, 0, 1)) * STEPS).astype(np.uint16)]
