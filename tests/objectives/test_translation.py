"""The toy task of reversal, learned in seconds, and what a trained model has to obey."""

import numpy as np
import pytest
import torch

from bottega.datasets.pairs import Pairs
from bottega.networks.encoder_decoder import EncoderDecoder
from bottega.objectives.base import OptimizerSettings
from bottega.objectives.translation import Smoothed, Translation
from bottega.randomness import Random
from bottega.training.turns import Turn

SPECIAL = {"bos": 0, "eos": 1, "pad": 2, "gap": 3, "middle": 4, "any": 5}
LETTERS, FIRST = 20, 6


class Vocabulary:
    size, special = 32, SPECIAL
    pieces = [b""] * FIRST + [bytes([97 + k]) for k in range(26)]


def texts(n, longest, seed):
    numbers = np.random.default_rng(seed)
    return [numbers.integers(FIRST, FIRST + LETTERS, numbers.integers(1, longest + 1)) for _ in range(n)]


def untrained(classes=0, **numbers):
    torch.manual_seed(0)
    network = EncoderDecoder(vocabulary=32, width=64, encoder=1, decoder=1, heads=4, inner=96, dropout=0.0)
    return Translation(model=network, special=SPECIAL, classes=classes, **numbers)


def trained(steps):
    settings = OptimizerSettings(lr=3e-3, beta2=0.98, muon=0.02, matrices=True, warmup=0.05, cooldown=0.7)
    objective, sources = untrained(smoothing=0.0, optimizers={"model": settings}), texts(20000, 8, 0)
    pairs = Pairs(sources, Vocabulary(), targets=[text[::-1] for text in sources])
    turn = Turn(objective, objective.phases()[0])
    for step in range(steps):
        batch, _labels = pairs.batch((0,), step, 96)
        turn.backward(objective.loss(torch.from_numpy(batch), None, Random(0, step), step / steps)["loss"])
        turn.step(step / steps, 1.0, torch.tensor(1.0))
        turn.close()
    return objective.eval()


@pytest.fixture(scope="module")
def reversing():
    return trained(700)


@pytest.fixture(scope="module")
def hasty():
    """One that has learned little, and whose answers differ by how one searches."""
    return trained(90)


def test_it_reverses_every_text_it_has_never_seen(reversing):
    unseen = texts(300, 8, 1)
    for beams in (1, 4):
        answers = reversing.answers([reversing.source(text) for text in unseen], beams=beams)
        assert all((answer == text[::-1]).all() for answer, text in zip(answers, unseen, strict=True))


def test_beams_find_likelier_answers(hasty):
    sources = [hasty.source(text) for text in texts(60, 8, 1)]
    greedy = np.array([score for _ids, score in hasty.scored_answers(sources, beams=1)])
    beams = np.array([score for _ids, score in hasty.scored_answers(sources, beams=5)])
    assert beams.mean() > greedy.mean() + 0.01
    assert (beams >= greedy - 1e-4).mean() > 0.9


def test_the_score_is_the_likelihood_that_the_network_gives_at_once(hasty):
    sources = [hasty.source(text) for text in texts(30, 8, 1)]
    for beams in (1, 4):
        found = hasty.scored_answers(sources, beams=beams)
        nats = hasty.nats([ids for ids, _score in found], sources)
        fair = [((5 + len(ids) + 1) / 6) ** 0.6 for ids, _score in found]
        ended = [len(ids) < 2 * 9 + 9 for ids, _score in found]
        scores = np.array([-score for _ids, score in found])
        assert np.allclose((nats / fair)[ended], scores[ended], atol=2e-2)


def test_answers_do_not_depend_on_their_neighbours(hasty, monkeypatch):
    sources = [hasty.source(text) for text in texts(20, 8, 1)]
    together = hasty.answers(sources, beams=3)
    monkeypatch.setattr("bottega.objectives.translation.TOGETHER", 1)
    alone = hasty.answers(sources, beams=3)
    assert sum((a.tolist() == b.tolist()) for a, b in zip(together, alone, strict=True)) >= 19


