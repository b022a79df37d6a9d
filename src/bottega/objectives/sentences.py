"""The recurrent variational autoencoder: every line has a place, and every place a line.

Bowman et al. 2016, "Generating sentences from a continuous space" (arXiv:1511.06349). A line x is read as a cloud
q(z|x), and written again, word by word, by p(x|z). Training minimises -log p(x|z) + β Σ max(free, KL_d) over the
dimensions d of latent space. A decoder that predicts each word from those before it soon does without z (the cloud
"collapses" to the prior). What holds against that: β rises from 0, a little of each dimension is free of charge (Li et
al. 2019, arXiv:1909.00868), and z alone has to tell which words a line has (Zhao et al. 2017, arXiv:1703.10960).
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from bottega.networks.layers import average
from bottega.networks.sentence import At, Decoder, Encoder
from bottega.objectives.autoregressive import Autoregressive
from bottega.objectives.base import Number, Objective, OptimizerSettings, Phase, at
from bottega.objectives.decoding import write
from bottega.objectives.latent import Tell
from bottega.objectives.rows import is_class, predicted, together
from bottega.randomness import Random

TOGETHER = 8192  # tokens looked at together when only their likelihood is asked for
LOYALTY = 0.1  # how much a search for a place holds on to what the encoder said
ACTIVE = 0.01  # variance of a mean over the works from which a dimension counts as in use (Burda et al. 2016)


@dataclass(frozen=True)
class Report:
    """Whether latent space is in use.

    Attributes:
        nll: nats of a work, estimated by importance weighting (Burda et al. 2016, arXiv:1509.00519).
        bound: -ELBO, nats of a work.
        kl: mean of KL(q(z|x) || p(z)), nats.
        information: mutual information of works and places, nats (Hoffman & Johnson 2016).
        active: dimensions whose mean varies from work to work.
        units: dimensions there are.
    """

    nll: float
    bound: float
    kl: float
    information: float
    active: int
    units: int

    @property
    def collapsed(self) -> bool:
        """Whether all works lie at the same place."""
        return self.active == 0 or self.information < 0.1


class Sentences(Objective):
    """An encoder and a decoder of lines.

    Args:
        encoder: ``rows, lengths -> mean, logvar``.
        decoder: ``ids, state -> logits, state``, with ``at(z)`` for the state of new texts.
        words: ``z -> logits``, which words a line has; it only teaches the encoder.
        special: numbers of the special tokens, as ``Tokens.special``.
        classes: how many; 0 when nothing steers.
        optimizers: for the one phase, "autoencoder".
        beta: weight of the KL term in the end.
        free: nats of KL that each latent number has for free.
        rise: share of training over which ``beta`` grows from 0.
        hints: weight of what ``words`` misses.
        forgotten: share of the words that are hidden from the decoder.
        dropped: share of the classes that are left out.
    """

    averaged = ("encoder", "decoder")
    controls: ClassVar[dict[str, float]] = {"temperature": 0.7, "top_p": 1.0, "min_p": 0.05}

    def __init__(
        self,
        *,
        encoder: Encoder,
        decoder: Decoder,
        words: nn.Module,
        special: dict[str, int],
        classes: int = 0,
        optimizers: dict[str, OptimizerSettings] | None = None,
        beta: float = 1.0,
        free: float = 0.25,
        rise: float = 0.3,
        hints: Number = (0.3, 0.0),
        forgotten: float = 0.0,
        dropped: float = 0.15,
    ) -> None:
        super().__init__()
        self.encoder, self.decoder, self.words = encoder, decoder, words
        self.special, self.classes = special, classes
        self.beta, self.free, self.rise = beta, free, rise
        self.hints, self.forgotten, self.dropped = hints, forgotten, dropped
        self.optimizers = optimizers or {}

    def phases(self) -> list[Phase]:
        settings = self.optimizers.get("autoencoder", OptimizerSettings())
        return [Phase("autoencoder", ("encoder", "decoder", "words"), self.loss, settings)]

    # ---- learning --------------------------------------------------------------------------------------------------

    def loss(self, batch: Tensor, label: Tensor | None, random: Random, progress: float) -> dict[str, Tensor]:
        """Nats a token of rows ``(B, L)``: what the decoder misses, and what the places cost at this time."""
        if self.classes:
            hidden = (random.uniform(len(batch), 1) < self.dropped).to(batch.device)
            batch = batch.masked_fill(hidden & self.is_class(batch), self.special["any"])
        mean, logvar = self.cloud(batch)
        z = mean + (0.5 * logvar).exp() * random.normal(*mean.shape).to(mean)
        x, y = batch[:, :-1], self.wanted(batch)
        hidden = random.uniform(*x.shape).to(x.device) < self.forgotten
        x = x.masked_fill(hidden & (x != self.special["bos"]) & ~self.is_class(x), self.special["pad"])
        tokens = (y >= 0).sum() / len(batch)
        misfit = -self.likelihood(self.decoder, z, x, y).mean() / tokens
        likely = self.words(z).log_softmax(1).gather(1, y.clamp(min=0))
        hints = -(likely * (y >= 0)).sum() / len(batch) / tokens
        kl = average(divergence(mean, logvar).mean(0))  # (latent,)
        cost = kl.clamp(min=self.free).sum() / tokens
        loss = misfit + self.weight(progress) * cost + at(self.hints, progress) * hints
        return {"loss": loss, "misfit": misfit.detach(), "kl": kl.sum().detach()}

    def weight(self, progress: float) -> float:
        """Of the KL term: in a straight line from 0 to ``beta``."""
        return self.beta * min(progress / max(self.rise, 1e-9), 1.0)

    def cloud(self, rows: Tensor) -> tuple[Tensor, Tensor]:
        """Where rows ``(B, L)`` lie: mean and log variance, ``(B, latent)``."""
        return self.encoder(rows, (rows != self.special["pad"]).sum(1))

    def wanted(self, rows: Tensor) -> Tensor:
        """What has to be written after each token, ``(B, L - 1)``; -100 where that is given or nothing."""
        return predicted(rows[:, 1:], self.special, self.classes)

    def is_class(self, ids: Tensor) -> Tensor:
        """Where a token says to which class a work belongs, or that it may be any."""
        return is_class(ids, self.special, self.classes)

    @staticmethod
    def likelihood(decoder: Decoder, z: Tensor, x: Tensor, y: Tensor) -> Tensor:
        """log p(y|z) of each row ``(B,)``, the decoder being shown ``x (B, T)``."""
        logits, _state = decoder(x, decoder.at(z))
        return -cross_entropy(logits.flatten(0, 1), y.flatten(), reduction="none").view(y.shape).sum(1)

    # ---- writing ---------------------------------------------------------------------------------------------------

    def writer(self, n: int, random: Random) -> Autoregressive:
        """A language model of ``n`` places drawn at random, for ``write`` with ``n`` openings."""
        return self.writer_at(random.child("places").normal(n, self.decoder.latent))

    def writer_at(self, z: Tensor) -> Autoregressive:
        """A language model of what lies at places ``(n, latent)``."""
        device = next(self.decoder.parameters()).device
        model = At(self.decoder, z.to(device))
        return Autoregressive(model=model, special=self.special, classes=self.classes).eval()

    @torch.no_grad()
    def encode(self, ids: Sequence[np.ndarray], labels: Sequence[int | None] | None = None) -> Tensor:
        """Where works lie: the middle of each one's cloud, ``(N, latent)``."""
        means = torch.zeros(len(ids), self.decoder.latent)
        for group, rows in self._groups(ids, labels):
            means[group] = self.cloud(rows)[0].cpu()
        return means

    def locate(
        self,
        ids: Sequence[np.ndarray],
        tell: Tell = lambda share: None,
        labels: Sequence[int | None] | None = None,
        steps: int = 60,
    ) -> Tensor:
        """Where works lie, ``(N, latent)``: from the middle of their clouds some steps nearer by gradient.

        The encoder places a line at a glance and a little off, a line unlike the training works more so.
        """
        found = torch.zeros(len(ids), self.decoder.latent)
        for group, rows in self._groups(ids, labels):
            mean, logvar = (part.detach() for part in self.cloud(rows))
            x, y = rows[:, :-1], self.wanted(rows)
            z = mean.clone().requires_grad_()
            adam = torch.optim.Adam([z], lr=0.05)
            for step in range(steps):
                away = 0.5 * ((z - mean).square() / logvar.exp()).sum(1)  # how unlike the cloud
                with torch.backends.cudnn.flags(enabled=False):  # its GRUs know no gradient outside of training
                    cost = (LOYALTY * away - self.likelihood(self.decoder, z, x, y)).sum()
                    (z.grad,) = torch.autograd.grad(cost, z)
                adam.step()
                tell((step + 1) / steps)
            found[group] = z.detach().cpu()
        return found

    @torch.no_grad()
    def misfit(self, ids: Sequence[np.ndarray], z: Tensor, labels: Sequence[int | None] | None = None) -> np.ndarray:
        """How unlikely each work is at its place of ``z (N, latent)``: float64 ``(N,)`` nats."""
        found = np.zeros(len(ids))
        for group, rows in self._groups(ids, labels):
            found[group] = -self.likelihood(
                self.decoder, z[group].to(rows.device), rows[:, :-1], self.wanted(rows)
            ).cpu()
        return found

    def decode(
        self,
        z: Tensor,
        random: Random,
        *,
        length: int,
        temperature: float = 0.0,
        labels: Sequence[int | None] | None = None,
        **controls: Any,
    ) -> list[np.ndarray]:
        """The works at places ``(N, latent)``; at temperature 0 the likeliest word at every step."""
        writer = self.writer_at(z)
        nothing = np.empty(0, np.int64)
        openings = [writer.opening(nothing, label) for label in labels or [None] * len(z)]
        return write(writer, openings, random, length=length, temperature=temperature, **controls)

    # ---- judging ---------------------------------------------------------------------------------------------------

    def nats(
        self, ids: Sequence[np.ndarray], labels: Sequence[int | None] | None = None, samples: int = 32
    ) -> np.ndarray:
        """How unlikely each work is, float64 ``(N,)`` nats: estimated, never too low on average.

        Args:
            ids: works without special tokens.
            labels: the class of each; without, any.
            samples: places tried for each; the more, the tighter.
        """
        return self._judge(ids, labels, samples)[0]

    def report(
        self, ids: Sequence[np.ndarray], labels: Sequence[int | None] | None = None, samples: int = 32
    ) -> Report:
        """Whether latent space is in use for these works (two or more), and how unlikely they are."""
        nll, bound, mean, logvar = self._judge(ids, labels, samples)
        kl = divergence(mean, logvar).sum(1).mean()
        active = int((mean.var(0) > ACTIVE).sum())
        return Report(nll.mean(), bound.mean(), kl.item(), information(mean, logvar), active, mean.shape[1])

    @torch.no_grad()
    def _judge(self, ids, labels, samples: int) -> tuple[np.ndarray, np.ndarray, Tensor, Tensor]:
        """Nats, -ELBO, and the clouds of all works."""
        nll, bound = np.zeros(len(ids)), np.zeros(len(ids))
        means = torch.zeros(len(ids), self.decoder.latent)
        logvars = torch.zeros_like(means)
        for group, rows in self._groups(ids, labels):
            mean, logvar = self.cloud(rows)
            random = Random("places of works", int(group[0]))
            x, y = rows[:, :-1], self.wanted(rows)
            written, weights = [], []
            for _sample in range(samples):
                noise = random.normal(*mean.shape).to(mean)
                z = mean + (0.5 * logvar).exp() * noise
                written.append(self.likelihood(self.decoder, z, x, y).double())
                prior_to_cloud = 0.5 * (noise.square() - z.square() + logvar).sum(1)
                weights.append(written[-1] + prior_to_cloud)
            nll[group] = (math.log(samples) - torch.stack(weights).logsumexp(0)).cpu().numpy()
            bound[group] = (divergence(mean, logvar).sum(1) - torch.stack(written).mean(0)).cpu().numpy()
            means[group], logvars[group] = mean.cpu(), logvar.cpu()
        return nll, bound, means, logvars

    def _groups(self, ids, labels) -> Iterator[tuple[np.ndarray, Tensor]]:
        """Works as rows, those of similar length together: their numbers, and the rows."""
        device = next(self.encoder.parameters()).device
        opening = self.writer_at(torch.zeros(1, self.decoder.latent)).opening
        ends = [self.special["eos"]]
        made = [np.append(opening(work, k), ends) for work, k in zip(ids, labels or [None] * len(ids), strict=True)]
        return together(made, self.special["pad"], TOGETHER, device)


def divergence(mean: Tensor, logvar: Tensor) -> Tensor:
    """KL(q || N(0, 1)) of each dimension, in nats."""
    return 0.5 * (mean.square() + logvar.exp() - 1 - logvar)


def information(mean: Tensor, logvar: Tensor) -> float:
    """Mutual information of works and places in nats, from clouds ``(N, latent)``: at most log N.

    E[log q(z|x)] - E[log q(z)], where q(z) is the mixture of all clouds, at one place drawn from each.
    """
    n = len(mean)
    z = mean + (0.5 * logvar).exp() * Random("information").normal(*mean.shape)
    rows = []
    for part in z.split(256):
        distance = (part[:, None] - mean).square() / logvar.exp()  # (256, N, latent)
        rows.append(-0.5 * (distance + logvar + math.log(2 * math.pi)).sum(2))
    density = torch.cat(rows)  # log q(z_i | x_j)
    return float((density.diagonal() - density.logsumexp(1) + math.log(n)).mean())
