"""A decoder-only Transformer: each token is written with all before it in view.

Vaswani et al. 2017, in the form of Llama (Touvron et al. 2023, arXiv:2302.13971) and Qwen3: rotary positions (Su et al.
2021, arXiv:2104.09864), RMSNorm before each part, SwiGLU (Shazeer 2020, arXiv:2002.05202), no biases, one matrix for
reading and writing tokens, and, if wished, normed queries and keys. The parameters bear the names that Hugging Face
``transformers`` gives them, so its classes read them as they are.
"""

from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn.functional import dropout, linear, rms_norm, scaled_dot_product_attention, silu

EPS = 1e-6
BASE = 10_000.0  # of the slowest wave, as in Llama
AHEAD = 64  # places of which the waves are made at once while writing


class Transformer(nn.Module):
    """``ids (B, T) -> logits (B, T, vocabulary)``, and what it remembers.

    Args:
        vocabulary: how many tokens there are.
        width: of the stream; a multiple of twice the ``heads``.
        layers, heads: how many.
        inner: width inside SwiGLU; about 8/3 of ``width`` when 0.
        normed: whether queries and keys are normed (Qwen3's layout; otherwise Llama's).
        positions: how a token knows its place: turned queries and keys, or waves added to it.
        dropout: share of the features put out after each part, while training.
        context: how many tokens it has in view, the one it reads included.
    """

    def __init__(
        self,
        *,
        vocabulary: int,
        width: int = 192,
        layers: int = 4,
        heads: int = 4,
        inner: int = 0,
        normed: bool = True,
        positions: Literal["rotary", "sinusoidal"] = "rotary",
        dropout: float = 0.0,
        context: int = 256,
    ) -> None:
        super().__init__()
        if width % (2 * heads):
            raise ValueError(f"width {width} is no multiple of twice the {heads} heads")
        if positions not in ("rotary", "sinusoidal"):
            raise ValueError(f"positions are rotary or sinusoidal, not {positions}")
        self.vocabulary, self.width, self.heads, self.context = vocabulary, width, heads, context
        self.inner = inner or round(width * 8 / 3 / 32) * 32
        self.normed, self.turns, self.dropout = normed, positions == "rotary", dropout
        self.model = nn.Module()
        self.model.embed_tokens = nn.Embedding(vocabulary, width)
        self.model.layers = nn.ModuleList(Layer(width, heads, self.inner, normed, dropout) for _ in range(layers))
        self.model.norm = Norm(width)
        nn.init.normal_(self.model.embed_tokens.weight, std=width**-0.5)

    def begin(self, n: int) -> "State":
        """The memory of ``n`` texts of which nothing was read yet."""
        return State(self, n)

    def forward(self, ids: Tensor, state: "State | None" = None) -> tuple[Tensor, "State | None"]:
        """Logits of the token after each; with a state, after all that it remembers, and it takes these in."""
        return self.logits(self.features(ids, state)), state

    def features(self, ids: Tensor, state: "State | None" = None) -> Tensor:
        """What ``logits`` reads, ``(B, T, width)``."""
        if state and ids.shape[1] == 1:
            return state.step(ids)
        start = state.read if state else 0
        x = self.model.embed_tokens(ids)  # (B, T, C)
        turn = None
        if self.turns:
            turn = waves(start, ids.shape[1], self.width // self.heads, ids.device)
        else:
            x = x + self.width**-0.5 * torch.cat(waves(start, ids.shape[1], self.width, ids.device), 1)
        x = dropout(x, self.dropout, self.training)
        mask = state.mask(ids.shape[1]) if state else None
        for i, layer in enumerate(self.model.layers):
            x = layer(x, turn, mask, state.layers[i] if state else None)
        if state:
            state.read += ids.shape[1]
        return self.model.norm(x)

    def logits(self, features: Tensor) -> Tensor:
        """How likely each token is to follow, ``(…, vocabulary)``, before softmax."""
        return linear(features, self.model.embed_tokens.weight)


class Layer(nn.Module):
    """Attention to the tokens before, then a look at the token itself; each adds to the stream ``(B, T, C)``."""

    def __init__(self, width: int, heads: int, inner: int, normed: bool, dropout: float) -> None:
        super().__init__()
        self.heads, self.dropout = heads, dropout
        self.input_layernorm, self.post_attention_layernorm = Norm(width), Norm(width)
        self.self_attn, self.mlp = nn.Module(), nn.Module()
        for name in ("q_proj", "k_proj", "v_proj", "o_proj"):
            setattr(self.self_attn, name, matrix(width, width, zero=name == "o_proj"))
        if normed:
            self.self_attn.q_norm, self.self_attn.k_norm = Norm(width // heads), Norm(width // heads)
        self.mlp.gate_proj, self.mlp.up_proj = matrix(width, inner), matrix(width, inner)
        self.mlp.down_proj = matrix(inner, width, zero=True)

    def forward(self, x, turn, mask, memory) -> Tensor:
        x = x + dropout(self.attend(self.input_layernorm(x), turn, mask, memory), self.dropout, self.training)
        h, mlp = self.post_attention_layernorm(x), self.mlp
        return x + dropout(mlp.down_proj(silu(mlp.gate_proj(h)) * mlp.up_proj(h)), self.dropout, self.training)

    def attend(self, h: Tensor, turn, mask, memory) -> Tensor:
        """What each token takes from those before it and from itself."""
        part, shape = self.self_attn, (*h.shape[:2], self.heads, -1)
        q, k, v = part.q_proj(h).view(shape), part.k_proj(h).view(shape), part.v_proj(h).view(shape)  # (B, T, H, D)
        if hasattr(part, "q_norm"):
            q, k = part.q_norm(q), part.k_norm(k)
        q, k, v = q.transpose(1, 2), k.transpose(1, 2), v.transpose(1, 2)  # (B, H, T, D)
        if turn is not None:
            q, k = turned(q, *turn), turned(k, *turn)
        if memory is not None:
            k, v = memory.take(k, v)
        y = scaled_dot_product_attention(q, k, v, attn_mask=mask, is_causal=memory is None)
        return part.o_proj(y.transpose(1, 2).reshape(h.shape))


class Norm(nn.Module):
    """RMSNorm (Zhang & Sennrich 2019, arXiv:1910.07467) over the last dimension."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))

    def forward(self, x: Tensor) -> Tensor:
        if torch.is_grad_enabled():
            return _Normed.apply(x, self.weight)
        return rms_norm(x, self.weight.shape, self.weight, EPS)


class _Normed(torch.autograd.Function):
    """The same as ``rms_norm`` with its gradients written out: half the time, and a tenth of a whole training step."""

    @staticmethod
    def forward(ctx, x: Tensor, weight: Tensor) -> Tensor:
        size = torch.linalg.vector_norm(x, dim=-1, keepdim=True).mul_(x.shape[-1] ** -0.5)
        scale = size.square_().add_(EPS).rsqrt_()
        n = x * scale
        ctx.save_for_backward(n, weight, scale)
        return n * weight

    @staticmethod
    def backward(ctx, gradient: Tensor):
        n, weight, scale = ctx.saved_tensors
        along = gradient * n
        of_weight = along.flatten(0, -2).sum(0)
        share = torch.mv(along.flatten(0, -2), weight).view(scale.shape).div_(n.shape[-1])
        return torch.addcmul(gradient * weight, n, share, value=-1).mul_(scale), of_weight


class State:
    """What a decoder remembers of ``n`` texts: keys and values of the last ``context`` tokens, in rings.

    Attributes:
        read: tokens read so far, those forgotten included.
    """

    def __init__(self, network: Transformer, n: int) -> None:
        self.network, self.read = network, 0
        self.ready, self.waves = -1, waves(0, 0, 2, torch.device("cpu"))
        self.layers = [Ring(network, layer, n) for layer in network.model.layers]

    def mask(self, new: int) -> Tensor:
        """Which of the remembered and the new keys each new token sees, ``(new, keys)``."""
        context = self.network.context
        old = min(self.read, context)
        device = self.network.model.norm.weight.device
        query = torch.arange(new, device=device)[:, None] + old
        key = torch.arange(old + new, device=device)
        return (key <= query) & (key > query - context)

    def step(self, ids: Tensor) -> Tensor:
        """Features ``(n, 1, width)`` of one more token each, ``(n, 1)``: the same as ``Transformer.features``."""
        network = self.network
        x = network.model.embed_tokens(ids[:, 0])  # (n, C)
        block, at = divmod(self.read, AHEAD)
        if block != self.ready:
            self.ready = block
            size = network.width // network.heads
            self.waves = waves(block * AHEAD, AHEAD, size if network.turns else network.width, x.device)
            still = x.new_ones(AHEAD, size // 2), x.new_zeros(AHEAD, size // 2)
            for ring in self.layers:
                ring.prepare(*(self.waves if network.turns else still))
        if not network.turns:
            x = x + network.width**-0.5 * torch.cat([part[at : at + 1] for part in self.waves], 1)
        for ring in self.layers:
            x = ring.step(x, at)
        self.read += 1
        return network.model.norm(x)[:, None]


class Ring:
    """Keys ``(n, H, D, context)`` and values ``(n, H, context, D)`` of one layer; a new token replaces the oldest.

    The order of keys means nothing to attention: their places are turned into them. To write token after token in the
    least time, what is the same at every step lies here ready: the matrices side by side and in the order that a single
    row is multiplied fastest by, with the weights of the norms in them, and a view of every place.
    """

    def __init__(self, network: Transformer, layer: Layer, n: int) -> None:
        self.heads, self.context, self.read, self.normed = network.heads, network.context, 0, network.normed
        size, width = network.width // network.heads, network.width
        new, attention, mlp = network.model.norm.weight.new_zeros, layer.self_attn, layer.mlp
        self.keys, self.values = new(n, self.heads, size, self.context), new(n, self.heads, self.context, size)
        self.places = list(zip(self.keys.unbind(3), self.values.unbind(2), strict=True))
        self.least, self.least_head = new(1) + (width * EPS) ** 0.5, new(1) + (size * EPS) ** 0.5
        qkv = torch.cat([attention.q_proj.weight, attention.k_proj.weight, attention.v_proj.weight])
        self.qkv = (qkv * layer.input_layernorm.weight * width**0.5).mT.contiguous()
        both = torch.cat([mlp.gate_proj.weight, mlp.up_proj.weight])
        self.both = (both * layer.post_attention_layernorm.weight * width**0.5).mT.contiguous()
        self.out, self.down = attention.o_proj.weight.mT.contiguous(), mlp.down_proj.weight.mT.contiguous()
        queries, keys = new(size) + size**-0.5, new(size) + 1
        if network.normed:
            queries, keys = attention.q_norm.weight, attention.k_norm.weight * size**0.5
        self.scale = torch.stack([queries, keys])[:, None]  # (2, 1, D)
        self.turns: list[tuple[Tensor, Tensor]] = []

    def prepare(self, cos: Tensor, sin: Tensor) -> None:
        """Take the waves of the next ``AHEAD`` places, ``(AHEAD, D / 2)`` each."""
        size = self.scale.shape[2]
        same, other = torch.cat([cos, cos], 1), torch.cat([-sin, sin], 1)  # (AHEAD, D)
        same, other = same[:, None, None] * self.scale, other[:, None, None] * self.scale.roll(size // 2, 2)
        self.turns = list(zip(same, other, strict=True))  # (2, 1, D) each

    def step(self, x: Tensor, at: int) -> Tensor:
        """The layer for one more token of each text, ``(n, C)``, at place ``at`` of those prepared."""
        n, width = x.shape
        qkv = (_unit(x, self.least) @ self.qkv).view(n, 3, self.heads, -1)
        both = qkv[:, :2]  # queries and keys, (n, 2, H, D)
        if self.normed:
            both = _unit(both, self.least_head)
        same, other = self.turns[at]
        both = torch.addcmul(both * same, both.roll(both.shape[3] // 2, 3), other)
        key, value = self.places[self.read % self.context]
        key.copy_(both[:, 1])
        value.copy_(qkv[:, 2])
        self.read += 1
        keys, values = self.keys.flatten(0, 1), self.values.flatten(0, 1)
        if self.read < self.context:
            keys, values = keys[:, :, : self.read], values[:, : self.read]
        y = both[:, 0].reshape(-1, 1, keys.shape[1]).bmm(keys).softmax(2).bmm(values)  # (n * H, 1, D)
        x = torch.addmm(x, y.view(n, width), self.out)
        gate, up = (_unit(x, self.least) @ self.both).chunk(2, 1)
        return torch.addmm(x, silu(gate).mul_(up), self.down)

    def take(self, k: Tensor, v: Tensor) -> tuple[Tensor, Tensor]:
        """Take in new keys and values ``(n, H, T, D)``; all that the new tokens may see, the oldest first."""
        new, old = k.shape[2], min(self.read, self.context)
        order = torch.arange(self.read - old, self.read, device=k.device) % self.context
        all_k = torch.cat([self.keys[..., order].mT, k], 2)
        all_v = torch.cat([self.values[:, :, order], v], 2)
        kept = min(new, self.context)
        places = torch.arange(self.read + new - kept, self.read + new, device=k.device) % self.context
        self.keys[..., places], self.values[:, :, places] = k[:, :, -kept:].mT, v[:, :, -kept:]
        self.read += new
        return all_k, all_v


def waves(start: int, n: int, width: int, device: torch.device) -> tuple[Tensor, Tensor]:
    """Cosine and sine ``(n, width / 2)`` of places ``start …``, in double precision: a text may grow very long."""
    speeds = BASE ** (-torch.arange(0, width, 2, dtype=torch.float64, device=device) / width)
    angles = torch.arange(start, start + n, dtype=torch.float64, device=device)[:, None] * speeds
    return angles.cos().float(), angles.sin().float()


def _unit(x: Tensor, least: Tensor) -> Tensor:
    """RMSNorm without its weights and without the root of the width, in three operations."""
    return x / torch.hypot(torch.linalg.vector_norm(x, dim=-1, keepdim=True), least)


def turned(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """Each half of the features with the other as its second coordinate, turned by the angle of its place."""
    a, b = x.chunk(2, -1)
    return torch.cat([a * cos - b * sin, b * cos + a * sin], -1)


def matrix(before: int, after: int, zero: bool = False) -> nn.Linear:
    """A linear layer that begins with outputs as large as its inputs, or with none: then the layer does nothing yet."""
    layer = nn.Linear(before, after, bias=False)
    nn.init.zeros_(layer.weight) if zero else nn.init.normal_(layer.weight, std=before**-0.5)
    return layer
