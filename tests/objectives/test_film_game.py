"""The game of pairs, played with films."""

import pytest
import torch

from bottega.networks.clip import Discriminator, Generator
from bottega.objectives import latent
from bottega.objectives.base import OptimizerSettings
from bottega.objectives.film_game import FilmGame
from bottega.randomness import Random
from bottega.training.turns import Turn

SHAPE = (3, 4, 16, 16)


def game(classes: int = 0, **numbers) -> FilmGame:
    torch.manual_seed(0)
    generator = Generator(shape=SHAPE, classes=classes, latent=5, channels=(16, 8), behind=(16, 8))
    judge = Discriminator(shape=SHAPE, classes=classes, channels=(16, 8))
    optimizers = {name: OptimizerSettings(lr=3e-3, beta1=0.0) for name in ("generator", "discriminator")}
    return FilmGame(generator, judge, classes=classes, optimizers=optimizers, **numbers)


def test_the_films_of_one_turn_serve_the_other():
    played = game(lazy=1)
    x = torch.rand(4, *SHAPE) * 2 - 1
    played.discriminator_loss(x, None, Random(0, "d"), 0.5)["loss"].backward()
    assert all(p.grad is None for p in played.generator.parameters())
    made, verdict = played.made, played.verdict
    assert made is not None and verdict is not None and not verdict.requires_grad
    shown = played.generator_loss(x, None, Random(0, "g"), 0.5)
    assert played.made is None and played.verdict is None
    assert 0 < float(shown["in front"]) < 1
    shown["loss"].backward()
    assert all(p.grad is not None for p in played.generator.parameters())


def test_the_turn_of_the_generator_can_stand_alone():
    x = torch.rand(4, *SHAPE) * 2 - 1
    assert torch.isfinite(game().generator_loss(x, None, Random(0, "g"), 0.5)["loss"])


def test_what_is_in_front_costs():
    x = torch.rand(4, *SHAPE) * 2 - 1
    losses = [game(front=front).generator_loss(x, None, Random(0, "g"), 0.5) for front in (0.0, 1.0)]
    more = float((losses[1]["loss"] - losses[0]["loss"]).detach())
    assert more == pytest.approx(float(losses[0]["in front"]), rel=1e-3)


def test_samples_are_functions_of_their_seed_and_have_classes():
    played = game(classes=2)
    label = torch.tensor([0, 1, 2])
    films = played.sample(3, label, Random(1))
    assert films.shape == (3, *SHAPE) and not films.requires_grad
    assert torch.equal(films, played.sample(3, label, Random(1)))
    assert not torch.equal(films, played.sample(3, label, Random(2)))
    assert torch.equal(films[:, :, :2], played.sample(3, label, Random(1), frames=2))
    assert played.longest == 4


def test_films_are_found_again_and_varied(monkeypatch):
    monkeypatch.setattr(latent, "MANY", 16)
    monkeypatch.setattr(latent, "STEPS", 15)
    played = game()
    place = played.places(1, None, Random(3))
    film = played.from_latent(place)
    assert torch.equal(played.vary(place, 0.0, 2, Random(0))[0], played.vary(place, 0.0, 2, Random(1))[1])
    found = played.to_latent(film, None, Random(4))
    nearer = float((played.from_latent(found) - film).square().mean())
    assert nearer < 0.7 * float((played.sample(8, None, Random(5)) - film).square().mean())


def test_the_game_brings_films_nearer_to_the_one_there_is():
    """Bright frames: at first the films are grey; after some turns they are brighter."""
    film = torch.ones(4, *SHAPE)
    played = game(lazy=2, front=0.0)
    before = float(played.sample(8, None, Random(9)).mean())
    turns = [Turn(played, phase) for phase in played.phases()]
    for step in range(12):
        for turn in turns:
            losses = turn.phase.loss(film, None, Random(0, step, turn.phase.name), 0.0)
            turn.backward(losses["loss"])
            turn.step(0.0, 1.0, torch.tensor(1.0))
            turn.close()
    assert float(played.sample(8, None, Random(9)).mean()) > before + 0.1
