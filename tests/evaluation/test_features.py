"""The fixed feature space: the same everywhere, for pictures of any kind, and worse pictures lie farther away."""

import io
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image, ImageFilter

from bottega.evaluation.distances import frechet_distance, kernel_distance
from bottega.evaluation.features import FeatureSpace, classifier_features, dead_leaves, fixed_features, to_rgb, wavelets


def pictures(count: int, size: int = 32) -> np.ndarray:
    """Pictures of fewer leaves than those the space was whitened on."""
    return (dead_leaves(count, size, leaves=30) * 255).round().byte().permute(0, 2, 3, 1).numpy()


def filtered(works: np.ndarray, change) -> np.ndarray:
    return np.stack([np.asarray(change(Image.fromarray(work))) for work in works])


def jpeg(quality: int):
    def change(work: Image.Image) -> Image.Image:
        file = io.BytesIO()
        work.save(file, "JPEG", quality=quality)
        return Image.open(file).convert("RGB")

    return change


def noisy(works: np.ndarray, sigma: float) -> np.ndarray:
    return np.clip(works + np.random.default_rng(0).normal(0, sigma, works.shape), 0, 255).astype(np.uint8)


def shuffled(works: np.ndarray, cells: int) -> np.ndarray:
    n, size, side = len(works), works.shape[1], works.shape[1] // cells
    patches = works.reshape(n, cells, side, cells, side, 3).swapaxes(2, 3).reshape(n, cells**2, side, side, 3)
    random = np.random.default_rng(0)
    patches = np.stack([patch[random.permutation(cells**2)] for patch in patches])
    return patches.reshape(n, cells, cells, side, side, 3).swapaxes(2, 3).reshape(n, size, size, 3)


def worse(works: np.ndarray) -> dict[str, list[np.ndarray]]:
    """Kinds of damage, each from slight to heavy."""
    return {
        "blur": [filtered(works, lambda w, r=r: w.filter(ImageFilter.GaussianBlur(r))) for r in (0.5, 1, 2)],
        "noise": [noisy(works, sigma) for sigma in (6, 15, 40)],
        "jpeg": [filtered(works, jpeg(quality)) for quality in (40, 15, 4)],
        "shuffle": [shuffled(works, cells) for cells in (2, 4, 8)],
        "colour": [np.clip(works + np.array([s, 0, -s]), 0, 255).astype(np.uint8) for s in (15, 30, 60)],
        "few": [works[np.arange(len(works)) % m] for m in (len(works) // 4, 30, 8)],
    }


def check_order(space: FeatureSpace, real: np.ndarray, others: np.ndarray, works: np.ndarray) -> None:
    reference = space(real)
    floor, kernel_floor = frechet_distance(reference, space(others)), kernel_distance(reference, space(others))
    assert abs(kernel_floor.value) < max(4 * kernel_floor.error, 0.02)
    for damage, stages in worse(works).items():
        frechet = [frechet_distance(reference, space(stage)) for stage in stages]
        assert sorted(frechet) == frechet and frechet[0] > floor, (damage, floor, frechet)
        kernel = [kernel_distance(reference, space(stage)).value for stage in stages]
        assert sorted(kernel) == kernel and kernel[1] > kernel_floor.value, (damage, kernel_floor, kernel)


def test_worse_pictures_lie_farther_away() -> None:
    works = pictures(1_000)
    check_order(fixed_features(), works[:400], works[400:700], works[700:])


def test_worse_photographs_lie_farther_away(test_data: Path) -> None:
    files = sorted((test_data / "images" / "cifar10").rglob("*.jpg"))
    files = [files[i] for i in np.random.default_rng(0).permutation(len(files))[:1_500]]
    works = np.stack([np.asarray(Image.open(file).convert("RGB")) for file in files])
    check_order(fixed_features(), works[:800], works[800:1_150], works[1_150:])


def test_wavelets_see_neither_flat_colour_nor_its_brightness() -> None:
    assert wavelets().shape == (16, 1, 9, 9)
    assert torch.allclose(wavelets().sum((1, 2, 3)), torch.zeros(16), atol=1e-6)


def test_the_numbers_are_the_same_in_every_process() -> None:
    code = (
        "from bottega.evaluation.features import fixed_features, dead_leaves;"
        "p = (dead_leaves(20, 16) * 255).byte().permute(0, 2, 3, 1).numpy();"
        "import sys; sys.stdout.buffer.write(fixed_features(16)(p).tobytes())"
    )
    once, again = (subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout for _i in "12")
    assert once == again
    assert len(once) == 20 * 128 * 4


@pytest.mark.parametrize("shape", [(16, 16, 3), (40, 24, 3), (256, 128, 3), (64, 64, 4), (28, 28, 1)])
def test_any_size_and_kind_of_picture(shape: tuple[int, int, int]) -> None:
    works = np.random.default_rng(0).integers(0, 256, (5, *shape), np.uint8)
    found = fixed_features()(works)
    assert found.shape == (5, 128) and found.dtype == np.float32 and np.isfinite(found).all()


def test_a_work_alone_gives_the_numbers_it_gives_in_company() -> None:
    works = pictures(300)
    space = fixed_features()
    assert np.allclose(space(works)[[0, 299]], space(works[[0, 299]]), atol=1e-3)


def test_size_matters_little() -> None:
    works = pictures(200, 64)
    large, small = fixed_features()(works), fixed_features()(filtered(works, lambda w: w.resize((32, 32))))
    spread = frechet_distance(large, fixed_features()(filtered(works, lambda w: w.filter(ImageFilter.GaussianBlur(4)))))
    assert frechet_distance(large, small) < 0.1 * spread


def test_transparency_is_laid_over_grey() -> None:
    clear = np.zeros((1, 16, 16, 4), np.uint8)
    assert torch.allclose(to_rgb(clear), torch.full((1, 3, 16, 16), 0.5))
    solid = np.full((1, 16, 16, 4), 255, np.uint8)
    assert torch.allclose(to_rgb(solid), torch.ones(1, 3, 16, 16))


def test_classifier_features_are_its_penultimate_layer() -> None:
    class Means(torch.nn.Module):
        def features(self, x: torch.Tensor) -> torch.Tensor:
            assert x.shape[1:] == (3, 32, 32)
            return x.mean((2, 3))

    space = classifier_features(Means(), (3, 32, 32), "means")
    works = np.full((2, 48, 48, 3), [0, 51, 255], np.uint8)
    assert np.allclose(space(works), [[-1, -0.6, 1]] * 2, atol=1e-3)
    assert space.name == "means"
