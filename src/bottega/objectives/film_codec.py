"""A codec of films: an autoencoder whose latent frames are few numbers each, and smooth.

What comes out is compared with what went in pixel by pixel and level by level of a Laplacian pyramid (Burt & Adelson
1983; as a loss Bojanowski et al. 2018, arXiv:1707.05776), so that edges count. What the few numbers leave open comes
out as its mean, which is soft; so a critic tells real detail from drawn (VQGAN: Esser et al. 2021, arXiv:2012.09841),
place by place and in pairs, with penalties on its slopes (Huang et al. 2024, arXiv:2501.05441). The latent frames are
clouds near N(0, 1) (Kingma & Welling 2014, arXiv:1312.6114), so that a second model can learn to write them; what it
writes is not quite right, so the decoder learns to draw under noise (Yang et al. 2025, arXiv:2507.15856).
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.functional import softplus

from bottega.networks.film import Critic
from bottega.objectives.base import Number, Objective, OptimizerSettings, Phase, at
from bottega.randomness import Random

BLOCK = 32
"""Frames that are coded at once: long films need no more memory than short ones."""
LEVELS = 3
"""Of the pyramid, each half as large as the one before."""
LAZY = 8
"""The critic's slopes are penalised in one of so many steps, and weigh so many times more."""


