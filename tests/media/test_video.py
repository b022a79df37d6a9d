"""Films of others: read whatever their container, upright, in their colours and at a fixed rate."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from tests.media.conftest import filmed, numbers, pictures, psnr

from bottega.errors import UnreadableWork, UsageError
from bottega.media import image, video
from bottega.media.films.decoders import progressive

RATE = Fraction(12)


@pytest.mark.parametrize(
    ("name", "codec", "form", "least"),
    [
        ("a.mp4", "libx264", "yuv420p", 38),
        ("a.mov", "libx264", "yuv444p", 38),
        ("a.webm", "libvpx-vp9", "yuv420p", 38),
        ("a.mkv", "ffv1", "bgr0", 130),
        ("a.avi", "mpeg4", "yuv420p", 25),
        ("raw.avi", "rawvideo", "bgr24", 130),
        ("a.wmv", "wmv2", "yuv420p", 25),
        ("a.flv", "flv1", "yuv420p", 25),
        ("a.ts", "libx264", "yuv420p", 38),
        ("deep.mp4", "libx264", "yuv420p10le", 38),
        ("deep.mkv", "ffv1", "gbrp16le", 130),
    ],
)
def test_a_film_is_told_by_its_content_whatever_it_is_called(
    name: str, codec: str, form: str, least: int, tmp_path: Path
) -> None:
    path = filmed(tmp_path / name, pictures(), codec, form).rename(tmp_path / "film.txt")
    film = video.read(path)
    assert (film.rate, film.note, film.sound) == (RATE, None, None)
    assert psnr(film.frames, pictures()) > least
    assert video.read_record(path) is None


def bar(time: float) -> np.ndarray:
    """A bright bar on its way to the right."""
    frame = np.full((64, 96, 3), 60, np.uint8)
    place = round(10 + 3 * time)
    frame[12:52, place : place + 20] = 220, 180, 90
    return frame


def combs(frames: np.ndarray) -> float:
    """How much lines differ from those beside them more than from the next but one."""
    light = frames.astype(float).mean(3)
    return float((np.abs(np.diff(light, axis=1)).mean() - np.abs(light[:, 2:] - light[:, :-2]).mean() / 2).clip(0))


def woven(first: str) -> np.ndarray:
    """Frames of the bar, one half of whose lines is seen half a frame later."""
    frames = np.stack([bar(2 * number) for number in range(10)])
    for number in range(10):
        frames[number, (first == "tff") :: 2] = bar(2 * number + 1)[(first == "tff") :: 2]
    return frames


def test_an_interlaced_film_is_read_without_combs(tmp_path: Path) -> None:
    frames, options = woven("bff"), {"x264-params": "bff=1", "crf": "8"}
    film = video.read(filmed(tmp_path / "a.mp4", frames, form="yuv444p", rate=25, options=options))
    assert (len(film), film.rate, film.note) == (10, 25, None)
    assert combs(frames) > 3.5 and combs(film.frames) < 1
    plain = video.read(filmed(tmp_path / "b.mp4", frames, form="yuv444p", rate=25, options={"crf": "8"}))
    assert combs(plain.frames) > 3  # it does not say that it is interlaced: these may be its lines


@pytest.mark.parametrize("first", ["tff", "bff"])
def test_of_two_fields_the_first_is_kept(first: str) -> None:
    import av

    graph = av.filter.Graph()
    begin = graph.add_buffer(width=96, height=64, format=av.VideoFormat("yuv444p"), time_base=Fraction(1, 25))
    graph.link_nodes(begin, graph.add("setfield", first), graph.add("buffersink")).configure()
    said = []
    for number, pixels in enumerate(woven(first)):
        frame = av.VideoFrame.from_ndarray(pixels, "rgb24").reformat(format="yuv444p")
        frame.pts, frame.time_base = number, Fraction(1, 25)
        graph.push(frame)
        said.append(graph.pull())
    out = list(progressive(iter(said)))
    assert [frame.pts * Fraction(frame.time_base) * 25 for frame in out] == list(range(10))
    made, wanted = (
        np.stack(frames)
        for frames in ([frame.to_ndarray(format="rgb24") for frame in out], [bar(2 * n) for n in range(10)])
    )
    assert psnr(made[1:-1], wanted[1:-1]) > 3 + psnr(woven(first)[1:-1], wanted[1:-1])


def test_mpeg_is_read_at_its_rate(tmp_path: Path) -> None:
    film = video.read(filmed(tmp_path / "a.mpg", pictures(), "mpeg2video", rate=25))
    assert (len(film), film.rate) == (12, 25)


@pytest.mark.parametrize(
    ("name", "rate", "count"),
    [
        ("a.mp4", Fraction(24000, 1001), 12),
        ("a.mp4", Fraction(45000, 1499), 1),
        ("a.mkv", Fraction(60000, 1001), 12),
        ("a.mkv", Fraction(24000, 1001), 1),
        ("a.mkv", Fraction(1, 2), 3),
        ("a.avi", Fraction(30000, 1001), 12),
    ],
)
def test_the_rate_is_exact_also_for_a_single_frame(name: str, rate: Fraction, count: int, tmp_path: Path) -> None:
    film = video.read(filmed(tmp_path / name, pictures(count), "mpeg4", rate=rate))
    assert (len(film), film.rate) == (count, rate)


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv"])
def test_a_variable_rate_becomes_a_fixed_one_by_time_stamps(name: str, tmp_path: Path) -> None:
    times = [0, 100, 200, 300, 800, 900, 1000, 1600, 1700]
    path = filmed(tmp_path / name, pictures(9), times=times)
    film = video.read(path)
    assert film.rate == 10
    assert numbers(film.frames) == [0, 1, 2, 3, 3, 3, 3, 3, 4, 5, 6, 6, 6, 6, 6, 6, 7, 8]
    assert numbers(video.read(path, rate=5).frames)[:6] == [0, 2, 3, 3, 4, 6]


def test_time_stamps_that_leap_are_not_believed(tmp_path: Path) -> None:
    times = [0, 83, 167, 90_000_000, 90_000_083, 90_000_167]
    path = filmed(tmp_path / "a.mkv", pictures(6), "ffv1", "bgr0", times=times)
    assert numbers(video.read(path, rate=12, seconds=10).frames) == [0, 1, 2, 3, 4, 5]
    with pytest.raises(UnreadableWork, match="of memory"):  # what its header says, a day, is too much
        video.read(path)


@pytest.mark.parametrize("turned", [90, 180, 270])
def test_a_film_is_turned_upright(turned: int, tmp_path: Path) -> None:
    film = video.read(filmed(tmp_path / "a.mp4", pictures(3), form="yuv444p", turned=turned))
    upright = np.stack([np.rot90(frame, turned // 90) for frame in pictures(3)])
    assert psnr(film.frames, upright) > 38


@pytest.mark.parametrize(
    ("aspect", "size"), [(Fraction(2), (48, 128)), (Fraction(1, 2), (96, 64)), (Fraction(1, 400), (48, 64))]
)
def test_pixels_become_square(aspect: Fraction, size: tuple[int, int], tmp_path: Path) -> None:
    path = filmed(tmp_path / "a.mp4", pictures(2), sample_aspect_ratio=aspect)
    film = video.read(path)
    assert film.size == size
    assert video.read(path, size=(48, 64), fit="stretch").frames[0, 24, 32, 0] in range(118, 138)


def test_the_matrix_and_the_range_of_colours_are_honoured(tmp_path: Path) -> None:
    import av

    for number, (matrix, name) in enumerate([(1, "bt709"), (6, "bt601"), (9, "bt2020")]):
        for full in (1, 2) if number == 0 else (1,):
            path = tmp_path / f"{number}{full}.mkv"
            with av.open(str(path), "w") as container:
                stream = container.add_stream("ffv1", rate=12)
                stream.height, stream.width, stream.pix_fmt = 48, 64, "yuv444p"
                stream.codec_context.colorspace, stream.codec_context.color_range = matrix, full
                graph = av.filter.Graph()
                frame = av.VideoFrame.from_ndarray(pictures(1)[0], "rgb24")
                begin = graph.add_buffer(width=64, height=48, format=frame.format, time_base=Fraction(1, 12))
                way = f"64:48:out_color_matrix={name}:out_range={'pc' if full == 2 else 'tv'}:flags=accurate_rnd"
                end = graph.add("buffersink")
                graph.link_nodes(begin, graph.add("scale", way), graph.add("format", "yuv444p"), end).configure()
                graph.push(frame)
                container.mux(stream.encode(graph.pull()))
                container.mux(stream.encode(None))
            assert psnr(video.read(path).frames, pictures(1)) > 48, (name, full)


@pytest.mark.parametrize("transfer", [16, 18])
def test_high_dynamic_range_is_brought_to_an_ordinary_screen(transfer: int, tmp_path: Path) -> None:
    ramp = np.broadcast_to(np.arange(256, dtype=np.uint8)[None, None, :, None], (2, 32, 256, 3))
    colours = {"color_trc": transfer, "color_primaries": 9, "colorspace": 9, "color_range": 1}
    path = filmed(tmp_path / "a.mkv", ramp, form="yuv420p10le", options={"qp": "0"}, **colours)
    row = video.read(path).frames[0, 16, :, 1].astype(int)
    assert (np.diff(row) >= -1).all()  # monotonic
    assert row[0] < 3 and row[255] > 250
    paper = 148 if transfer == 16 else 191  # the code of paper's white
    assert 215 < row[paper] < 250


@pytest.mark.parametrize(
    ("name", "codec", "form"),
    [
        ("a.webm", "libvpx-vp9", "yuva420p"),
        ("b.webm", "libvpx", "yuva420p"),
        ("a.mov", "qtrle", "argb"),
        ("b.mov", "prores_ks", "yuva444p10le"),
        ("a.mkv", "ffv1", "bgra"),
        ("a.avi", "png", "rgba"),
    ],
)
def test_transparency_is_kept_premultiplied(name: str, codec: str, form: str, tmp_path: Path) -> None:
    meant = pictures(6, alpha=True)
    straight = np.concatenate([pictures(6), meant[..., 3:]], axis=-1)
    options = {"auto-alt-ref": "0"} if "vpx" in codec else {}
    path = filmed(tmp_path / name, straight, codec, form, options=options)
    assert psnr(video.read(path).frames, meant) > 36
    assert psnr(video.read(path, alpha=False).frames, meant[..., :3] + (255 - meant[..., 3:])) > 36
    half = video.read(path, size=32)
    assert half.frames.shape == (6, 24, 32, 4)
    assert (half.frames[..., :3] <= half.frames[..., 3:]).all()


def test_odd_sizes_are_read_as_they_are(tmp_path: Path) -> None:
    odd = pictures(3, 37, 53)
    np.testing.assert_array_equal(video.read(filmed(tmp_path / "a.mkv", odd, "ffv1", "bgr0")).frames, odd)


def test_a_film_is_fitted_cut_and_resampled(tmp_path: Path) -> None:
    path = filmed(tmp_path / "a.mkv", pictures(12), "ffv1", "bgr0")
    assert video.read(path, size=(32, 32)).size == (32, 32)
    cropped = video.read(path, size=(48, 48)).frames
    np.testing.assert_array_equal(cropped, pictures(12)[:, :, 8:56])
    padded = video.read(path, size=(64, 64), fit="pad").frames
    np.testing.assert_array_equal(padded[:, 8:56], pictures(12))
    assert (padded[:, :8] == 255).all() and (padded[:, 56:] == 255).all()
    assert video.read(path, size=32).size == (24, 32)
    assert video.read(path, size=1000).size == (48, 64)
    small = np.stack([image.resize(frame, (12, 16), (0, 0, 64, 48)) for frame in pictures(12)])
    assert psnr(video.read(path, size=(12, 16)).frames, small) > 45
    part = video.read(path, start=0.25, seconds=0.5)
    assert numbers(part.frames) == [3, 4, 5, 6, 7, 8]
    assert numbers(video.read(path, rate=6).frames) == [0, 2, 4, 6, 8, 10]
    assert numbers(video.read(path, rate=24, seconds=0.25).frames) == [0, 0, 1, 1, 2, 2]
    with pytest.raises(UnreadableWork, match=r"lasts only 1\.0 seconds, and is to be read from 9\.0 on"):
        video.read(path, start=9)
    for wrong in ({"rate": 0}, {"rate": 5000}, {"start": -1.0}, {"seconds": 0.0}, {"fit": "bend"}):
        with pytest.raises(UsageError):
            video.read(path, **wrong)


def test_a_late_part_is_found_by_seeking(tmp_path: Path) -> None:
    frames = pictures(13).repeat(10, axis=0)  # 130 seconds, one number for each ten
    path = filmed(tmp_path / "a.mp4", frames, rate=1, options={"g": "20"})
    assert numbers(video.read(path, start=98, seconds=4).frames) == [9, 9, 10, 10]


def test_blocks_hold_the_same_frames_and_are_constant_in_size(tmp_path: Path) -> None:
    path = filmed(tmp_path / "a.mp4", pictures(12))
    blocks = list(video.blocks(path, frames=5))
    assert [len(block) for block in blocks] == [5, 5, 2]
    whole = video.read(path)
    np.testing.assert_array_equal(np.concatenate([block.frames for block in blocks]), whole.frames)
    assert [len(block) for block in video.blocks(path, frames=6)] == [6, 6]
    flow = video.blocks(path, frames=1)
    next(flow)
    flow.close()


def test_how_far_a_long_film_is_read_is_told(tmp_path: Path) -> None:
    path, folder = tmp_path / "a.mkv", tmp_path / "frames"
    video.write(path, video.Film(np.random.default_rng(0).integers(0, 255, (60, 128, 128, 3), np.uint8), RATE))
    for number, picture in enumerate(pictures(12)):
        image.write(folder / f"{number}.png", picture)
    for film, frames in ((path, 6), (folder, 3)):
        told: list[float] = []
        assert sum(map(len, video.blocks(film, frames=frames, on_share=told.append))) > 3 * frames
        assert len(told) > 2 and told == sorted(told) and 0 < told[0] < 0.7 and told[-1] <= 1, told


def test_a_film_longer_than_memory_is_refused_in_words_and_read_in_blocks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = filmed(tmp_path / "a.mp4", pictures(12))
    monkeypatch.setattr(video, "MOST_BYTES", 11 * 48 * 64 * 3)
    with pytest.raises(UnreadableWork, match=r"pictures of 64 × 48 pixels need more than .* cut it shorter or make it"):
        video.read(path)
    assert len(video.read(path, seconds=0.5)) == 6
    assert len(video.read(path, size=32)) == 12
    assert sum(len(block) for block in video.blocks(path, frames=4)) == 12


@pytest.mark.parametrize("ending", [".gif", ".webp", ".png"])
def test_pictures_that_move_are_films(ending: str, tmp_path: Path) -> None:
    path = tmp_path / f"a{ending}"
    first, *rest = (Image.fromarray(frame) for frame in pictures(6))
    first.save(path, save_all=True, append_images=rest, duration=[100, 100, 300, 100, 100, 100], lossless=True)
    assert video.moves(path)
    film = video.read(path)
    assert (film.rate, len(film)) == (10, 8)
    if ending != ".gif":
        assert numbers(film.frames) == [0, 1, 2, 2, 2, 3, 4, 5]
    first.save(path)
    assert not video.moves(path)
    assert len(video.read(path)) == 1
    assert not video.moves(filmed(tmp_path / "a.mp4", pictures(3)))


def test_a_folder_of_pictures_is_a_film_in_natural_order(tmp_path: Path) -> None:
    for number in range(12):
        image.write(tmp_path / f"frame{number}.png", pictures(12)[number])
    image.write(tmp_path / "frame5.png", pictures(1, 20, 20)[0])
    (tmp_path / "frame7.png").write_bytes(b"damaged")
    (tmp_path / "notes.txt").write_text("no frame")
    film = video.read(tmp_path)
    assert (film.rate, film.sound, numbers(film.frames)) == (12, None, [0, 1, 2, 3, 4, 6, 8, 9, 10, 11])
    assert film.frames.shape[1:] == (48, 64, 3)
    assert film.note == "2 pictures are damaged or of another size than the first and were left out: " + (
        "frame5.png, frame7.png"
    )
    assert numbers(video.read(tmp_path, rate=4, start=0.5, seconds=1).frames) == [2, 3, 4, 6]
    (tmp_path / "none").mkdir()
    with pytest.raises(UnreadableWork, match="the folder holds no pictures"):
        video.read(tmp_path / "none")


def test_real_clips_are_read(test_data: Path) -> None:
    paths = sorted((test_data / "video").glob("*.mp4"))
    films = {path.stem: video.read(path, size=64) for path in paths}
    assert len(films) == 12 and all(film.note is None for film in films.values())
    assert {name for name, film in films.items() if film.sound} == {"cockatoo", "realshort"}
    assert (len(films["cockatoo"]), films["cockatoo"].rate) == (280, 20)
    assert films["realshort"].rate == Fraction(45000, 1499)
    for film in films.values():
        assert max(film.size) == 64 and 20 < film.frames.mean() < 255
