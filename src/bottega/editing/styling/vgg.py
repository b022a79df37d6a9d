"""VGG-19 (Simonyan & Zisserman 2014, arXiv:1409.1556) up to conv4_1, for whoever has its weights or can fetch them.

Only safetensors are read, and only the nine convolutions that style needs: 14 of 575 MB, also when they are fetched.
"""

import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor

from bottega import home
from bottega.errors import DataError
from bottega.language import _

# Index in torchvision's ``features``: channels in and out. Style is read after the first of each block.
LAYERS = {
    0: (3, 64), 2: (64, 64), 5: (64, 128), 7: (128, 128), 10: (128, 256), 12: (256, 256), 14: (256, 256),
    16: (256, 256), 19: (256, 512),
}  # fmt: skip
FIRSTS = (0, 5, 10, 19)
MEAN, DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)

REPOSITORY = "timm/vgg19.tv_in1k"
PUBLISHED = "11aea017b543"  # how the sha256 begins that the hub publishes for that file
KEPT = "vgg19-conv4_1.safetensors"
TIMEOUT = 10  # seconds without an answer


def shapes() -> dict[str, tuple[int, ...]]:
    """Name to shape of the tensors that are kept."""
    found: dict[str, tuple[int, ...]] = {}
    for index, (entering, leaving) in LAYERS.items():
        found[f"features.{index}.weight"], found[f"features.{index}.bias"] = (leaving, entering, 3, 3), (leaving,)
    return found


class VGG:
    """Answers after relu1_1, relu2_1, relu3_1 and relu4_1; the last tells the content.

    Average pooling in place of the largest value, as Gatys et al. 2016 advise. Nothing is computed that is not asked.
    """

    content = (3,)
    octaves = 0

    def __init__(self, weights: dict[str, Tensor]) -> None:
        fast = torch.channels_last
        self.layers = [
            (
                index,
                weights[f"features.{index}.weight"].contiguous(memory_format=fast),
                weights[f"features.{index}.bias"],
            )
            for index in LAYERS
        ]
        # pictures enter in [0, 1]: their normalisation is folded into the first layer
        self.mean = torch.tensor(MEAN).view(1, 3, 1, 1)
        index, first, bias = self.layers[0]
        self.layers[0] = index, (first / torch.tensor(DEVIATION).view(1, 3, 1, 1)).contiguous(memory_format=fast), bias

    def __call__(self, picture: Tensor) -> list[Tensor]:
        """``(1, 3, H, W)`` in [0, 1] to four answers."""
        x, found = picture - self.mean, []
        for index, weight, bias in self.layers:
            if index in FIRSTS[1:] and min(x.shape[2:]) > 1:
                x = F.avg_pool2d(x, 2)
            x = F.relu_(F.conv2d(x, weight, bias, padding=1))
            if index in FIRSTS:
                found.append(x)
        return found


@dataclass(frozen=True)
class Found:
    """Where the weights are, or, as a pickle only, the file that is not opened."""

    file: Path | None
    pickle: Path | None = None


def find() -> Found:
    """The weights: BOTTEGA_VGG, Bottega's own copy, or the caches of Torch and Hugging Face."""
    if named := os.environ.get("BOTTEGA_VGG"):
        return Found(Path(named))
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    torch_hub = Path(os.environ.get("TORCH_HOME") or cache / "torch") / "hub" / "checkpoints"
    hugging_face = Path(os.environ.get("HF_HOME") or cache / "huggingface") / "hub"
    own = home.cache() / KEPT
    found = [
        *([own] if own.is_file() else []),
        *sorted(torch_hub.glob("vgg19-*.safetensors")),
        *sorted(hugging_face.glob(f"models--{REPOSITORY.replace('/', '--')}/snapshots/*/model.safetensors")),
    ]
    pickles = sorted(torch_hub.glob("vgg19-*.pth"))
    return Found(found[0] if found else None, pickles[0] if pickles else None)


def load(file: Path) -> VGG:
    """The network from a safetensors file, of which only the nine layers are read.

    Raises:
        DataError: no safetensors file, another network, or Bottega's own copy no longer as it was fetched.
    """
    from safetensors import SafetensorError, safe_open

    if file.suffix in (".pth", ".pt"):
        message = _("{file} is a pickle, which can run code when it is opened; give VGG-19 as safetensors.")
        raise DataError(message.format(file=file))
    try:
        with safe_open(file, "pt") as opened:
            weights = {name: opened.get_tensor(name).float() for name in shapes()}
            digest = (opened.metadata() or {}).get("digest")
    except (OSError, SafetensorError) as error:
        message = _("{file} does not hold the weights of VGG-19 as safetensors; remove it or name another.")
        raise DataError(message.format(file=file)) from error
    if any(tuple(weights[name].shape) != shape for name, shape in shapes().items()):
        raise DataError(_("{file} holds another network than VGG-19.").format(file=file))
    if digest is not None and digest != digest_of(weights):
        raise DataError(_("{file} is damaged; remove it, and fetch it again with --vgg download.").format(file=file))
    return VGG(weights)


