"""The sequence GAN's texts beside those of likelihood alone, at the same minutes: quality against diversity.

    python -m benchmarks text_gan quatrains_keywords.jsonl --minutes 4

Quality is BLEU-5 of each text against held-out works (higher is better), diversity self-BLEU-5, of each text against
the others (lower is better), as in Texygen (Zhu et al. 2018, arXiv:1802.01886), both counted by sacrebleu. One point
says little: temperature trades one for the other (Caccia et al. 2020, arXiv:1811.02549), so each model gives a curve.
The works held out, as many as there are texts, show what people score.
"""

import json

from bottega.crafts import text as craft
from bottega.recipes.recipe import load
from on_texts import arguments, prepared, train

TEMPERATURES = (0.6, 0.7, 0.8, 0.9, 1.0, 1.1)
SHOWN = 10


def bleu(texts: list[str], references: list[str] | None) -> float:
    """Mean BLEU-5 in [0, 1] of each text against all references, or against all other texts."""
    from sacrebleu.metrics.bleu import BLEU

    scorer = BLEU(max_ngram_order=5, tokenize="none", effective_order=True, smooth_method="floor", smooth_value=0.1)
    found = []
    for i, text in enumerate(texts):
        others = references if references is not None else texts[:i] + texts[i + 1 :]
        found.append(scorer.sentence_score(text, others).score / 100)
    return sum(found) / len(found)


def in_tokens(text: str) -> str:
    """Chinese by characters, everything else by words, with spaces between for the scorer."""
    text = text.replace("\n", " / ")
    return " ".join(text if any("\u3400" <= letter <= "\u9fff" for letter in text) else text.split())


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--texts", type=int, default=200, help="written at each temperature")
    parser.add_argument("--references", type=int, default=300, help="held-out works they are compared with")
    chosen = parser.parse_args()
    data = prepared(chosen)
    held_out = [in_tokens(text) for text in data.texts(data.held_out)]
    references, human = held_out[: chosen.references], held_out[chosen.references :][: chosen.texts]
    longest = max(map(len, data.texts(data.held_out)))
    print(f"{chosen.texts} texts at each point, {len(references)} references, {chosen.minutes:g} minutes each")
    print("\n| model | temperature | BLEU-5 | self-BLEU-5 |\n|---|--:|--:|--:|")
    table = [("people", None, bleu(human, references), bleu(human, None))]
    print(f"| people | – | {table[0][2]:.3f} | {table[0][3]:.3f} |", flush=True)
    shown: list[str] = []
    sides = {
        "seqgan": {},
        "its writer, likelihood alone": {"objective.first": "1.0", "objective.ahead": "0.0"},
        "gpt": {},
    }
    for name, settings in sides.items():
        recipe = load(name if name == "gpt" else "seqgan", settings)
        model, rows, _encode = craft.begin(recipe, data, chosen.seed)
        train(model.objective, rows, recipe, chosen.minutes, chosen.seed)
        for temperature in TEMPERATURES:
            made = model.generate(
                chosen.texts, seed=chosen.seed, length=2 * longest, temperature=temperature, min_p=0.0, repeat=0
            )
            texts = [in_tokens(str(work.content)) for work in made]
            if name == "seqgan" and temperature == 1:
                shown = [str(work.content).replace("\n", " / ") for work in made[:SHOWN]]
            table.append((name, temperature, bleu(texts, references), bleu(texts, None)))
            print(f"| {name} | {temperature} | {table[-1][2]:.3f} | {table[-1][3]:.3f} |", flush=True)
    print(f"\nseqgan at temperature 1 (seed {chosen.seed})", *shown, sep="\n  ")
    if chosen.json:
        chosen.json.write_text(json.dumps(table, indent=1))


if __name__ == "__main__":
    main()
