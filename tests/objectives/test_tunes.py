"""What is told to a writer of tunes and what it has to foresee."""

import numpy as np
import pytest
import torch

from bottega.objectives.tunes import Tunes
from bottega.randomness import Random

SPECIAL = {"bos": 0, "eos": 1, "pad": 2, "gap": 3, "middle": 4, "any": 5}
WORDS, BARS, SIZE = 9, (10, 12), 16  # words 6-9, bars 10 and 11, notes 12-15
ROW = [0, 6, 7, 5, 5, 10, 9, 12, 13, 10, 8, 14, 11, 8, 15, 10, 8, 12, 1, 2, 2]


class Even(torch.nn.Module):
    """Holds everything for equally likely; remembers what it read."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = torch.nn.Parameter(torch.zeros(1))

    def begin(self, n: int) -> None:
        return None

    def forward(self, ids, state=None):
        self.read = ids
        return torch.zeros(*ids.shape, SIZE) + self.weight, state


def objective(**numbers) -> Tunes:
    return Tunes(model=Even(), special=SPECIAL, words=WORDS, bars=BARS, **numbers)


@pytest.mark.parametrize("seed", range(8))
def test_a_gap_is_of_whole_bars_and_nothing_is_lost(seed: int) -> None:
    row = torch.tensor(ROW + [2] * 4)
    begin, long = Random(seed).uniform(2).tolist()
    made = objective()._with_gap(row, begin, long).tolist()
    gap, middle = made.index(3), made.index(4)
    after, filled = made[gap + 1 : middle], made[middle + 1 : made.index(1)]
    assert filled[0] in (10, 11) and (not after or after[0] in (10, 11))
    assert made[:gap] + filled + after == ROW[:18]
    assert len(made) == len(row)


def test_words_are_told_and_left_out_now_and_then() -> None:
    rows = torch.tensor([ROW] * 400)
    some = objective(dropped=0.2)
    loss = some.loss(rows, None, Random(0, 0, "model"), 0.0)["loss"]
    assert loss.item() == pytest.approx(np.log(SIZE))
    read = some.model.read
    kept = (read[:, 1] == 6).float().mean().item()
    assert 0.55 < kept < 0.75  # 0.8 * 0.8
    assert (read[:, 5] == 10).all()  # bars are never left out
    none = ((read[:, [1, 2, 6]] == 5).all(1)).float().mean().item()
    assert 0.15 < none < 0.3


def test_likelihood_counts_what_is_predicted() -> None:
    work = np.array(ROW[5:18])
    nats = objective().nats([work], [np.array(ROW[:5])])
    assert nats[0] == pytest.approx((len(work) - 4 + 1) * np.log(SIZE), rel=1e-5)  # four words are told; the end is not
    assert objective().nats([work])[0] == pytest.approx(nats[0])
