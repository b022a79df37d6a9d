"""Bring back what a picture has lost, with a trained model: its colours, or the calm under its noise."""

from pydantic import Field

from bottega.editing.operation import PICTURE, Job, Made, Operation, Settings, Works
from bottega.language import _, later


class ColorizeSettings(Settings):
    """What a person can choose; see the descriptions."""

    strength: float = Field(
        1.0, ge=0, le=2, description=later("How strong the colours are: 1 is as the model sees them.")
    )
    label: str = Field("", description=later("The class it belongs to; guessed when not given."))


class DenoiseSettings(Settings):
    """What a person can choose; see the descriptions."""

    noise: float = Field(
        -1.0, ge=-1, le=128, description=later("Standard deviation of the noise in steps of 1/255; -1 measures it.")
    )
    strength: float = Field(1.0, ge=0, le=2, description=later("How much of the measured noise to take away."))


def colorize(works: Works, settings: ColorizeSettings, job: Job) -> Made:
    """Colours that the model finds likely, at the model's size, under the picture's own light."""
    from bottega.editing.trained import restoring

    made = restoring.colorize(works["picture"][0], settings.strength, settings.label, job)
    return Made([made], {"colour": restoring.colourfulness(made)})


def denoise(works: Works, settings: DenoiseSettings, job: Job) -> Made:
    """The picture without its noise."""
    from bottega.editing.trained import restoring

    picture = works["picture"][0]
    noise = settings.noise if settings.noise >= 0 else restoring.noise_in(picture)
    if settings.noise < 0:
        job.say(_("The noise measures {noise:.1f} of 255.").format(noise=noise))
    made = restoring.denoise(picture, noise * settings.strength, job)
    return Made([made], {"noise": round(noise, 2)})


COLORIZE = Operation(
    name="colorize",
    title=later("Give a grey picture the colours that a trained model finds likely"),
    inputs=(PICTURE,),
    settings=ColorizeSettings,
    run=colorize,
    model="required",
    examples=((later("Colour an old photograph"), "colorize old.jpg --model my-model"),),
)

DENOISE = Operation(
    name="denoise",
    title=later("Take the noise out of a picture"),
    inputs=(PICTURE,),
    settings=DenoiseSettings,
    run=denoise,
    model="required",
    examples=((later("Clean a noisy photograph"), "denoise night.jpg --model my-model"),),
)
