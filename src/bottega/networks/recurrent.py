"""Networks that read a text into a state of fixed size: the LSTM, and what became of it.

However long the text, a step costs the same and the memory is one vector for each layer.
"""

import torch
from torch import Tensor, nn
from torch.nn.functional import dropout, linear, silu

from bottega.networks.transformer import Norm, matrix

REACH = 4  # tokens that a layer of ``Recurrent`` looks at before it remembers


class Lstm(nn.Module):
    """``ids (B, T) -> logits (B, T, vocabulary)``: layers of LSTM (Hochreiter & Schmidhuber 1997), as in char-rnn.

    Args:
        vocabulary: how many tokens there are.
        width: of every layer.
        layers: how many.
        dropout: share of the features put out between the layers, while training.
    """

    def __init__(self, *, vocabulary: int, width: int = 256, layers: int = 2, dropout: float = 0.0) -> None:
        super().__init__()
        self.width, self.layers, self.dropout = width, layers, dropout
        self.tokens = nn.Embedding(vocabulary, width)
        self.body = nn.LSTM(width, width, layers, batch_first=True, dropout=dropout if layers > 1 else 0.0)
        self.bias = nn.Parameter(torch.zeros(vocabulary))
        nn.init.normal_(self.tokens.weight, std=width**-0.5)
        for name, p in self.body.named_parameters():
            nn.init.zeros_(p) if "bias" in name else nn.init.normal_(p, std=width**-0.5)
            if "bias_ih" in name:  # in the beginning it forgets nothing (Gers et al. 2000)
                nn.init.ones_(p[width : 2 * width])

    def begin(self, n: int) -> tuple[Tensor, Tensor]:
        """The memory of ``n`` texts of which nothing was read yet."""
        zeros = self.bias.new_zeros(self.layers, n, self.width)
        return zeros, zeros

    def forward(self, ids: Tensor, state: tuple[Tensor, Tensor] | None = None):
        """Logits of the token after each, and what is remembered then."""
        x = dropout(self.tokens(ids), self.dropout, self.training)
        x, state = self.body(x, state)
        return linear(dropout(x, self.dropout, self.training), self.tokens.weight, self.bias), state


class Recurrent(nn.Module):
    """``ids (B, T) -> logits (B, T, vocabulary)``: gates that see only the input, so that training needs no wait.

    The recurrence of minGRU (Feng et al. 2024, arXiv:2410.01201) behind a short convolution and beside a gate, as in
    Griffin (De et al. 2024, arXiv:2402.19427), each layer followed by SwiGLU: a Transformer with memory in the place of
    attention.

    Args:
        vocabulary: how many tokens there are.
        width: of the stream and of the memory of each layer.
        layers: how many.
        inner: width inside SwiGLU; about 8/3 of ``width`` when 0.
        dropout: share of the features put out after each part, while training.
    """

    def __init__(
        self, *, vocabulary: int, width: int = 192, layers: int = 4, inner: int = 0, dropout: float = 0.0
    ) -> None:
        super().__init__()
        self.width, self.dropout = width, dropout
        inner = inner or round(width * 8 / 3 / 32) * 32
        self.tokens = nn.Embedding(vocabulary, width)
        self.layers = nn.ModuleList(Layer(width, inner, dropout) for _layer in range(layers))
        self.norm = Norm(width)
        nn.init.normal_(self.tokens.weight, std=width**-0.5)

    def begin(self, n: int) -> "State":
        """The memory of ``n`` texts of which nothing was read yet."""
        new = self.tokens.weight.new_zeros
        return [(new(n, self.width), new(n, REACH - 1, self.width)) for _layer in self.layers]

    def forward(self, ids: Tensor, state: "State | None" = None) -> tuple[Tensor, "State"]:
        """Logits of the token after each, and what is remembered then."""
        x = dropout(self.tokens(ids), self.dropout, self.training)  # (B, T, C)
        after = []
        for layer, before in zip(self.layers, state or self.begin(len(ids)), strict=True):
            x, memory = layer(x, before)
            after.append(memory)
        return linear(self.norm(x), self.tokens.weight), after


State = list[tuple[Tensor, Tensor]]
"""For each layer what it remembers, ``(B, C)``, and the last inputs of its convolution, ``(B, REACH - 1, C)``."""


class Layer(nn.Module):
    """Memory, then a look at the token itself; each adds to the stream ``(B, T, C)``."""

    def __init__(self, width: int, inner: int, dropout: float) -> None:
        super().__init__()
        self.dropout = dropout
        self.before, self.between = Norm(width), Norm(width)
        self.read, self.write = matrix(width, 3 * width), matrix(width, width, zero=True)
        self.near = nn.Parameter(torch.zeros(REACH, width))
        self.keep = nn.Parameter(torch.linspace(0, 5, width))  # what it forgets in the beginning: half, or a hundredth
        self.up, self.down = matrix(width, 2 * inner), matrix(inner, width, zero=True)
        with torch.no_grad():
            self.near[-1] = 1.0

    def forward(self, x: Tensor, state: tuple[Tensor, Tensor]) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        h, tail = state
        inputs = torch.cat([tail, self.before(x)], 1)  # (B, REACH - 1 + T, C)
        length = x.shape[1]
        seen = sum(inputs[:, i : i + length] * self.near[i] for i in range(REACH))
        value, forget, gate = self.read(seen).chunk(3, -1)
        kept = torch.sigmoid(forget + self.keep)
        memory = Scan.apply(kept, (1 - kept) * value, h)  # (B, T, C)
        x = x + dropout(self.write(memory * silu(gate)), self.dropout, self.training)
        a, b = self.up(self.between(x)).chunk(2, -1)
        x = x + dropout(self.down(silu(a) * b), self.dropout, self.training)
        return x, (memory[:, -1], inputs[:, length:])


class Scan(torch.autograd.Function):
    """``h[t] = kept[t] * h[t-1] + new[t]``, all ``(B, T, C)``, from ``h[-1] = start (B, C)``.

    One fused operation for each t, in both directions: a hundredth of the time the matrices of a layer need.
    """

    @staticmethod
    def forward(ctx, kept: Tensor, new: Tensor, start: Tensor) -> Tensor:
        kept = kept.transpose(0, 1).contiguous()
        h = new.transpose(0, 1).contiguous()  # (T, B, C)
        before = start
        for k, now in zip(kept, h, strict=True):
            before = now.addcmul_(k, before)
        ctx.save_for_backward(kept, h, start)
        return h.transpose(0, 1)

    @staticmethod
    def backward(ctx, gradient: Tensor):
        kept, h, start = ctx.saved_tensors
        g = gradient.transpose(0, 1).contiguous()
        for t in range(len(g) - 1, 0, -1):
            g[t - 1].addcmul_(kept[t], g[t])
        of_kept = g * torch.cat([start[None], h[:-1]])
        return of_kept.transpose(0, 1), g.transpose(0, 1), kept[0] * g[0]
