"""What computes, found here by the name that recipes use. Each is built as ``Class(shape=(C, H, W), classes=K, …)``,
one that reads or writes texts as ``Class(vocabulary=V, …)``.
"""

from typing import TYPE_CHECKING, Any

from bottega.parts import Catalogue

if TYPE_CHECKING:
    from torch import nn

NETWORKS = Catalogue(
    "network",
    {
        "dense-generator": "bottega.networks.dense:Generator",
        "dense-discriminator": "bottega.networks.dense:Discriminator",
        "dcgan-generator": "bottega.networks.dcgan:Generator",
        "dcgan-discriminator": "bottega.networks.dcgan:Discriminator",
        "cgan-discriminator": "bottega.networks.cgan:Discriminator",
        "residual-generator": "bottega.networks.residual:Generator",
        "residual-discriminator": "bottega.networks.residual:Discriminator",
        "conv-encoder": "bottega.networks.autoencoder:Encoder",
        "conv-decoder": "bottega.networks.autoencoder:Decoder",
        "cnn": "bottega.networks.cnn:Classifier",
        "unet": "bottega.networks.unet:UNet",
        "transformer": "bottega.networks.transformer:Transformer",
        "encoder-decoder": "bottega.networks.encoder_decoder:EncoderDecoder",
        "lstm": "bottega.networks.recurrent:Lstm",
        "recurrent": "bottega.networks.recurrent:Recurrent",
        "line-encoder": "bottega.networks.sentence:Encoder",
        "line-decoder": "bottega.networks.sentence:Decoder",
        "line-words": "bottega.networks.sentence:Words",
        "linear-coder": "bottega.networks.linear_coder:LinearCoder",
        "frame-velocity": "bottega.networks.frames:FrameVelocity",
        "frame-memory": "bottega.networks.frames:FrameMemory",
        "scene-velocity": "bottega.networks.scenes:SceneVelocity",
        "tune-recurrent": "bottega.networks.tunes:TuneRecurrent",
        "tune-transformer": "bottega.networks.tunes:TuneTransformer",
        "sound-encoder": "bottega.networks.sound:Encoder",
        "sound-decoder": "bottega.networks.sound:Decoder",
        "wave-generator": "bottega.networks.waveform:Generator",
        "wave-critic": "bottega.networks.waveform:Critic",
        "wavenet": "bottega.networks.wavenet:WaveNet",
        "film-encoder": "bottega.networks.film:Encoder",
        "film-decoder": "bottega.networks.film:Decoder",
        "film-critic": "bottega.networks.film:Critic",
        "clip-generator": "bottega.networks.clip:Generator",
        "clip-discriminator": "bottega.networks.clip:Discriminator",
        "moments": "bottega.networks.moments:Moments",
        "frame-gru": "bottega.networks.next_frame:FrameGru",
        "text-critic": "bottega.networks.text_critic:Critic",
    },
)


def build(name: str, numbers: dict[str, Any] | None = None, **given: Any) -> "nn.Module":
    """The network ``name``, from what the recipe says (``numbers``) and what the code knows (``given``).

    Raises:
        UsageError: no network has this name, or the network has no such number.
    """
    return in_fast_layout(NETWORKS.build(name, numbers or {}, **given))


def in_fast_layout(network: "nn.Module") -> "nn.Module":
    """The network with its 2-D weights channels-last, in which the convolutions of a CPU run fastest."""
    import torch

    return network.to(memory_format=torch.channels_last)
