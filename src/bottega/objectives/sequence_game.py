"""The sequence GAN (Yu et al. 2017, arXiv:1609.05473): a writer that learns from a critic's verdict.

Words cannot be changed a little, so the critic sends no gradient: the writer draws texts and makes those words likelier
that brought more than usual (REINFORCE). It learns by likelihood first. Here the critic judges after each word instead
of rollouts to the end (de Masson d'Autume et al. 2019, arXiv:1905.09922), what is usual is the mean of the batch at the
same place, and likelihood keeps its part beside the game, without which the texts soon are all alike.
"""

from typing import ClassVar

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, softplus

from bottega.objectives.autoregressive import Autoregressive
from bottega.objectives.base import OptimizerSettings, Phase
from bottega.objectives.choosing import choose
from bottega.randomness import Random


class SequenceGame(Autoregressive):
    """A writer and a critic; once trained, the writer is a language model like any other.

    Args:
        model: ``ids (B, T), state -> logits (B, T, V), state``; with ``begin(n)`` for the state of ``n`` new texts.
        critic: ``ids (B, T) -> logits (B, T)``, how real each text looks after each token.
        special: numbers of the special tokens, as ``Tokens.special``.
        classes: how many; 0 when nothing steers.
        optimizers: per phase ("model", "critic").
        masked, dropped: as in ``Autoregressive``.
        first: share of training by likelihood alone.
        ahead: share of training by which the critic begins before the game does.
        likelihood: weight of the likelihood beside the game.
        patience: what a verdict counts one word earlier, in [0, 1].
    """

    averaged = ("model",)
    controls: ClassVar[dict[str, float]] = {**Autoregressive.controls, "temperature": 1.0}

    def __init__(
        self,
        *,
        model: nn.Module,
        critic: nn.Module,
        special: dict[str, int],
        classes: int = 0,
        optimizers: dict[str, OptimizerSettings] | None = None,
        masked: float = 0.0,
        dropped: float = 0.15,
        first: float = 0.7,
        ahead: float = 0.1,
        likelihood: float = 1.0,
        patience: float = 0.9,
    ) -> None:
        super().__init__(
            model=model, special=special, classes=classes, optimizers=optimizers, masked=masked, dropped=dropped
        )
        self.critic = critic
        self.first, self.ahead, self.likelihood, self.patience = first, ahead, likelihood, patience

    def phases(self) -> list[Phase]:
        model, critic = (self.optimizers.get(name, OptimizerSettings()) for name in ("model", "critic"))
        return [
            Phase("critic", ("critic",), self.loss_of_critic, critic),
            Phase("model", ("model",), self.loss_of_model, model),
        ]

    def loss_of_critic(self, batch: Tensor, label: Tensor | None, random: Random, progress: float):
        """-log D(x) - log(1 - D(made)) after each token; nothing before its time."""
        if progress < self.first - self.ahead:
            return {"loss": torch.stack([p.sum() for p in self.critic.parameters()]).sum() * 0}
        made = self.draw(batch, random)
        real, fake = self.critic(batch[:, 1:]), self.critic(made[:, 1:])
        known, written = self.predicted(batch), self.predicted(made)
        loss = mean(softplus(-real), known) + mean(softplus(fake), written)
        right = (mean((real > 0).float(), known) + mean((fake < 0).float(), written)) / 2
        return {"loss": loss, "told apart": right.detach()}

    def loss_of_model(self, batch: Tensor, label: Tensor | None, random: Random, progress: float):
        """Nats a token; from its time on also the game."""
        learned = self.loss(batch, label, random, progress)["loss"]
        if progress < self.first:
            return {"loss": learned}
        made = self.draw(batch, random)
        written = self.predicted(made)
        with torch.no_grad():
            verdict = self.critic(made[:, 1:]) * written
            reward = self.returns(verdict)
            usual = mean(reward, written, 0)  # (T,)
            gain = (reward - usual) * written
            gain = gain / (gain.square().sum() / written.sum()).sqrt().clamp(min=1e-6)
        logits, _state = self.model(made[:, :-1])
        cost = cross_entropy(logits.flatten(0, 1), made[:, 1:].flatten(), reduction="none").view(gain.shape)
        game = mean(gain * cost, written)
        return {"loss": self.likelihood * learned + game, "nats": learned.detach(), "verdict": mean(verdict, written)}

    @torch.no_grad()
    def draw(self, batch: Tensor, random: Random) -> Tensor:
        """Texts as the writer would write them, rows ``(B, L)`` that open like those of the batch and are as long."""
        special, head = self.special, 2 if self.classes else 1
        rows, (n, length) = [batch[:, :head]], batch.shape
        numbers = random.child("draw").uniform(n, length).numpy()
        never = [number for name, number in special.items() if name != "eos"]
        token, state = batch[:, :head], None
        open_ = torch.ones(n, 1, dtype=torch.bool, device=batch.device)
        for place in range(head, length):
            logits, state = self.model(token, state)
            last = logits[:, -1].float().cpu().numpy()
            last[:, never] = -np.inf
            chosen = torch.from_numpy(choose(last, numbers[:, place]))[:, None]
            token = chosen.to(batch.device).where(open_, special["pad"])
            open_ = open_ & (token != special["eos"])
            rows.append(token)
        return torch.cat(rows, 1)

    def predicted(self, rows: Tensor) -> Tensor:
        """1 where a token after the first was written, 0 where it was given or is nothing, ``(B, L - 1)``."""
        y = rows[:, 1:]
        return (~(self.is_class(y) | (y == self.special["pad"]))).float()

    def returns(self, verdict: Tensor) -> Tensor:
        """What each word brings, its own verdict and those to come, ``(B, T)``."""
        rows, ahead = [], torch.zeros_like(verdict[:, 0])
        for column in reversed(verdict.unbind(1)):
            ahead = column + self.patience * ahead
            rows.append(ahead)
        return torch.stack(rows[::-1], 1)


def mean(values: Tensor, counted: Tensor, *axes: int) -> Tensor:
    """Of the values ``(B, T)`` that count, over all or some axes."""
    return (values * counted).sum(axes or (0, 1)) / counted.sum(axes or (0, 1)).clamp(min=1)