class FilmCodec(Objective):
    """An encoder and a decoder that meet in a sequence of latent frames, one for each frame of the film.

    Args:
        encoder: ``(B, C, T, H, W) -> mean, logvar (B, T, L)``, frame by frame.
        decoder: ``(B, T, L) -> (B, C, T, H, W)``.
        critic: of detail, as in ``bottega.networks.film``.
        classes: not looked at.
        optimizers: settings of the phases ``"codec"`` and ``"critic"``.
        edges: weight of the pyramid beside the pixels.
        detail: weight of the critic's verdict at the end, beside the differences, whatever their size.
        since: share of training after which the critic plays: a step with it costs 1.7 times as much.
        gamma: weight of the penalties on the critic's slopes.
        kl: weight of the mean KL divergence of a latent number from N(0, 1), in nats.
        noise: most noise under which the decoder draws every second film from ``since`` on, in spreads of the latent
            frames. The encoder hears nothing of it: it would give up colours to bear more.
    """

    averaged = ("encoder", "decoder")
    hop = 1
    """Frames of a film in a latent frame."""

    def __init__(
        self,
        *,
        encoder: nn.Module,
        decoder: nn.Module,
        critic: Critic,
        classes: int = 0,
        optimizers: dict[str, OptimizerSettings] | None = None,
        edges: float = 1.0,
        detail: float = 1.0,
        since: float = 0.6,
        gamma: float = 25.0,
        kl: Number = 0.001,
        noise: float = 0.0,
    ) -> None:
        super().__init__()
        self.encoder, self.decoder, self.critic, self.classes = encoder, decoder, critic, classes
        self.optimizers = {name: (optimizers or {}).get(name, OptimizerSettings()) for name in ("codec", "critic")}
        self.edges, self.detail, self.since, self.gamma = edges, detail, since, gamma
        self.kl, self.noise = kl, noise
        self.seen: tuple[Tensor, Tensor] | None = None

    @property
    def width(self) -> int:
        """Numbers of a latent frame."""
        return self.encoder.latent  # type: ignore[return-value]

    def phases(self) -> list[Phase]:
        return [
            Phase("codec", ("encoder", "decoder"), self.loss, self.optimizers["codec"]),
            Phase("critic", ("critic",), self.critic_loss, self.optimizers["critic"], since=self.since),
        ]

    def loss(self, batch: Tensor, label: Tensor | None, random: Random, progress: float) -> dict[str, Tensor]:
        """Differences of pixels and of the pyramid's levels for ``batch`` (B, C, T, H, W), the critic's verdict, and
        the KL term."""
        mean, logvar = self.encoder(batch)
        z = mean + (0.5 * logvar).exp() * random.normal(*mean.shape).to(mean)
        if self.noise and progress >= self.since:
            level = self.noise * mean.detach().std() * random.child("level").uniform(len(z), 1, 1).to(z)
            noisy = z.detach() + level * random.child("noise").normal(*z.shape).to(z)
            second = torch.arange(len(z), device=z.device) % 2 == 1
            z = torch.where(second[:, None, None], noisy, z)
        y = self.decoder(z)
        parts = differences(*(film.transpose(1, 2).flatten(0, 1) for film in (batch, y)))
        parts["kl"] = 0.5 * (mean.square() + logvar.exp() - 1 - logvar).mean()
        loss = parts["pixels"] + self.edges * parts["edges"]
        self.seen = None
        if progress >= self.since:
            real, drawn = self.critic.look(batch), self.critic.look(y)
            with torch.no_grad():
                verdict = self.critic.judge(real)
            parts["detail"] = softplus(verdict - self.critic.judge(drawn)).mean()
            self.seen = real, drawn.detach()
            rise = (progress - self.since) / (1 - self.since)
            loss = loss + rise * self.detail * loss.detach() * parts["detail"]
        loss = loss + at(self.kl, progress) * parts["kl"]
        return {"loss": loss} | {name: part.detach() for name, part in parts.items()}

    def critic_loss(self, batch: Tensor, label: Tensor | None, random: Random, progress: float) -> dict[str, Tensor]:
        """softplus(D(drawn) - D(real)) of every place of the films that the codec has just drawn, and in turn
        γ/2 (|∇D(real)|² + |∇D(drawn)|²)."""
        assert self.seen is not None
        penalised = int(random.child("lazy").permutation(LAZY)[0]) == 0
        real, drawn = (film.requires_grad_(penalised) for film in self.seen)
        self.seen = None
        high, low = self.critic.judge(real), self.critic.judge(drawn)
        loss = softplus(low - high).mean()
        if penalised:
            logits = (high + low).mean((1, 2, 3)).sum()
            slopes = torch.autograd.grad(logits, [real, drawn], create_graph=True)
            penalty = sum(slope.square().flatten(1).sum(1).mean() for slope in slopes)
            loss = loss + 0.5 * self.gamma * LAZY * penalty
        return {"loss": loss, "told apart": (high > low).float().mean().detach()}

    @torch.no_grad()
    def encode(self, x: Tensor) -> Tensor:
        """Films ``(B, C, T, H, W)`` of any length to the means of their latent frames ``(B, L, T)``."""
        parts = [self.encoder(part)[0] for part in x.split(BLOCK, 2)]
        return torch.cat(parts, 1).transpose(1, 2).contiguous()

    @torch.no_grad()
    def decode(self, z: Tensor, *, loop: bool = False) -> Tensor:
        """Latent frames ``(B, L, T)`` to films ``(B, C, T, H, W)`` in about [-1, 1].

        Args:
            loop: whether the last frame stands before the first.
        """
        reach, count = int(self.decoder.reach), z.shape[2]  # type: ignore[arg-type]
        frames = z.transpose(1, 2)
        parts = []
        for first in range(0, count, BLOCK):
            last = min(first + BLOCK, count)
            places = torch.arange(first - reach, last + reach, device=z.device)
            if loop:
                begin, places = reach, places % count
            else:
                begin, places = min(first, reach), places[(places >= 0) & (places < count)]
            parts.append(self.decoder(frames[:, places])[:, :, begin : begin + last - first])
        return torch.cat(parts, 2)


def differences(x: Tensor, y: Tensor) -> dict[str, Tensor]:
    """Between pictures ``x`` (N, C, H, W) in [-1, 1] and drawn ones ``y``: mean absolute ones of pixels, and of the
    levels of their Laplacian pyramids, each level times the side of its pixels; 0 where equal.

    Whiter than white and blacker than black are right where ``x`` is white or black: they are clipped when a film is
    shown. So even grounds come out even, without the flicker of a grey level that would pass for motion.
    """
    off = torch.where((x.abs() >= 1) & (x * y > 1), 0.0, y - x)
    # a pyramid is linear: that of the difference is the difference of the pyramids
    pixels, edges = off.abs().mean(), off.new_zeros(())
    for level in range(LEVELS):
        if min(off.shape[2:]) < 2:
            break
        smaller = F.avg_pool2d(off, 2)
        larger = F.interpolate(smaller, off.shape[2:], mode="bilinear")
        edges = edges + 2**level * (off - larger).abs().mean()
        off = smaller
    return {"pixels": pixels, "edges": edges}