def filled(model, targets, key, **more):
    """Gaps filled by a model that knows nothing of them."""
    sources = [model.source(text[text != SPECIAL["middle"]]) for text in targets]
    never, begins = np.array([FIRST]), np.ones(32, bool)
    return [one.tolist() for one in model.filled(targets, sources, Random(key), never=never, begins=begins, **more)]


def test_gaps_are_filled_with_other_words_and_the_rest_stays(hasty):
    targets = [np.array([9, 3, 10, 11, 4, 12, 13]), np.array([3, 7, 4]), np.array([8, 9])]
    first, again, other = (filled(hasty, targets, key, temperature=2.0, top_p=1.0) for key in (7, 7, 8))
    assert first == again != other
    for one, gap in ((first[0], 1), (first[1], 0), (other[0], 1)):
        end = one.index(4)
        inside = one[gap + 1 : end]
        assert one[: gap + 1] == [9, 3][1 - gap :] and one[end + 1 :] == ([12, 13] if gap else [])
        assert inside and inside[0] not in (10 if gap else 7, FIRST) and not set(inside) & {0, 1, 2, 3, 5, FIRST}
        held = 2 if gap else 1
        assert held <= len(inside) <= held + 1  # words, as each token begins one: a line keeps its measure
    assert first[2] == [8, 9]
    assert filled(hasty, targets, 1, temperature=0) == filled(hasty, targets, 2, temperature=0)


def test_an_empty_source_and_no_source_at_all(hasty):
    assert hasty.answers([]) == []
    assert len(hasty.answers([hasty.source(np.empty(0, np.int64))])) == 1
    assert filled(hasty, [], 0) == []


def test_the_smoothed_loss_is_that_of_torch():
    logits = torch.randn(9, 13, dtype=torch.float64, requires_grad=True)
    wanted = torch.randint(13, (9,))
    loss, nats = Smoothed.apply(logits, wanted, 0.1)
    (3 * loss).backward()
    mine, logits.grad = logits.grad, None
    theirs = torch.nn.functional.cross_entropy(logits, wanted, label_smoothing=0.1)
    (3 * theirs).backward()
    assert torch.allclose(loss, theirs)
    assert torch.allclose(mine, logits.grad)
    assert torch.allclose(nats, torch.nn.functional.cross_entropy(logits, wanted))


def test_it_knows_what_it_has_learned_from():
    works = texts(50, 10, 0)
    objective = untrained(optimizers={"model": OptimizerSettings(lr=1e-3)})
    batch, _labels = Pairs(works, Vocabulary(), targets=works).batch((0,), 0, 20)
    losses = objective.loss(torch.from_numpy(batch), None, Random(0), 0.0)
    assert set(losses) == {"loss", "nats"}
    assert not objective.rewrites
    batch, _labels = Pairs(works, Vocabulary()).batch((0,), 0, 20)
    objective.loss(torch.from_numpy(batch), None, Random(0), 0.0)
    assert objective.rewrites
    assert [phase.optimizer.lr for phase in objective.phases()] == [1e-3]


def test_some_of_the_answer_can_be_hidden_while_learning():
    works = texts(50, 10, 0)
    batch = torch.from_numpy(Pairs(works, Vocabulary(), targets=works).batch((0,), 0, 20)[0])
    shown, hidden = (untrained(hidden=share).loss(batch, None, Random(0), 0.0)["nats"] for share in (0.0, 0.9))
    assert shown != hidden


def test_a_class_stands_before_the_text():
    assert untrained().source(np.array([7, 8])).tolist() == [7, 8, 1]
    steered = untrained(classes=2)
    steered.special = SPECIAL | {"class 0": 6, "class 1": 7}
    assert steered.source(np.array([8])).tolist() == [5, 8, 1]
    assert steered.source(np.array([8]), 1).tolist() == [7, 8, 1]
