import signal

import numpy as np
import pytest
import torch

from bottega.datasets.lines import Lines
from bottega.errors import Interrupted
from bottega.networks.sentence import Decoder
from bottega.networks.text_critic import Critic
from bottega.objectives.base import OptimizerSettings
from bottega.objectives.decoding import write
from bottega.objectives.sequence_game import SequenceGame, mean
from bottega.randomness import Random
from bottega.representations.tokens import Tokens
from bottega.training.events import Stepped
from bottega.training.loop import Budget, TrainingSettings, fit

LINES = [f"{a} {b}" for a in ("red", "no", "my", "a") for b in ("moon", "sea", "fox", "rain")]
TOKENS = Tokens.learn(LINES, "characters", 400)
ROWS = Lines([TOKENS.encode(line) for line in LINES], TOKENS)
BATCH = torch.from_numpy(ROWS.batch((0,), 0, 16)[0])


def small(**numbers):
    torch.manual_seed(0)
    optimizers = {"model": OptimizerSettings(lr=1e-2, clip=1.0), "critic": OptimizerSettings(lr=1e-2)}
    return SequenceGame(
        model=Decoder(vocabulary=TOKENS.size, latent=0, width=24, embedded=16, dropout=0.1),
        critic=Critic(vocabulary=TOKENS.size, width=16),
        special=TOKENS.special,
        optimizers=optimizers,
        **({"first": 0.5, "ahead": 0.2} | numbers),
    )


def train(objective, folder, steps, resume=False, on_event=lambda event: None):
    settings = TrainingSettings(batch=8, previews=0, report_seconds=0)
    fit(
        objective,
        ROWS,
        lambda rows: rows,
        settings,
        Budget(steps=steps),
        folder,
        description={},
        resume=resume,
        on_event=on_event,
    )


def test_likelihood_first_then_the_critic_then_the_game():
    objective = small().train()
    critic, model = objective.phases()
    shown = [
        (set(critic.loss(BATCH, None, Random(0), u)), set(model.loss(BATCH, None, Random(0), u)))
        for u in (0.1, 0.4, 0.6)
    ]
    assert shown[0] == ({"loss"}, {"loss"})
    assert shown[1] == ({"loss", "told apart"}, {"loss"})
    assert shown[2] == ({"loss", "told apart"}, {"loss", "nats", "verdict"})


def test_before_its_time_the_critic_stays_as_it_is(tmp_path):
    objective = small(first=1.0, ahead=0.0)
    before = {name: p.clone() for name, p in objective.critic.named_parameters()}
    train(objective, tmp_path, 3)
    for name, p in objective.critic.named_parameters():
        assert torch.allclose(p, before[name], atol=1e-6)


def test_the_critic_learns_to_tell_the_two_apart(tmp_path):
    told = []

    def listen(event):
        if isinstance(event, Stepped):
            told.append(event.losses["critic.told apart"])

    # the writer learns next to nothing: its texts stay noise
    objective = small(first=0.0)
    objective.optimizers["model"] = OptimizerSettings(lr=1e-9)
    train(objective, tmp_path, 40, on_event=listen)
    assert np.mean(told[-10:]) > 0.85


def test_what_a_critic_likes_becomes_likelier():
    objective = small(first=0.0, likelihood=0.0, patience=0.0).train()
    liked = TOKENS.encode("x")[0]

    class Likes(torch.nn.Module):
        def forward(self, ids):
            return (ids == liked).float()

    objective.critic = Likes()
    adam = torch.optim.Adam(objective.model.parameters(), 1e-2)

    def share():
        drawn = objective.draw(BATCH.repeat(8, 1), Random(9))
        return mean((drawn[:, 1:] == liked).float(), objective.predicted(drawn)).item()

    before = share()
    for step in range(25):
        adam.zero_grad()
        objective.loss_of_model(BATCH, None, Random(step), 1.0)["loss"].backward()
        adam.step()
    assert share() > 4 * before


def test_drawn_texts_end_and_nothing_follows():
    objective = small().eval()
    with torch.no_grad():
        objective.model.bias[TOKENS.eos] = 6
    drawn = objective.draw(BATCH, Random(1))
    assert drawn.shape == BATCH.shape and (drawn[:, 0] == TOKENS.bos).all()
    for row in drawn.tolist():
        if TOKENS.eos in row:
            assert set(row[row.index(TOKENS.eos) + 1 :]) <= {TOKENS.pad}
    assert torch.equal(drawn, objective.draw(BATCH, Random(1)))
    assert not torch.equal(drawn, objective.draw(BATCH, Random(2)))


def test_what_a_word_brings():
    objective = small(patience=0.5)
    assert objective.returns(torch.tensor([[1.0, 2.0, 4.0]])).tolist() == [[3.0, 4.0, 4.0]]


def test_it_writes_like_any_language_model():
    objective = small().eval()
    opening = objective.opening(TOKENS.encode("red "))
    made = write(objective, [opening] * 2, Random(0), length=12)
    assert len(made) == 2 and all(len(ids) <= 12 for ids in made)
    assert np.isfinite(objective.nats([TOKENS.encode("red fox")])).all()


def test_an_interrupted_run_resumes_bit_for_bit(tmp_path):
    whole, half, rest = small(), small(), small()
    train(whole, tmp_path / "whole", 8)

    def stop(event):
        if isinstance(event, Stepped) and event.step == 6:
            signal.raise_signal(signal.SIGTERM)

    with pytest.raises(Interrupted):
        train(half, tmp_path / "halves", 8, on_event=stop)
    train(rest, tmp_path / "halves", 8, resume=True)
    for name, weights in whole.state_dict().items():
        assert torch.equal(weights, rest.state_dict()[name]), name
