"""Notes played from the samples of a SoundFont."""

import numpy as np

from bottega.media.synthesis.soundfont import (
    ATTACK,
    ATTENUATION,
    COARSE,
    DECAY,
    DELAY,
    FILTER,
    FINE,
    HOLD,
    MODES,
    PAN,
    PLACES,
    RELEASE,
    ROOT,
    SCALE,
    SUSTAIN,
    Region,
    SoundFont,
)

LONGEST_RELEASE = 3.0  # seconds
SILENCE = 100.0  # decibels that envelopes fall from full to nothing
OPEN = 13_500  # cents above 8.176 Hz: a filter that is open


def sampled_note(font: SoundFont, preset: int, pitch: int, strength: float, held: int, rate: int) -> np.ndarray:
    """One note, float32 (2, N): all regions of the preset that its key and strength belong to."""
    velocity = max(1, round(127 * strength))
    parts = [
        region_note(font, region, pitch, held, rate)
        for region in font.regions(preset)
        if region.keys[0] <= pitch <= region.keys[1] and region.strengths[0] <= velocity <= region.strengths[1]
    ]
    out = np.zeros((2, max((part.shape[1] for part in parts), default=held)), np.float32)
    for part in parts:
        out[:, : part.shape[1]] += part
    return out * np.float32(strength**2)


def region_note(font: SoundFont, region: Region, pitch: int, held: int, rate: int) -> np.ndarray:
    """What one region plays: float32 (2, N)."""
    head = font.tables[b"shdr"][region.sample]
    root = region.value(ROOT) if region.value(ROOT) >= 0 else int(head["pitch"]) if head["pitch"] <= 127 else 60
    cents = (
        (pitch - root) * region.value(SCALE) + 100 * region.value(COARSE) + region.value(FINE) + int(head["correction"])
    )
    speed = 2.0 ** (float(cents) / 1200) * max(int(head["rate"]), 1) / rate
    curve = envelope(region, held, rate)
    tone = resampled(*cut(font, region), float(np.clip(speed, 1e-3, 64)), len(curve), region.value(MODES))
    tone = filtered(tone, region, rate) * curve[: len(tone)]
    gain = 10 ** (-0.4 * max(0, region.value(ATTENUATION)) / 200)  # players take two fifths of what is written
    angle = (np.clip(region.value(PAN), -500, 500) / 500 + 1) * np.pi / 4
    return np.stack([np.cos(angle) * tone, np.sin(angle) * tone]).astype(np.float32) * np.float32(gain)


def cut(font: SoundFont, region: Region) -> tuple[np.ndarray, int, int]:
    """The samples of a region and its loop, with the offsets that it asks for."""
    samples, loop_start, loop_end = font.sample(region.sample)
    start, end, first, last = (region.value(fine) + 32_768 * region.value(coarse) for fine, coarse in PLACES)
    start = min(max(start, 0), len(samples))
    samples = samples[start : len(samples) + min(end, 0)]
    return samples, loop_start + first - start, loop_end + last - start


def resampled(samples: np.ndarray, loop_start: int, loop_end: int, speed: float, count: int, modes: int) -> np.ndarray:
    """At most ``count`` samples, read ``speed`` at a time, the loop again and again: float32."""
    if len(samples) < 2:
        return np.zeros(0, np.float32)
    place = np.arange(count) * speed
    looped = modes & 1 and loop_start >= 0 and loop_start + 2 <= loop_end <= len(samples)
    if looped:
        beyond = place >= loop_end
        place[beyond] = loop_start + np.remainder(place[beyond] - loop_start, loop_end - loop_start)
    else:
        place = place[place < len(samples) - 1]
    before = place.astype(np.int64)
    after = before + 1
    if looped:
        after[after >= loop_end] = loop_start
    share = (place - before).astype(np.float32)
    return samples[before] * (1 - share) + samples[np.minimum(after, len(samples) - 1)] * share


def envelope(region: Region, held: int, rate: int) -> np.ndarray:
    """Loudness over time: delay, attack, hold, decay to a level, and release from ``held`` on: float32 (N,)."""
    sustain = min(max(region.value(SUSTAIN), 0) / 10, SILENCE)  # decibels below full
    release = min(max(region.time(RELEASE), 0.01), LONGEST_RELEASE)
    count = held + int(release * rate)
    time = np.arange(count, dtype=np.float32) / rate
    delay, attack, hold = region.time(DELAY), max(region.time(ATTACK), 0.001), region.time(HOLD)
    fallen = np.clip((time - delay - attack - hold) / max(region.time(DECAY), 1e-3) * SILENCE, 0, sustain)
    fallen += np.clip((time - held / rate) / release, 0, 1) * SILENCE
    curve = np.clip((time - delay) / attack, 0, 1) * 10 ** (-fallen / 20)
    fade = min(count, max(2, int(0.005 * rate)))
    curve[-fade:] *= np.linspace(1, 0, fade, dtype=np.float32)
    return curve.astype(np.float32)


def filtered(tone: np.ndarray, region: Region, rate: int) -> np.ndarray:
    """Without what the resting filter of a region takes away, two poles of it."""
    if region.value(FILTER) >= OPEN or not len(tone):
        return tone
    corner = 8.176 * 2 ** (max(region.value(FILTER), 1_500) / 1200)
    waves = np.fft.rfft(tone)
    frequency = np.fft.rfftfreq(len(tone), 1 / rate)
    return np.fft.irfft(waves / np.sqrt(1 + (frequency / corner) ** 4), len(tone)).astype(np.float32)
