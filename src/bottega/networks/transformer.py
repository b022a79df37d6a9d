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

from bottega.networks.memory import EPS, State, waves


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

    def begin(self, n: int) -> State:
        """The memory of ``n`` texts of which nothing was read yet."""
        return State(self, n)

    def forward(self, ids: Tensor, state: State | None = None) -> tuple[Tensor, State | None]:
        """Logits of the token after each; with a state, after all that it remembers, and it takes these in."""
        if state and ids.shape[1] == 1 and state.quick():
            return torch.from_numpy(state.step(ids.numpy()[:, 0]))[:, None], state
        return self.logits(self.features(ids, state)), state

    def features(self, ids: Tensor, state: State | None = None, beside: Tensor | None = None) -> Tensor:
        """What ``logits`` reads, ``(B, T, width)``; ``beside`` is added to the tokens."""
        start = state.read if state else 0
        x = self.model.embed_tokens(ids)  # (B, T, C)
        if beside is not None:
            x = x + beside
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


def turned(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """Each half of the features with the other as its second coordinate, turned by the angle of its place."""
    a, b = x.chunk(2, -1)
    return torch.cat([a * cos - b * sin, b * cos + a * sin], -1)


def matrix(before: int, after: int, zero: bool = False) -> nn.Linear:
    """A linear layer that begins with outputs as large as its inputs, or with none: then the layer does nothing yet."""
    layer = nn.Linear(before, after, bias=False)
    nn.init.zeros_(layer.weight) if zero else nn.init.normal_(layer.weight, std=before**-0.5)
    return layer
