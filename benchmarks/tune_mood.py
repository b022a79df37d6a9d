"""Do tunes have the mood they were asked for? Spearman's correlation over a grid of five by five moods.

    python -m benchmarks tune_mood nottingham_midi --minutes 5 [--model MODEL] [--guidance 1.5 3]

``tune-rnn`` learns from the folder; then it writes some tunes for each of twenty-five moods, valence and arousal from
-0.8 to 0.8, and ``mood_of`` measures what came out: valence by mode, consonance and height, arousal by the density of
the notes, tempo, loudness and range. The correlation is that of what was asked for with what was measured, over tunes.

Three ways: as a person gets them; with the tempo fixed; and with tempo and loudness fixed, so that only the notes
can tell. The baseline knows nothing of what was asked for: the same tunes dealt to moods at random.
"""

from dataclasses import replace

import numpy as np

from bottega.datasets.scores.moods import mood_of
from bottega.media.score import Score
from bottega.randomness import Random
from on_tunes import arguments, learned

MOODS = (-0.8, -0.4, 0.0, 0.4, 0.8)
TEMPO, LOUDNESS = 120.0, 90


def ranks(values: np.ndarray) -> np.ndarray:
    """Mean ranks: equal values share theirs."""
    _sorted, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    return (counts.cumsum() - (counts - 1) / 2)[place]


def spearman(a: np.ndarray, b: np.ndarray) -> float:
    """Spearman's correlation."""
    return float(np.corrcoef(ranks(a), ranks(b))[0, 1])


def even(score: Score) -> Score:
    """All notes equally loud."""
    tracks = [replace(track, notes=track.notes.copy()) for track in score.tracks]
    for track in tracks:
        track.notes[:, 3] = LOUDNESS
    return replace(score, tracks=tracks)


def at(score: Score, bpm: float) -> Score:
    """At another tempo."""
    return replace(score, tempos=[(0, bpm)])


def measure(model, n: int, bars: int, seed: int, **controls) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """What was asked for ``(25 n, 2)``, and what was measured in each way."""
    asked, scores = [], []
    for valence in MOODS:
        for arousal in MOODS:
            made = model.generate(n, seed=seed, bars=bars, mood=(valence, arousal), **controls)
            asked += [(valence, arousal)] * n
            scores += [work.content for work in made]
    ways = {
        "as they are": scores,
        "tempo fixed": [at(score, TEMPO) for score in scores],
        "tempo and loudness fixed": [even(at(score, TEMPO)) for score in scores],
    }
    return np.array(asked), {name: np.array([mood_of(score) for score in some]) for name, some in ways.items()}


def main() -> None:
    parser = arguments(__doc__, "tunes for each mood")
    parser.add_argument("--bars", type=int, default=8)
    parser.add_argument("--guidance", type=float, nargs="+", default=[1.0, 1.5, 3.0])
    chosen = parser.parse_args()
    with learned(chosen) as model:
        print("| guidance | | valence | arousal |\n|--:|---|--:|--:|")
        for guidance in chosen.guidance:
            asked, ways = measure(model, chosen.n, chosen.bars, chosen.seed, guidance=guidance)
            for name, found in ways.items():
                valence, arousal = (spearman(asked[:, k], found[:, k]) for k in (0, 1))
                print(f"| {guidance:g} | {name} | {valence:.2f} | {arousal:.2f} |", flush=True)
            order = Random(chosen.seed, "shuffle").permutation(len(asked)).numpy()
            valence, arousal = (spearman(asked[order, k], ways["as they are"][:, k]) for k in (0, 1))
            print(f"| {guidance:g} | dealt at random | {valence:.2f} | {arousal:.2f} |", flush=True)


if __name__ == "__main__":
    main()
