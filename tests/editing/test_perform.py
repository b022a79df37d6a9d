import numpy as np
import pytest
from PIL import Image, ImageCms

import bottega
from bottega.errors import UnreadableWork, UsageError
from bottega.events import Editing, Said
from bottega.media import image
from bottega.provenance.record import sha256


def test_a_picture_comes_out_changed_with_its_record(negative, cat, tmp_path):
    edited = bottega.edit("negative", cat, to=tmp_path / "out.png", seed=3)
    assert edited.files == [tmp_path / "out.png"] and edited.sheet is None
    assert np.array_equal(image.read(edited.files[0]), 255 - image.read(cat))
    record = image.read_record(edited.files[0])
    assert record["operation"] == "negative" and record["parents"] == [sha256(cat)]
    assert record["parameters"]["seed"] == 3 and record["parameters"]["settings"]["channel"] == "all"
    assert record["digital_source_type"] == "compositeWithTrainedAlgorithmicMedia"
    assert str(tmp_path) not in str(record)
    assert edited.facts == {"strength": 1.0}


def test_nothing_is_overwritten(negative, cat, tmp_path):
    paths = [bottega.edit("negative", cat, to=tmp_path / "out.png").files[0].name for _time in range(3)]
    assert paths == ["out.png", "out-1.png", "out-2.png"]
    (one,) = bottega.edit("negative", cat).files
    assert one.parent == bottega.home.works() and one.name == "cat-negative.png"


def test_several_results_come_with_a_sheet_and_a_film_is_one_file(negative, cat, tmp_path):
    several = bottega.edit("negative", cat, to=tmp_path, count=3)
    assert [path.name for path in several.files] == [f"cat-negative-{i}.png" for i in range(3)]
    assert [image.read_record(path)["index"] for path in several.files] == [0, 1, 2]
    assert image.read(several.sheet).shape[0] > 12
    film = bottega.edit("negative", cat, to=tmp_path / "film.webp", count=3, film=True)
    with Image.open(film.files[0]) as opened:
        assert opened.n_frames == 3
    assert image.read_record(film.files[0])["operation"] == "negative"


@pytest.mark.parametrize("ending", [".png", ".jpg", ".webp"])
def test_the_record_is_inside_whatever_the_format(negative, cat, tmp_path, ending):
    (path,) = bottega.edit("negative", cat, to=tmp_path / f"out{ending}").files
    assert image.read_record(path)["parameters"]["inputs"] == {"picture": 1, "others": 0, "mask": 0}


def test_the_colour_profile_is_carried(negative, tmp_path):
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    picture = Image.new("RGB", (8, 8), (200, 10, 30))
    picture.save(tmp_path / "with.png", icc_profile=profile)
    for ending in (".png", ".jpg", ".webp"):
        (path,) = bottega.edit("negative", tmp_path / "with.png", to=tmp_path / f"out{ending}").files
        assert image.read_profile(path) == profile
    cmyk = profile[:16] + b"CMYK" + profile[20:]
    Image.new("CMYK", (8, 8)).save(tmp_path / "print.jpg", icc_profile=cmyk)
    assert image.read_profile(tmp_path / "print.jpg") is None


def test_one_transparent_work_gives_all_of_them_transparency(negative, cat, tmp_path):
    clear = Image.new("RGBA", (8, 8), (200, 100, 0, 128))
    clear.save(tmp_path / "clear.png")
    said = []
    bottega.edit("negative", cat, tmp_path / "clear.png", to=tmp_path / "o.png", on_event=said.append)
    assert "1 others, channels 4" in [one.text for one in said if isinstance(one, Said)]
    assert [one.share for one in said if isinstance(one, Editing)] == [0.0, 1.0]


def test_a_mask_is_white_where_to_change(negative, cat, tmp_path):
    mask = np.zeros((12, 16), np.uint8)
    mask[:6] = 255
    Image.fromarray(mask).save(tmp_path / "mask.png")
    (path,) = bottega.edit("negative", cat, mask=tmp_path / "mask.png", to=tmp_path / "out.png").files
    before, after = image.read(cat), image.read(path)
    assert np.array_equal(after[6:], before[6:]) and np.array_equal(after[:6], 255 - before[:6])


@pytest.mark.parametrize(
    ("files", "wishes", "sentence"),
    [
        (0, {}, "takes 1 works as “picture”; there are 0"),
        (4, {}, "takes 0–2 works as “others”; there are 3"),
        (1, {"stength": 0.5}, "no setting “stength”.*Did you mean “strength”"),
        (1, {"strength": 3}, "“strength”.*cannot be “3”"),
        (1, {"to": "out.tiff"}, "ends in none of .png"),
    ],
)
def test_what_makes_no_sense_is_said(negative, cat, files, wishes, sentence):
    with pytest.raises(UsageError, match=sentence):
        bottega.edit("negative", *[cat] * files, **wishes)


def test_an_unknown_operation_and_a_file_that_is_no_picture(negative, tmp_path):
    with pytest.raises(UsageError, match="Did you mean “vary”"):
        bottega.edit("varry", tmp_path / "a.png")
    (tmp_path / "a.png").write_text("not a picture")
    with pytest.raises(UnreadableWork, match=r"a\.png cannot be read"):
        bottega.edit("negative", tmp_path / "a.png")
