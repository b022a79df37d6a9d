"""The mood of a score, computed from its notes: valence (dark to bright) and arousal (calm to wild), Russell 1980.

Both are sums of a few plain measures, each as standard deviations from the mean of many tunes, so they are proxies:
they say how a tune compares with others, not what a listener feels.

- Arousal: how many notes begin in a second, the tempo, how loud notes are, how wide the register is.
- Valence: how much better a major key fits than a minor one, how consonant sounding notes are, how high they lie.

Which measures matter, and their signs, follow the summary in Gabrielsson & Lindström, "The role of structure in the
musical expression of emotions" (2010). The key profiles are those of Albrecht & Shanahan (2013).
"""

import numpy as np

from bottega.media.score import Score

MAJOR = np.array([0.238, 0.006, 0.111, 0.006, 0.137, 0.094, 0.016, 0.214, 0.009, 0.080, 0.008, 0.081])
MINOR = np.array([0.220, 0.006, 0.104, 0.123, 0.019, 0.103, 0.012, 0.214, 0.062, 0.022, 0.061, 0.052])
CONSONANCE = np.array([1.0, -1.0, -0.4, 0.5, 0.7, 0.6, -0.7, 0.9, 0.4, 0.6, -0.3, -0.8])
"""How well two notes agree, by the semitones between them, octaves apart."""
MOST_NOTES = 20_000  # of a score that are looked at
MEASURES = {  # mean and standard deviation over the built-in tunes and 800 folk tunes, and the weight in its mood
    "density": (1.47, 0.7, 1.0),  # binary logarithm of onsets in a second
    "tempo": (4.65, 0.3, 1.0),  # natural logarithm of felt beats in a minute
    "loudness": (78.0, 14.0, 0.6),  # mean velocity
    "span": (36.0, 5.0, 0.2),  # semitones between the lowest and the highest twentieth of the notes
    "mode": (0.12, 0.23, 1.0),  # difference of two correlations
    "consonance": (0.48, 0.09, 0.3),  # mean agreement of intervals
    "register": (55.0, 4.0, 0.3),  # mean pitch
}
AROUSAL = ("density", "tempo", "loudness", "span")
VALENCE = ("mode", "consonance", "register")
SPREAD = {"valence": 1.0, "arousal": 1.6}

LABELS: dict[str, tuple[float, float]] = {
    **{"q1": (1.0, 1.0), "q2": (-1.0, 1.0), "q3": (-1.0, -1.0), "q4": (1.0, -1.0)},
    **{"happy": (1.0, 0.8), "joyful": (1.0, 0.8), "angry": (-1.0, 1.0), "tense": (-0.8, 1.0), "afraid": (-1.0, 0.8)},
    **{"sad": (-1.0, -0.8), "melancholic": (-0.8, -0.8), "calm": (0.5, -1.0), "peaceful": (0.8, -1.0)},
    **{"tender": (0.8, -0.8), "relaxed": (0.8, -1.0), "excited": (0.8, 1.0)},
}
"""What names of classes say about mood; the quadrants as in EMOPIA (Hung et al. 2021)."""


def measures(score: Score) -> dict[str, float]:
    """The plain measures of a score, by the names in ``MEASURES``."""
    pitched = [track.notes for track in score.tracks if not track.drums] or [score.tracks[0].notes]
    notes = np.concatenate(pitched).astype(np.float64)  # (N, 4)
    notes = notes[np.argsort(notes[:, 0], kind="stable")][:MOST_NOTES]
    every = np.concatenate([track.notes[:, 0] for track in score.tracks])
    begun = np.unique(every).astype(np.float64)
    seconds = float(score.time_of(score.end) - score.time_of(begun[0]))
    starts, length, pitch, loud = notes.T
    low, high = np.quantile(pitch, (0.05, 0.95))
    classes = np.bincount(pitch.astype(int) % 12, weights=length, minlength=12)
    return {
        "density": float(np.log2(len(begun) / max(seconds, 0.5))),
        "tempo": float(np.log(tempo(score))),
        "loudness": float(loud.mean()),
        "span": float(high - low),
        "mode": fit(classes, MAJOR)[0] - fit(classes, MINOR)[0],
        "consonance": consonance(starts, length, pitch),
        "register": float(np.average(pitch, weights=length)),
    }


def tempo(score: Score) -> float:
    """The mean tempo in felt beats a minute: a compound meter (6/8, 9/8, 12/8) is felt in dotted quarters."""
    at = np.array([tick for tick, _bpm in score.tempos] + [max(score.end, score.tempos[-1][0] + 1)], np.float64)
    mean = float(np.average([bpm for _tick, bpm in score.tempos], weights=np.diff(at)))
    above, below = score.meter_at(0)
    return mean / 1.5 if below == 8 and above % 3 == 0 and above > 3 else mean


def fit(classes: np.ndarray, profile: np.ndarray) -> tuple[float, int]:
    """How well a profile fits the weights (12,) of pitch classes in the best key, a correlation; and its tonic."""
    correlations = fits(classes, profile)
    best = int(np.argmax(correlations))
    return float(correlations[best]), best


def fits(classes: np.ndarray, profile: np.ndarray) -> np.ndarray:
    """How well a profile fits the weights (12,) of pitch classes on each of the twelve tonics, correlations (12,)."""
    spread = classes.std()
    if spread < 1e-9:
        return np.zeros(12)
    keys = (profile - profile.mean())[(np.arange(12) - np.arange(12)[:, None]) % 12]  # (tonic, pitch class)
    return keys @ (classes - classes.mean()) / (12 * spread * profile.std())


def consonance(starts: np.ndarray, length: np.ndarray, pitch: np.ndarray) -> float:
    """The mean agreement of each note with those that sound when it begins, or with the one before when none does."""
    ends, total, count = starts + length, 0.0, 0
    for back in range(1, min(12, len(starts))):
        sounding = (ends[:-back] > starts[back:]) | (back == 1)
        apart = np.abs(pitch[back:] - pitch[:-back]).astype(int)[sounding] % 12
        total += float(CONSONANCE[apart].sum())
        count += len(apart)
    return total / max(count, 1)


def mood_of(score: Score) -> tuple[float, float]:
    """Valence and arousal, each about 0 ± 1 over many tunes."""
    found = measures(score)

    def side(names: tuple[str, ...], spread: float) -> float:
        parts = [(found[name] - MEASURES[name][0]) / MEASURES[name][1] for name in names]
        weights = [MEASURES[name][2] for name in names]
        return float(np.clip(np.dot(parts, weights) / spread, -3, 3))

    return side(VALENCE, SPREAD["valence"]), side(AROUSAL, SPREAD["arousal"])


def mood_of_label(label: str | None) -> tuple[float, float] | None:
    """What the name of a class says about mood; None when it says nothing."""
    return LABELS.get((label or "").strip().lower())
