import torch

from bottega.objectives.relativistic import Relativistic
from bottega.randomness import Random


class Point(torch.nn.Module):
    """Draws the same picture whatever z is."""

    latent = 4

    def __init__(self):
        super().__init__()
        self.picture = torch.nn.Parameter(torch.zeros(3, 8, 8))

    def forward(self, z, label=None):
        return self.picture + 0 * z[:, :1, None, None]


class Plane(torch.nn.Module):
    """Judges by one direction, so that the slope is known: every one of 192 numbers has weight w."""

    def __init__(self, w=0.1):
        super().__init__()
        self.w = torch.nn.Parameter(torch.full((192,), w))

    def forward(self, x, label=None):
        return x.flatten(1) @ self.w


def game(**numbers):
    return Relativistic(Point(), Plane(), classes=0, optimizers={}, mirror=False, **numbers)


def test_the_loss_is_that_of_the_paper():
    x = torch.ones(2, 3, 8, 8)
    loss = game(gamma=0.0).discriminator_loss(x, None, Random(0), 0.0)["loss"]
    assert torch.isclose(loss, torch.nn.functional.softplus(torch.tensor(-19.2)), atol=1e-6)
    penalised = game(gamma=2.0).discriminator_loss(x, None, Random(0), 0.0)["loss"]
    assert torch.isclose(penalised - loss, torch.tensor(2 * 192 * 0.01), rtol=1e-3)  # γ/2 (R1 + R2)
    made = game().generator_loss(x, None, Random(0), 0.0)["loss"]
    assert torch.isclose(made, torch.tensor(19.2), rtol=1e-3)


def test_lazy_penalties_come_as_often_and_weigh_as_much_as_promised():
    x, lazy = torch.ones(2, 3, 8, 8), game(gamma=2.0, lazy=4)
    losses = [lazy.discriminator_loss(x, None, Random(0, step), 0.0)["loss"].item() for step in range(400)]
    assert abs(sum(losses) / 400 - 2 * 192 * 0.01) < 0.6
    assert 60 < sum(loss > 1 for loss in losses) < 140


def test_the_generator_learns_towards_the_works():
    torch.manual_seed(0)
    objective = game(gamma=0.1)
    target = torch.linspace(-1, 1, 192).view(1, 3, 8, 8).expand(8, -1, -1, -1)
    adams = {
        name: torch.optim.Adam(getattr(objective, name).parameters(), 0.02) for name in ("generator", "discriminator")
    }
    far = (objective.generator.picture - target[0]).abs().mean().item()
    for step in range(600):
        for phase in objective.phases():
            for adam in adams.values():
                adam.zero_grad()
            phase.loss(target.clone(), None, Random(0, step, phase.name), 0.5)["loss"].backward()
            adams[phase.name].step()
    assert (objective.generator.picture - target[0]).abs().mean().item() < 0.3 * far


class Ear(torch.nn.Module):
    """A critic that sees a sound at double size."""

    def __init__(self):
        super().__init__()
        self.w = torch.nn.Parameter(torch.full((32,), 0.1))

    def look(self, x):
        return 2 * x[:, 0]

    def judge(self, seen, label=None):
        return seen @ self.w

    def forward(self, x, label=None):
        return self.judge(self.look(x), label)


class Hum(torch.nn.Module):
    latent = 4

    def __init__(self):
        super().__init__()
        self.sound = torch.nn.Parameter(torch.zeros(1, 32))

    def forward(self, z, label=None):
        return self.sound + 0 * z[:, :1, None]


def test_slopes_are_those_of_what_a_critic_sees_of_a_sound():
    heard, x = Relativistic(Hum(), Ear(), classes=0, optimizers={}, mirror=False, gamma=2.0), torch.ones(2, 1, 32)
    loss = heard.discriminator_loss(x, None, Random(0), 0.0)["loss"]
    without = torch.nn.functional.softplus(torch.tensor(-6.4))
    assert torch.isclose(loss - without, torch.tensor(2 * 32 * 0.01), rtol=1e-3)  # not of samples: four times as much
    made = heard.generator_loss(x, None, Random(0), 0.0)["loss"]
    assert torch.isclose(made, torch.nn.functional.softplus(torch.tensor(6.4)), rtol=1e-3)
    made.backward()
    assert (heard.generator.sound.grad < 0).all()
