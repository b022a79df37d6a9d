import pytest
import torch
from torch.nn.functional import rms_norm

from bottega.networks.recurrent import Lstm, Recurrent, Scan
from bottega.networks.transformer import Norm, Transformer


def network(cls=Transformer, **numbers):
    torch.manual_seed(0)
    net = cls(vocabulary=50, width=32, layers=2, **numbers).eval()
    for p in net.parameters():  # zeros would make every layer nothing
        torch.nn.init.normal_(p, std=0.3)
    return net


KINDS = {
    "rotary": lambda: network(heads=2, context=16),
    "llama": lambda: network(heads=2, context=16, normed=False),
    "sinusoidal": lambda: network(heads=2, context=16, positions="sinusoidal"),
    "lstm": lambda: network(Lstm),
    "recurrent": lambda: network(Recurrent),
}


@pytest.mark.parametrize("kind", KINDS)
@torch.no_grad()
def test_reading_in_pieces_is_reading_at_once(kind):
    net, ids = KINDS[kind](), torch.randint(50, (3, 16))
    whole, _state = net(ids)
    for pieces in ([16], [1] * 16, [5, 1, 1, 7, 2], [1, 14, 1]):
        state, logits = net.begin(3), []
        for piece in ids.split(pieces, 1):
            some, state = net(piece, state)
            logits.append(some)
        assert torch.allclose(torch.cat(logits, 1), whole, atol=1e-4)


@torch.no_grad()
def test_beyond_the_context_it_forgets_and_does_not_grow():
    net, ids = KINDS["rotary"](), torch.randint(50, (2, 90))
    found = []
    for pieces in ([1] * 90, [30, 1, 1, 50, 8]):
        state, logits = net.begin(2), []
        for piece in ids.split(pieces, 1):
            logits.append(net(piece, state)[0])
        found.append(torch.cat(logits, 1))
        assert state.read == 90 and all(ring.values.shape == (2, 2, 16, 16) for ring in state.layers)
    assert torch.allclose(*found, atol=1e-4)


@pytest.mark.parametrize("kind", ["rotary", "llama", "sinusoidal"])
def test_writing_fast_is_the_same_as_reading(kind):
    net, ids = KINDS[kind](), torch.randint(50, (3, 90))
    with torch.no_grad():
        fast, slow = net.begin(3), net.begin(3)
        assert fast.quick()
        slow.near = False
        for token in ids.split([7] + [1] * 40 + [3] + [1] * 40, 1):
            written, fast = net(token, fast)
            read, slow = net(token, slow)
            assert torch.allclose(written, read, atol=1e-4)
    assert not net.begin(1).quick()  # with gradients, which only the slow way has


@pytest.mark.parametrize("kind", KINDS)
@torch.no_grad()
def test_nothing_looks_ahead(kind):
    net, ids = KINDS[kind](), torch.randint(50, (1, 12))
    other = ids.clone()
    other[0, 8:] = torch.randint(50, (4,))
    assert torch.allclose(net(ids)[0][:, :8], net(other)[0][:, :8], atol=1e-5)


def test_an_untrained_network_leaves_the_tokens_as_they_are():
    net = Transformer(vocabulary=20, width=16, layers=3, heads=2)
    ids = torch.arange(20)[None]
    assert torch.allclose(net.features(ids), net.model.norm(net.model.embed_tokens(ids)))


def test_the_gradients_of_the_norm_are_right():
    norm, x = Norm(6).double(), torch.randn(2, 3, 6, dtype=torch.double, requires_grad=True)
    torch.nn.init.normal_(norm.weight)
    assert torch.allclose(norm(x), rms_norm(x, (6,), norm.weight, 1e-6))
    assert torch.autograd.gradcheck(norm, x)


def test_the_gradients_of_the_scan_are_right():
    kept, new = (torch.rand(2, 5, 3, dtype=torch.double, requires_grad=True) for _which in range(2))
    start = torch.rand(2, 3, dtype=torch.double, requires_grad=True)
    assert torch.autograd.gradcheck(Scan.apply, (kept, new, start))


def test_hugging_face_reads_the_weights_as_they_are():
    transformers = pytest.importorskip("transformers")
    net = KINDS["rotary"]()
    config = transformers.Qwen3Config(
        vocab_size=50, hidden_size=32, intermediate_size=net.inner, num_hidden_layers=2, num_attention_heads=2,
        num_key_value_heads=2, head_dim=16, rms_norm_eps=1e-6, rope_theta=1e4, tie_word_embeddings=True,
    )  # fmt: skip
    theirs = transformers.Qwen3ForCausalLM(config).eval()
    assert theirs.load_state_dict(net.state_dict(), strict=False).unexpected_keys == []
    ids = torch.randint(50, (2, 10))
    with torch.no_grad():
        assert torch.allclose(theirs(ids).logits, net(ids)[0], atol=1e-4)


@pytest.mark.parametrize("wrong", [{"heads": 3}, {"heads": 2, "positions": "none"}])
def test_numbers_that_do_not_fit(wrong):
    with pytest.raises(ValueError, match=r"heads|rotary"):
        Transformer(vocabulary=20, width=16, **wrong)
