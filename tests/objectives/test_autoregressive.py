import numpy as np
import pytest
import torch

from bottega.networks.recurrent import Recurrent
from bottega.networks.transformer import Transformer
from bottega.objectives.autoregressive import Autoregressive
from bottega.randomness import Random

SPECIAL = {"bos": 0, "eos": 1, "pad": 2, "gap": 3, "middle": 4, "any": 5, "class 0": 6, "class 1": 7}


def objective(classes=0, network=Transformer, **numbers) -> Autoregressive:
    torch.manual_seed(0)
    size = {"heads": 2, "context": 16} if network is Transformer else {}
    model = network(vocabulary=40, width=32, layers=2, **size)
    for p in model.parameters():
        torch.nn.init.normal_(p, std=0.3)
    special = {name: n for name, n in SPECIAL.items() if classes or not name.startswith("class")}
    return Autoregressive(model=model, special=special, classes=classes, **numbers).eval()


def test_it_learns_to_continue():
    learner = objective(masked=0.1, infill=0.2, lengths=(6, 12))
    adam = torch.optim.Adam(learner.parameters(), 1e-2)
    rows = torch.arange(10, 23).repeat(8, 1)
    for step in range(80):
        loss = learner.loss(rows, None, Random(step), step / 80)["loss"]
        adam.zero_grad()
        loss.backward()
        adam.step()
    with torch.no_grad():
        assert (learner.model(rows[:1, :-1])[0].argmax(2) == rows[:1, 1:]).float().mean() > 0.9


def test_rows_are_cut_short_early():
    learner, rows = objective(lengths=(4, 16)), torch.arange(17)[None]
    assert learner.cut(rows, 0.0).tolist() == [
        [0, 1, 2, 3, 4],
        [4, 5, 6, 7, 8],
        [8, 9, 10, 11, 12],
        [12, 13, 14, 15, 16],
    ]
    assert learner.cut(rows, 0.9).shape == (1, 17)
    assert learner.cut(rows[:, :4], 0.9).shape == (1, 4)  # rows shorter than that stay whole


@pytest.mark.parametrize("seed", range(20))
def test_a_gap_moves_a_part_of_one_work_to_its_end(seed):
    row = torch.tensor([0, 10, 11, 12, 13, 1, 0, 6, 20, 21, 22, 23, 24, 1, 0, 30, 31])
    made = objective(classes=2, infill=1.0).with_gaps(row[None], Random(seed))[0].tolist()
    assert len(made) == len(row) and made.count(3) == 1 and made[0] == 0
    gap, middle = made.index(3), made.index(4)
    end = made.index(1, middle) if 1 in made[middle:] else len(made)
    back = made[:gap] + made[middle + 1 : end] + made[gap + 1 : middle] + made[end:]
    assert back == row.tolist()[: len(back)]


def test_classes_are_given_not_predicted():
    learner, rows = objective(classes=2, dropped=0.0), torch.tensor([[0, 6, 20, 21, 1, 0, 7, 22]])
    other = rows.clone()
    other[0, 6] = 6  # only the input of the last token changes, never a target
    with torch.no_grad():
        logits = learner.model(rows[:, :-1])[0]
        losses = torch.nn.functional.cross_entropy(logits[0], rows[0, 1:], reduction="none")
        kept = torch.tensor([False, True, True, True, True, False, True])
        assert torch.allclose(learner.loss(rows, None, Random(0), 0.5)["loss"], losses[kept].mean(), atol=1e-5)
        dropped = objective(classes=2, dropped=1.0)
        assert torch.equal(*(dropped.loss(r, None, Random(0), 0.5)["loss"] for r in (rows, other)))


@pytest.mark.parametrize("network", [Transformer, Recurrent])
@pytest.mark.parametrize("classes", [0, 2])
def test_nats_are_those_of_every_token_and_the_end(network, classes):
    judge = objective(classes, network)
    works = [np.arange(10, 10 + n) for n in (3, 12, 1, 7)]
    labels = [1, None, 0, 2] if classes else None
    found = judge.nats(works, labels)
    assert found.dtype == np.float64 and found.shape == (4,)
    for i, work in enumerate(works):
        row = np.append(judge.opening(work, labels[i] if labels else None), 1)
        with torch.no_grad():
            logits = judge.model(torch.from_numpy(row[None, :-1]))[0][0]
        skip = 1 if classes else 0
        expected = torch.nn.functional.cross_entropy(logits[skip:], torch.from_numpy(row[1 + skip :]), reduction="sum")
        assert found[i] == pytest.approx(float(expected), abs=1e-3)


def test_a_long_work_is_judged_in_pieces(monkeypatch):
    judge, work = objective(), np.random.default_rng(0).integers(8, 40, 100)
    whole = judge.nats([work])
    monkeypatch.setattr("bottega.objectives.autoregressive.TOGETHER", 7)
    assert judge.nats([work]) == pytest.approx(whole, abs=1e-3)


def test_openings():
    plain, steered, text = objective(), objective(2), np.array([20, 21])
    assert plain.opening(text).tolist() == [0, 20, 21]
    assert steered.opening(text).tolist() == [0, 5, 20, 21] == steered.opening(text, 2).tolist()
    assert steered.opening(text, 1).tolist() == [0, 7, 20, 21]
    assert plain.around(text, text + 5).tolist() == [0, 20, 21, 3, 25, 26, 4]
