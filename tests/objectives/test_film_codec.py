"""The codec of films learns, codes long films in parts, and draws loops without a seam."""

from typing import Any

import pytest
import torch
from tests.objectives.learning import learn

from bottega.networks.film import Critic, Decoder, Encoder
from bottega.objectives import film_codec
from bottega.objectives.base import OptimizerSettings
from bottega.objectives.film_codec import FilmCodec, differences
from bottega.randomness import Random


def balls(n: int, frames: int, key: int) -> torch.Tensor:
    """A bright disc that moves to the right, ``(n, 1, frames, 32, 32)`` in [-1, 1]."""
    place = 6 + 14 * Random(key, "place").uniform(n, 1, 2)
    x = place[..., 0] + 1.0 * torch.arange(frames)
    grid = torch.arange(32.0)
    off = (grid[:, None] - place[..., 1, None, None]).square() + (grid - x[..., None, None]).square()
    return ((16 - off).clamp(-1, 1))[:, None]


def untrained(**critic: int) -> dict[str, Any]:
    """The networks of a codec of small grey films."""
    torch.manual_seed(0)
    numbers = {"shape": (1, 4, 32, 32), "latent": 4, "channels": (32, 32)}
    return {
        "encoder": Encoder(**numbers), "decoder": Decoder(**numbers), "critic": Critic(shape=numbers["shape"], **critic)
    }  # fmt: skip


@pytest.fixture(scope="module")
def trained() -> FilmCodec:
    codec = FilmCodec(**untrained(width=16), optimizers={"codec": OptimizerSettings(lr=2e-3, muon=0.02, clip=1.0)})
    learn(codec, lambda step: balls(4, 4, step), 120, calm=80)
    return codec


def test_rebuilds_films_it_has_not_seen(trained):
    x = balls(4, 6, 999)
    y = trained.decode(trained.encode(x)).clamp(-1, 1)
    blank = (x - x.mean()).square().mean()
    assert (y - x).square().mean() < 0.25 * blank


def test_a_frame_is_a_latent_frame_and_parts_change_nothing(trained, monkeypatch):
    x = balls(1, 11, 5)
    whole = trained.encode(x)
    assert whole.shape == (1, trained.width, 11) and trained.hop == 1
    drawn = trained.decode(whole)
    monkeypatch.setattr(film_codec, "BLOCK", 4)
    assert torch.allclose(trained.encode(x), whole, atol=1e-5)
    assert torch.allclose(trained.decode(whole), drawn, atol=1e-5)


def test_a_loop_is_drawn_the_same_wherever_it_begins(trained):
    z = trained.encode(balls(1, 9, 6))
    drawn = trained.decode(z, loop=True)
    turned = trained.decode(z.roll(4, 2), loop=True)
    assert torch.allclose(drawn.roll(4, 2), turned, atol=1e-5)
    assert not torch.allclose(drawn, trained.decode(z), atol=1e-5)


def test_the_critic_judges_what_the_codec_drew_once_it_plays():
    networks = untrained()
    codec, x = FilmCodec(**networks, detail=2.0, since=0.5, kl=0.1), balls(2, 4, 1)
    said = codec.loss(x, None, Random(0), 0.4)
    assert said["loss"].item() == pytest.approx((said["pixels"] + said["edges"] + 0.1 * said["kl"]).item(), rel=1e-5)
    assert [phase.since for phase in codec.phases()] == [0.0, 0.5]
    said = codec.loss(x, None, Random(0), 0.75)  # with half its weight, in units of the differences
    wanted = (said["pixels"] + said["edges"]) * (1 + said["detail"]) + 0.1 * said["kl"]
    assert said["loss"].item() == pytest.approx(wanted.item(), rel=1e-5)
    judged = codec.critic_loss(x, None, Random(0), 0.75)
    assert judged["loss"] > 0 and 0 <= judged["told apart"] <= 1 and codec.seen is None


def test_every_second_film_is_drawn_under_noise_of_which_the_encoder_hears_nothing():
    networks = untrained()
    seen: list[torch.Tensor] = []
    networks["decoder"].register_forward_pre_hook(lambda _module, given: seen.append(given[0].detach()))
    x = balls(2, 4, 1)
    for noise, progress in ((0.0, 1.0), (4.0, 0.5), (2.0, 1.0), (4.0, 1.0)):
        FilmCodec(**networks, noise=noise).loss(x, None, Random(3), progress)
    plain, early, some, more = seen
    assert torch.equal(plain, early) and torch.equal(plain[0], more[0])
    wanted = 2 * networks["encoder"](x)[0].std() * Random(3).child("level").uniform(2, 1, 1)[1]
    assert (some - plain)[1].std().item() == pytest.approx(wanted.item(), rel=0.1)
    assert torch.allclose((more - plain)[1], 2 * (some - plain)[1], atol=1e-5)

    def heard(film: int) -> float:
        """How much the encoder is taught by one film of two."""
        networks["encoder"].zero_grad()
        codec = FilmCodec(**networks, noise=2.0, kl=0.0, detail=0.0)
        only = networks["decoder"].register_forward_hook(
            lambda _module, _given, drawn: torch.stack([y if i == film else y.detach() for i, y in enumerate(drawn)])
        )
        codec.loss(x, None, Random(3), 1.0)["loss"].backward()
        only.remove()
        return sum(p.grad.abs().sum().item() for p in networks["encoder"].parameters() if p.grad is not None)

    assert heard(0) > 0 and heard(1) == 0


def test_slopes_of_the_critic_are_penalised_in_turn():
    networks = untrained()

    def judged(gamma: float, seed: int) -> float:
        codec = FilmCodec(**networks, gamma=gamma)
        codec.loss(balls(2, 4, 1), None, Random(0), 1.0)
        return codec.critic_loss(balls(2, 4, 1), None, Random(seed), 1.0)["loss"].item()

    dearer = [judged(25.0, seed) - judged(0.0, seed) for seed in range(24)]
    assert 0 < sum(more > 0 for more in dearer) < len(dearer) and min(dearer) == 0


def test_differences_are_none_where_equal_and_see_edges():
    x = torch.rand(2, 3, 16, 16) * 1.8 - 0.9
    assert all(float(part) == 0 for part in differences(x, x).values())
    flat = {name: float(part) for name, part in differences(x, x + 0.5).items()}
    assert flat["pixels"] == pytest.approx(0.5, abs=1e-5) and flat["edges"] < 1e-5


def test_whiter_than_white_is_white():
    x = torch.tensor([-1.0, -1.0, 0.5, 1.0, 1.0]).expand(1, 1, 5, 5)
    beyond = torch.tensor([-1.2, -1.0, 0.5, 1.0, 1.2]).expand(1, 1, 5, 5)
    assert all(float(part) == 0 for part in differences(x, beyond).values())
    wrong = x.clone().requires_grad_()
    drawn = -1.2 * wrong  # at the wrong end of the range: wrong, and taught so
    parts = differences(x, drawn)
    assert parts["pixels"] > 1
    parts["pixels"].backward()
    assert (wrong.grad[x.abs() == 1] != 0).all()
