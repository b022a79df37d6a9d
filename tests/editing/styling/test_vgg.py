"""VGG-19 with random weights of the right shape, in real files and from a real server."""

import hashlib
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from bottega import home as places
from bottega.editing.styling import vgg
from bottega.errors import DataError


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> Path:
    """A file as the hub holds it: the nine layers, and others that nobody needs."""
    generator = torch.Generator().manual_seed(0)
    weights = {
        name: torch.randn(shape, generator=generator) * (0.1 if len(shape) == 1 else (2 / shape[1] / 9) ** 0.5)
        for name, shape in vgg.shapes().items()
    }
    weights["features.21.weight"] = torch.zeros(64, 64, 3, 3)
    weights["head.fc.weight"] = torch.zeros(100, 4096)
    file = tmp_path_factory.mktemp("hub") / "model.safetensors"
    save_file(weights, file)
    return file


@pytest.fixture
def hub(whole, monkeypatch):
    """A server that answers as the Hugging Face Hub does: HEAD states a digest and redirects, GET takes ranges."""
    data, digest, asked = whole.read_bytes(), hashlib.sha256(whole.read_bytes()).hexdigest(), []

    class Hub(BaseHTTPRequestHandler):
        ranges = True
        stated = digest

        def do_HEAD(self):
            self.send_response(302)
            self.send_header("Location", "/bytes")
            self.send_header("X-Linked-ETag", f'"{self.stated}"')
            self.end_headers()

        def do_GET(self):
            if self.path != "/bytes":
                self.send_response(302)
                self.send_header("Location", "/bytes")
                self.end_headers()
                return
            begin, end = map(int, self.headers["Range"].removeprefix("bytes=").split("-"))
            asked.append(end + 1 - begin)
            part = data[begin : end + 1] if self.ranges else data
            self.send_response(206 if self.ranges else 200)
            self.send_header("Content-Length", str(len(part)))
            self.end_headers()
            self.wfile.write(part)

        def log_message(self, *_arguments):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setattr(vgg, "PUBLISHED", digest[:12])
    Hub.asked, Hub.total = asked, len(data)
    yield Hub
    server.shutdown()
    server.server_close()


@pytest.fixture
def no_caches(tmp_path, monkeypatch):
    for name in ("TORCH_HOME", "HF_HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name))
    monkeypatch.delenv("BOTTEGA_VGG", raising=False)
    return tmp_path


def test_the_answers_are_those_of_the_network_written_plainly(whole):
    network = vgg.load(whole)
    weights = {name: tensor for name, tensor in zip(vgg.shapes(), read(whole), strict=True)}
    picture = torch.rand(1, 3, 40, 52)
    x = (picture - torch.tensor(vgg.MEAN).view(1, 3, 1, 1)) / torch.tensor(vgg.DEVIATION).view(1, 3, 1, 1)
    expected = []
    for index in range(20):
        if f"features.{index}.weight" in weights:
            kernel, bias = weights[f"features.{index}.weight"], weights[f"features.{index}.bias"]
            x = torch.relu(torch.nn.functional.conv2d(x, kernel, bias, padding=1))
            if index in (0, 5, 10, 19):
                expected.append(x)
        elif index in (4, 9, 18):
            x = torch.nn.functional.avg_pool2d(x, 2)
    found = network(picture)
    assert [f.shape[1] for f in found] == [64, 128, 256, 512]
    for one, other in zip(found, expected, strict=True):
        assert torch.allclose(one, other, rtol=1e-4, atol=1e-4)


def read(file):
    from safetensors import safe_open

    with safe_open(file, "pt") as opened:
        return [opened.get_tensor(name) for name in vgg.shapes()]


def test_only_the_layers_that_are_needed_are_fetched_and_kept(hub, whole, no_caches):
    kept = vgg.download()
    assert kept.parent == places.cache() and vgg.find().file == kept
    needed = sum(4 * torch.Size(shape).numel() for shape in vgg.shapes().values())
    assert needed < sum(hub.asked) < needed + 20_000 < hub.total
    assert needed < kept.stat().st_size < needed + 20_000
    picture = torch.rand(1, 3, 16, 16)
    for one, other in zip(vgg.load(kept)(picture), vgg.load(whole)(picture), strict=True):
        assert torch.equal(one, other)


def test_what_was_kept_is_checked_when_it_is_loaded(hub, no_caches):
    kept = vgg.download()
    data = bytearray(kept.read_bytes())
    data[-1000] ^= 1
    kept.write_bytes(data)
    with pytest.raises(DataError, match="damaged"):
        vgg.load(kept)


def test_another_file_on_the_hub_or_one_without_ranges_is_refused(hub, no_caches):
    hub.ranges = False
    with pytest.raises(DataError, match="no parts of files"):
        vgg.download()
    hub.stated = "0" * 64
    with pytest.raises(DataError, match="not the file"):
        vgg.download()
    assert vgg.find().file is None


def test_without_a_network_there_is_one_sentence(no_caches, monkeypatch):
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with pytest.raises(DataError, match="could not be fetched"):
        vgg.download()


def test_caches_are_searched_and_pickles_only_named(no_caches, whole, monkeypatch):
    assert vgg.find() == vgg.Found(None)
    checkpoints = no_caches / "TORCH_HOME" / "hub" / "checkpoints"
    checkpoints.mkdir(parents=True)
    (checkpoints / "vgg19-dcbb9e9d.pth").write_bytes(b"never opened")
    assert vgg.find() == vgg.Found(None, checkpoints / "vgg19-dcbb9e9d.pth")
    with pytest.raises(DataError, match="pickle"):
        vgg.load(checkpoints / "vgg19-dcbb9e9d.pth")
    snapshot = no_caches / "HF_HOME" / "hub" / "models--timm--vgg19.tv_in1k" / "snapshots" / "abc"
    snapshot.mkdir(parents=True)
    (snapshot / "model.safetensors").symlink_to(whole)
    assert vgg.find().file == snapshot / "model.safetensors"
    monkeypatch.setenv("BOTTEGA_VGG", str(whole))
    assert vgg.find().file == whole


def test_other_files_are_refused_in_one_sentence(tmp_path):
    (tmp_path / "a.safetensors").write_bytes(b"no")
    save_file({"features.0.weight": torch.zeros(1)}, tmp_path / "b.safetensors")
    for name in ("a.safetensors", "b.safetensors", "absent.safetensors"):
        with pytest.raises(DataError, match="does not hold"):
            vgg.load(tmp_path / name)
    save_file({name: torch.zeros(2) for name in vgg.shapes()}, tmp_path / "c.safetensors")
    with pytest.raises(DataError, match="another network"):
        vgg.load(tmp_path / "c.safetensors")
