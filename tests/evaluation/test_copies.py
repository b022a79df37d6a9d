"""The copy audit finds planted copies however they are disguised, and accuses neither strangers nor blur."""

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageFilter

from bottega.datasets.builtin import draw
from bottega.evaluation.copies import ALIKE, CopyAudit, audit, closest_pairs_sheet

Change = Callable[[np.ndarray], np.ndarray]


def each(change: Callable[[Image.Image], Image.Image]) -> Change:
    return lambda works: np.stack([np.asarray(change(Image.fromarray(work)).convert("RGB")) for work in works])


def jpeg(work: Image.Image) -> Image.Image:
    file = io.BytesIO()
    work.save(file, "JPEG", quality=30)
    return Image.open(file)


def shifted(works: np.ndarray) -> np.ndarray:
    return np.pad(works, ((0, 0), (2, 0), (0, 2), (0, 0)), mode="edge")[:, :-2, 2:]


def brighter(works: np.ndarray) -> np.ndarray:
    return np.clip(works.astype(int) + 20, 0, 255).astype(np.uint8)


BLUR = each(lambda work: work.filter(ImageFilter.GaussianBlur(0.7)))
DISGUISES: dict[str, Change] = {
    "none": lambda works: works,
    "flipped": lambda works: works[:, :, ::-1],
    "shifted": shifted,
    "flipped and shifted": lambda works: shifted(works)[:, :, ::-1],
    "brighter": brighter,
    "compressed": each(jpeg),
    "blurred": BLUR,
}


@pytest.fixture(scope="module")
def collection() -> dict[str, np.ndarray]:
    works = np.stack([draw(index, 32)[0] for index in range(1_200)])
    works = works[np.random.default_rng(0).permutation(len(works))]
    return {"held_out": works[:200], "strangers": works[200:390], "train": works[390:]}


def planted(strangers: np.ndarray, train: np.ndarray, disguise: Change, count: int) -> tuple[np.ndarray, np.ndarray]:
    rows = np.random.default_rng(1).choice(len(train), count, replace=False)
    return np.concatenate([strangers, disguise(train[rows])]), rows


def found_copies(found: CopyAudit, first: int) -> dict[int, int]:
    return {pair.sample - first: pair.work for pair in found.pairs if pair.copied and pair.sample >= first}


@pytest.mark.parametrize("disguise", DISGUISES)
def test_one_copy_in_twenty_is_found(collection: dict[str, np.ndarray], disguise: str) -> None:
    strangers, train = collection["strangers"], collection["train"]
    samples, rows = planted(strangers, train, DISGUISES[disguise], 10)
    found = audit(samples, train, collection["held_out"])
    assert found.floor == pytest.approx(0.01, abs=0.001)
    assert 0.045 <= found.share <= 0.075, found.share
    named = found_copies(found, len(strangers))
    assert len(named) >= 9
    assert all(rows[sample] == work for sample, work in named.items())
    assert [pair.distance for pair in found.pairs] == sorted(pair.distance for pair in found.pairs)


@pytest.mark.parametrize("change", [lambda works: works, BLUR, each(lambda w: w.filter(ImageFilter.GaussianBlur(2)))])
def test_strangers_are_not_accused(collection: dict[str, np.ndarray], change: Change) -> None:
    found = audit(change(collection["strangers"]), collection["train"], collection["held_out"])
    assert found.share <= 0.035  # 190 works: within three standard errors of 1 %


def test_photographs(test_data: Path) -> None:
    files = sorted((test_data / "images" / "cifar10").rglob("*.jpg"))
    files = [files[i] for i in np.random.default_rng(0).permutation(len(files))[:3_000]]
    works = np.stack([np.asarray(Image.open(file).convert("RGB")) for file in files])
    held_out, strangers, train = works[:300], works[300:585], works[585:]
    for disguise in ("shifted", "blurred"):
        samples, _rows = planted(strangers, train, DISGUISES[disguise], 15)
        assert 0.045 <= audit(samples, train, held_out).share <= 0.075
    assert audit(strangers, train, held_out).share <= 0.025


@pytest.mark.parametrize("shape", [(24, 48, 3), (48, 24, 4), (64, 64, 1), (16, 16, 3)])
def test_any_shape_of_picture(shape: tuple[int, int, int]) -> None:
    random = np.random.default_rng(0)
    works = random.integers(0, 256, (40, 4, 4, shape[2]), np.uint8).repeat(shape[0] // 4, 1).repeat(shape[1] // 4, 2)
    found = audit(np.concatenate([works[:5], works[38:]]), works[:30], works[30:38])
    assert {(pair.sample, pair.work) for pair in found.pairs if pair.copied} >= {(i, i) for i in range(5)}
    assert found.share == pytest.approx(5 / 7, abs=0.15)
    sheet = closest_pairs_sheet(found, np.concatenate([works[:5], works[38:]]), works[:30])
    assert sheet.dtype == np.uint8 and sheet.ndim == 3 and sheet.shape[2] == 3
    assert (sheet == (214, 48, 49)).all(2).any()  # the red frame


def test_works_in_families_do_not_hide_copies(collection: dict[str, np.ndarray]) -> None:
    train = collection["train"]
    held_out = np.concatenate(
        [collection["held_out"][:90], train[:10]]
    )  # a tenth of them lie in the training works too
    samples, _rows = planted(collection["strangers"], train, brighter, 10)
    found = audit(samples, train, held_out)
    assert found.threshold == ALIKE
    assert found.floor == pytest.approx(0.1, abs=0.015)
    assert found.share >= 0.045


def test_a_few_held_out_works_give_a_high_floor(collection: dict[str, np.ndarray]) -> None:
    train = collection["train"]
    found = audit(train[:20], train[:30], collection["held_out"][:3])
    assert found.floor == 0.25 and found.share == 1
    with pytest.raises(ValueError, match="4 training works"):
        audit(train[:20], train[:3], collection["held_out"][:3])


def test_memory_does_not_depend_on_how_works_are_read(collection: dict[str, np.ndarray]) -> None:
    class Shelf:
        """Reads rows on demand, and remembers how many at once."""

        most = 0

        def __len__(self) -> int:
            return len(collection["train"])

        def __getitem__(self, rows: np.ndarray) -> np.ndarray:
            self.most = max(self.most, len(rows))
            return collection["train"][rows].repeat(4, 1).repeat(4, 2)

    shelf = Shelf()
    samples = collection["train"][:30].repeat(4, 1).repeat(4, 2)
    found = audit(samples, shelf, collection["held_out"].repeat(4, 1).repeat(4, 2))
    assert found.share == 1
    assert shelf.most <= (4 << 20) // (128 * 128 * 3)


def test_a_model_that_shows_nothing_yet_copies_nothing(collection):
    noise = np.random.default_rng(0).normal(127, 3, (64, 32, 32, 3)).astype(np.uint8)
    found = audit(noise, collection["train"], collection["held_out"])
    assert found.share == 0
