import pytest
import torch

from bottega.editing.trained.features import answers, layers_of
from bottega.errors import UsageError
from bottega.models.pictures import PictureModel
from bottega.recipes.recipe import load
from bottega.representations.pixels import Pixels


def build(recipe_name, classes=0, shape=(3, 32, 32)):
    torch.manual_seed(0)
    recipe = load(recipe_name, {})
    return PictureModel(
        recipe, Pixels(shape), ["a", "b"][:classes], [0.5, 0.5][:classes], recipe.build(Pixels(shape), classes).eval()
    )


@pytest.mark.parametrize(
    ("name", "classes"), [("classifier", 2), ("gan", 0), ("gan", 2), ("dcgan", 2), ("cgan", 2), ("vae", 0)]
)
def test_layers_answer_to_pictures_of_any_size_and_pass_gradients_back(name, classes):
    model = build(name, classes)
    picture = torch.rand(1, 3, 45, 64).mul_(2).sub_(1).requires_grad_()
    found = answers(model, picture)
    assert list(found) == list(layers_of(model)) and len(found) >= 2
    sizes = [answer.shape[2] for answer in found.values()]
    assert sizes == sorted(sizes, reverse=True) and sizes[-1] < sizes[0]
    sum(answer.square().mean() for answer in found.values()).backward()
    assert picture.grad is not None and picture.grad.abs().sum() > 0


def test_an_answer_is_what_the_network_itself_computes_there():
    model = build("dcgan")
    picture = torch.rand(2, 3, 32, 32)
    seen = {}
    for name, layer in layers_of(model).items():
        layer.register_forward_hook(lambda _layer, _given, answer, name=name: seen.update({name: answer.clone()}))
    with torch.no_grad():
        model.objective.discriminator(picture)
        expected = dict(seen)
        for name, answer in answers(model, picture).items():
            assert torch.allclose(answer, expected[name], atol=1e-5)


def test_models_that_do_not_look_are_refused_in_one_sentence():
    with pytest.raises(UsageError, match="no network that looks"):
        layers_of(build("flow"))
    with pytest.raises(UsageError, match="dense layers"):
        layers_of(build("dense-gan", 0))
