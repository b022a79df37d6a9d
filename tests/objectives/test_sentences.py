import signal

import numpy as np
import pytest
import torch

from bottega.datasets.lines import Lines
from bottega.errors import Interrupted
from bottega.networks.sentence import Decoder, Encoder, Words
from bottega.objectives.base import OptimizerSettings
from bottega.objectives.decoding import write
from bottega.objectives.sentences import Sentences, divergence, information
from bottega.randomness import Random
from bottega.representations.tokens import Tokens
from bottega.training.events import Stepped
from bottega.training.loop import Budget, TrainingSettings, fit

WORDS = [["red", "no", "my"], ["moon", "sea", "fox"], ["sets", "is", "ran"]]
LINES = [f"{a} {b} {c}" for a in WORDS[0] for b in WORDS[1] for c in WORDS[2]]
TOKENS = Tokens.learn(LINES, "characters", 400, ["calm", "loud"])
IDS = [TOKENS.encode(line) for line in LINES]
LABELS = np.array([0 if "sets" in line else 1 for line in LINES])


def small(classes=0, **numbers):
    torch.manual_seed(0)
    sizes = {"vocabulary": TOKENS.size, "latent": 8, "width": 32, "embedded": 16, "dropout": 0.0}
    optimizers = {"autoencoder": OptimizerSettings(lr=1e-2, clip=1.0)}
    return Sentences(
        encoder=Encoder(**sizes),
        decoder=Decoder(**sizes),
        words=Words(vocabulary=TOKENS.size, latent=8, embedded=16),
        special=TOKENS.special,
        classes=classes,
        optimizers=optimizers,
        **({"forgotten": 0.1} | numbers),
    )


def train(objective, folder, steps, labels=None, **wishes):
    settings = TrainingSettings(batch=9, previews=0, ema=0.0, report_seconds=0)
    more = {"description": {}, "resume": False, "on_event": lambda event: None} | wishes
    return fit(objective, Lines(IDS, TOKENS, labels), lambda rows: rows, settings, Budget(steps=steps), folder, **more)


@pytest.fixture(scope="module")
def learned(tmp_path_factory):
    objective = small()
    train(objective, tmp_path_factory.mktemp("run"), 150)
    return objective


def test_lines_come_back_from_their_places(learned):
    z = learned.locate(IDS)
    made = [TOKENS.decode(ids) for ids in learned.decode(z, Random(0), length=40)]
    assert sum(a == b for a, b in zip(made, LINES, strict=True)) >= 12
    assert not torch.equal(learned.encode(IDS), z)


def test_the_report_of_a_learned_model(learned):
    report = learned.report(IDS, samples=16)
    assert report.active >= 2 and not report.collapsed
    assert 0.5 < report.information <= np.log(27) + 1e-3
    assert report.nll <= report.bound
    assert report.kl > report.information - 1e-6
    assert report.nll < 12  # 3 words of 3 are 3.3 nats; spelling costs a little


def test_more_samples_bound_tighter(learned):
    one, many = learned.nats(IDS, samples=1).mean(), learned.nats(IDS, samples=64).mean()
    assert many < one
    assert (learned.nats(IDS, samples=4) == learned.nats(IDS, samples=4)).all()


def test_collapse_is_detected():
    objective = small().eval()
    with torch.no_grad():
        objective.encoder.place.weight.zero_()
        objective.encoder.place.bias.zero_()
    report = objective.report(IDS, samples=2)
    assert report.collapsed and report.active == 0
    assert report.kl == pytest.approx(0, abs=1e-6)
    assert report.nll == pytest.approx(report.bound, abs=0.5)


def test_active_units_and_information_of_a_synthetic_posterior():
    n = 200
    mean = torch.cat([Random(1).normal(n, 3), torch.full((n, 5), 0.3)], 1)
    narrow = torch.full((n, 8), -8.0)
    assert int((mean.var(0) > 0.01).sum()) == 3
    assert information(mean, narrow) == pytest.approx(np.log(n), abs=0.05)  # every place tells its work
    assert information(torch.zeros(n, 8), torch.zeros(n, 8)) == pytest.approx(0, abs=1e-5)
    assert divergence(torch.zeros(1), torch.zeros(1)) == 0


def test_the_weight_of_latent_space_rises():
    objective = small(rise=0.4, beta=0.5)
    assert [objective.weight(u) for u in (0.0, 0.2, 0.4, 1.0)] == pytest.approx([0, 0.25, 0.5, 0.5])


def test_what_is_free_costs_nothing_and_teaches_nothing():
    batch = torch.from_numpy(Lines(IDS, TOKENS).batch((0,), 0, 9)[0])
    losses = [small(free=free, hints=0.0).loss(batch, None, Random(0), 1.0)["loss"].item() for free in (0.0, 5.0)]
    tokens = sum(len(ids) + 1 for ids in IDS) / len(IDS)
    assert losses[1] - losses[0] == pytest.approx(8 * 5 / tokens, rel=0.1)


def test_hints_come_from_the_place_alone():
    objective = small(hints=(1.0, 0.0)).train()
    batch = torch.from_numpy(Lines(IDS, TOKENS).batch((0,), 0, 9)[0])
    for progress, learns in ((0.0, True), (1.0, False)):
        objective.zero_grad()
        objective.loss(batch, None, Random(0), progress)["loss"].backward()
        assert all(bool(p.grad.any()) == learns for p in objective.words.parameters())


def test_classes_are_told_not_predicted():
    objective = small(classes=2).eval()
    rows = torch.from_numpy(np.stack([Lines(IDS, TOKENS, LABELS).rows[0]]))
    assert objective.wanted(rows)[0, 0] == -100
    assert (objective.wanted(rows)[0, 1:] == rows[0, 2:]).all()
    opening = objective.writer(1, Random(1)).opening(np.empty(0, np.int64), 1)
    assert opening.tolist() == [TOKENS.bos, TOKENS.word("loud")]
    assert objective.nats(IDS[:1], [0]) != objective.nats(IDS[:1], [1])


def test_writing_is_a_function_of_the_seed(learned):
    def made(seed):
        writer = learned.writer(3, Random(seed))
        opening = writer.opening(np.empty(0, np.int64))
        return [TOKENS.decode(ids) for ids in write(writer, [opening] * 3, Random(seed), length=40)]

    assert made(1) == made(1) != made(2)


def test_an_interrupted_run_resumes_bit_for_bit(tmp_path):
    whole, halves = small(), small()
    train(whole, tmp_path / "whole", 12)

    def stop(event):
        if isinstance(event, Stepped) and event.step == 5:
            signal.raise_signal(signal.SIGTERM)

    with pytest.raises(Interrupted):
        train(halves, tmp_path / "halves", 12, on_event=stop)
    other = small()
    train(other, tmp_path / "halves", 12, resume=True)
    for name, weights in whole.state_dict().items():
        assert torch.equal(weights, other.state_dict()[name]), name
