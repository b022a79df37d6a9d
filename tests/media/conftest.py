"""Films of FFmpeg's, for tests of what others write."""

import io
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from bottega.media.audio import Sound


def pictures(count: int = 12, height: int = 48, width: int = 64, alpha: bool = False) -> np.ndarray:
    """Smooth frames that tell their number by their blue: uint8 ``(count, height, width, 3|4)``, premultiplied."""
    down, right = np.mgrid[:height, :width]
    frames = np.zeros((count, height, width, 4 if alpha else 3), np.uint8)
    frames[..., 0], frames[..., 1] = right * 255 // width, down * 255 // height
    frames[..., 2] = (np.arange(count) * 20 % 256)[:, None, None]
    if alpha:
        disc = (right - width // 2) ** 2 + (down - height // 2) ** 2 < (height // 3) ** 2
        frames[..., 3] = 255
        frames *= disc[None, :, :, None].astype(np.uint8)
    return frames


def numbers(frames: np.ndarray) -> list[int]:
    """Which of ``pictures`` these are."""
    return [round(float(frame[..., 2].mean()) / 20) for frame in frames]


def psnr(a: np.ndarray, b: np.ndarray) -> float:
    """How alike pictures are, in decibels."""
    assert a.shape == b.shape
    error = np.mean((a.astype(np.float64) - b) ** 2)
    return float(10 * np.log10(255**2 / max(error, 1e-9)))


def noise(seconds: float = 2.0, rate: int = 48_000) -> Sound:
    """A sound whose place in time can be measured to a sample."""
    rough = np.random.default_rng(0).normal(0, 0.2, round(seconds * rate))
    smooth = np.convolve(rough, np.ones(8) / 8, "same").astype(np.float32)
    return Sound(np.stack([smooth, smooth]), rate)


def filmed(
    path: Path,
    frames: np.ndarray,
    codec: str = "libx264",
    form: str = "yuv420p",
    *,
    rate: Any = 12,
    times: list[int] | None = None,
    sound: Sound | None = None,
    sound_codec: str = "aac",
    turned: int = 0,
    options: dict[str, str] | None = None,
    muxing: dict[str, str] | None = None,
    **context: Any,
) -> Path:
    """Write frames, uint8 ``(T, H, W, 3)`` or straight ``(T, H, W, 4)``, as somebody else would.

    Args:
        path: its ending says the container.
        frames: what is seen.
        codec, form: FFmpeg's names of the encoder and of the pixel format.
        rate: frames per second.
        times: when each frame is seen, in milliseconds, for a variable rate.
        sound, sound_codec: its sound track.
        turned: degrees, in the display matrix.
        options, muxing: of the encoder and of the container.
        context: attributes of the encoder, such as its colours.
    """
    import av

    with av.open(str(path), "w", options=muxing or {}) as container:
        stream = container.add_stream(codec, rate=rate, options=options or {})
        stream.height, stream.width, stream.pix_fmt = *frames.shape[1:3], form
        for name, value in context.items():
            setattr(stream.codec_context, name, value)
        if times:
            stream.codec_context.time_base = Fraction(1, 1000)
        if turned:
            stream.set_display_rotation(turned)
        track = container.add_stream(sound_codec, rate=sound.rate, layout="stereo") if sound else None
        for number, pixels in enumerate(frames):
            frame = av.VideoFrame.from_ndarray(
                np.ascontiguousarray(pixels), "rgba" if frames.shape[3] == 4 else "rgb24"
            )
            if times:
                frame.pts, frame.time_base = times[number], Fraction(1, 1000)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
        if sound is not None and track is not None:
            packed = np.ascontiguousarray(sound.samples.T).reshape(1, -1)
            frame = av.AudioFrame.from_ndarray(packed, "flt", "stereo")
            frame.sample_rate, frame.pts = sound.rate, 0
            container.mux(track.encode(frame))
            container.mux(track.encode(None))
    return path


def packets(sound: bytes) -> list[bytes]:
    """The packets of a sound track in memory."""
    import av

    with av.open(io.BytesIO(sound)) as container:
        return [bytes(packet) for packet in container.demux(audio=0) if packet.size]


def delay(sound: Sound, original: Sound) -> int:
    """By how many samples a sound comes later than the one it was made from."""
    size = 32_768
    spectra = [np.fft.rfft(one.samples[0, :size], 2 * size) for one in (sound, original)]
    place = int(np.argmax(np.fft.irfft(spectra[0] * np.conj(spectra[1]))))
    return place if place < size else place - 2 * size