def digest_of(weights: dict[str, Tensor]) -> str:
    """SHA-256 of the numbers, in the order of their names."""
    sha = hashlib.sha256()
    for name in sorted(weights):
        sha.update(weights[name].contiguous().numpy().tobytes())
    return sha.hexdigest()


def download() -> Path:
    """Fetch the nine layers from the Hugging Face Hub (HF_ENDPOINT) by range, and keep them under BOTTEGA_HOME.

    The hub must publish the SHA-256 that is known for the whole file. The digest of what was kept lies in its header,
    and is checked whenever it is loaded.

    Raises:
        DataError: no network, no such file there, or another one.
    """
    from http.client import HTTPException
    from urllib.error import URLError

    from safetensors.torch import save_file

    from bottega.media.files import whole_file

    endpoint = os.environ.get("HF_ENDPOINT") or "https://huggingface.co"
    url = f"{endpoint.rstrip('/')}/{REPOSITORY}/resolve/main/model.safetensors"
    try:
        if not published(url).startswith(PUBLISHED):
            raise DataError(_("{url} is not the file that Bottega knows as VGG-19.").format(url=url))
        weights = fetch(url)
    except (URLError, HTTPException, OSError, ValueError, KeyError) as error:
        message = _("VGG-19 could not be fetched from {url}: {why}.")
        raise DataError(message.format(url=url, why=getattr(error, "reason", error))) from error
    target = home.cache() / KEPT
    with whole_file(target) as part:
        save_file(weights, part, metadata={"digest": digest_of(weights), "source": REPOSITORY})
    return target


def published(url: str) -> str:
    """The SHA-256 of the whole file as the hub states it, without following it to where the bytes lie; "" if none."""
    from urllib.error import HTTPError
    from urllib.request import HTTPRedirectHandler, Request, build_opener

    class Stay(HTTPRedirectHandler):
        def redirect_request(self, *_arguments) -> None:
            return None

    try:
        with build_opener(Stay).open(Request(url, method="HEAD"), timeout=TIMEOUT) as answer:
            headers = answer.headers
    except HTTPError as error:
        if error.code >= 400:
            raise
        headers = error.headers
    return (headers.get("X-Linked-ETag") or headers.get("ETag") or "").removeprefix("W/").strip('"')


def fetch(url: str) -> dict[str, Tensor]:
    """The kept tensors of the safetensors file at ``url``, each by its own range; neighbours together."""
    length = int.from_bytes(span(url, 0, 8), "little")
    if not 0 < length < 1 << 20:
        raise ValueError(_("it is no safetensors file"))
    header = json.loads(span(url, 8, 8 + length))
    places = {}
    for name, shape in shapes().items():
        entry = header[name]
        if entry["dtype"] != "F32" or tuple(entry["shape"]) != shape:
            raise ValueError(_("it holds another network"))
        places[name] = tuple(entry["data_offsets"])
    weights: dict[str, Tensor] = {}
    for names in neighbours(places):
        begin, end = places[names[0]][0], places[names[-1]][1]
        data = span(url, 8 + length + begin, 8 + length + end)
        for name in names:
            first, last = (place - begin for place in places[name])
            weights[name] = torch.frombuffer(bytearray(data[first:last]), dtype=torch.float32).view(shapes()[name])
    return weights


def neighbours(places: dict[str, tuple[int, int]]) -> list[list[str]]:
    """The names in the order of their places, those that touch in one list."""
    groups: list[list[str]] = []
    for name in sorted(places, key=lambda name: places[name]):
        if groups and places[groups[-1][-1]][1] == places[name][0]:
            groups[-1].append(name)
        else:
            groups.append([name])
    return groups


def span(url: str, begin: int, end: int) -> bytes:
    """The bytes ``begin`` to ``end`` of a file on the network, those and no more."""
    from urllib.request import Request, urlopen

    request = Request(url, headers={"Range": f"bytes={begin}-{end - 1}"})
    with urlopen(request, timeout=TIMEOUT) as answer:
        if answer.status != 206:
            raise ValueError(_("the server sends no parts of files"))
        data = answer.read(end - begin)
    if len(data) != end - begin:
        raise ValueError(_("the connection ended early"))
    return data
