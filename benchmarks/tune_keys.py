"""Do tunes keep the key they were asked for, and do their bars come back? Beside the real tunes of the collection.

    python -m benchmarks tune_keys nottingham_midi --minutes 5 [--model MODEL]

``tune-rnn`` learns from the folder; then it writes tunes of sixteen bars in major and in minor on five tonics. A key is
kept when the key finder of Krumhansl & Kessler (1982), which the model has never seen, finds it again, or when the
lowest note that sounds last is its tonic; the scale alone, which is forced, would not do: a minor key and its relative
major have the same one. Real tunes, whose files tell their key, are measured in the same way: the finder errs on them
too.

Bars come back where all their notes, counted from the bar line, are those of an earlier bar.
"""

from pathlib import Path

import numpy as np

from bottega.crafts.score import form_of
from bottega.datasets.scores import prepare_scores
from bottega.datasets.scores.moods import fit
from bottega.media.score import Score
from bottega.models.scores import ScoreModel
from bottega.representations.events import Events
from bottega.representations.grid import laid_out, trimmed
from on_tunes import arguments, learned

MAJOR = np.array([6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88])
MINOR = np.array([6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17])
TONICS = (9, 2, 4, 7, 0)
BARS = 16
MODES = ("major", "minor")


def notes_of(score: Score) -> np.ndarray:
    """The notes of all tracks but drums."""
    return np.concatenate([track.notes for track in score.tracks if not track.drums])


def found(score: Score) -> int:
    """The key that the finder hears, 0 … 11 major and 12 … 23 minor."""
    notes = notes_of(score)
    classes = np.bincount(notes[:, 2] % 12, weights=notes[:, 1], minlength=12)
    (major, tonic), (minor, other) = fit(classes, MAJOR), fit(classes, MINOR)
    return tonic if major >= minor else 12 + other


def last_bass(score: Score) -> int:
    """The pitch class of the lowest note that sounds in the last sixteenth."""
    notes = notes_of(score)
    ends = notes[:, 0] + notes[:, 1]
    return int(notes[ends > ends.max() - score.quarter // 4, 2].min()) % 12


def kept(scores: list[tuple[Score, int]]) -> dict[str, list[tuple[bool, bool]]]:
    """For scores with the keys they should be in: by mode, whether the finder and the last bass agree."""
    by_mode = {mode: [] for mode in MODES}
    for score, key in scores:
        by_mode[MODES[key // 12]].append((found(score) == key, last_bass(score) == key % 12))
    return by_mode


def come_back(scores: list[Score], events: Events) -> float:
    """The share of bars that repeat an earlier one, mean over scores."""
    shares = []
    for score in scores:
        grid = trimmed(laid_out(score))
        try:
            form = form_of(events.bars(grid))
        except ValueError:
            continue  # a meter that the model does not know
        shares.append(np.mean([source < i for i, source in enumerate(form)]))
    return float(np.mean(shares))


def told(folder: Path) -> list[tuple[Score, int]]:
    """The tunes of a folder whose files tell their key."""
    data = prepare_scores(folder)
    scores = [data.score(row) for row in range(len(data.names))]
    return [(score, score.key[0] + 12 * (score.key[1] == "minor")) for score in scores if score.key]


def written(model: ScoreModel, n: int, seed: int) -> list[tuple[Score, int]]:
    """``n`` tunes in each of ten keys."""
    keys = [tonic + 12 * mode for mode in (0, 1) for tonic in TONICS]
    return [(work.content, key) for key in keys for work in model.generate(n, seed=seed + key, bars=BARS, key=key)]


def main() -> None:
    chosen = arguments(__doc__, "tunes in each key").parse_args()
    real = told(chosen.folder)
    with learned(chosen) as model:
        print(
            "| | mode | tunes | key found | last bass on the tonic | bars that come back |\n|---|---|--:|--:|--:|--:|"
        )
        for name, scores in (("real", real), ("written", written(model, chosen.n, chosen.seed))):
            back = come_back([score for score, _key in scores], model.events)
            for mode, some in kept(scores).items():
                finder, bass = np.mean(some, axis=0) if some else (np.nan, np.nan)
                print(f"| {name} | {mode} | {len(some)} | {finder:.0%} | {bass:.0%} | {back:.0%} |", flush=True)


if __name__ == "__main__":
    main()
