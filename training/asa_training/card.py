"""MODEL_CARD.md: the card in words, made from card.json alone, in the layout of model hubs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from asa_desktop.core.models import SYSTEMS, TRIPLETS
from asa_training.card_front import front_matter
from asa_training.card_numbers import evaluation
from asa_training.card_training import GRADES, data, procedure

_DETAILS = """# {id}

## Model details

{network}

**Scores are on a {scale}.** {judged} {hears}

- Network: {shape}
- Licence of the weights: {licence}
- Files: `weights.safetensors` (sha256 `{sha256}`), `card.json`; nothing in them is executed"""

_JUDGED = """Nothing here was compared with people's judgement: that a score of 80
means what a listener would call good has not been shown."""
_JUDGED_BY_MARKS = """It learnt from people's marks; nothing here was compared with marks that it
did not learn from: `asa-train evaluate --manifest` does that."""

_SHARED = "One shared CNNSA tower"
_TWO = "Two CNNSA towers, one for what is sung and one for the reference"

_TRIPLET = """{towers} (`{system}`: the learned system of Zhang et al., ISMIR 2021{key}), trained to
place a clip of 3 s the nearer to {reference} the better it is sung. Clips are compared by the
{cosine}; the score is a map of that."""

_HEADED = """A CNNSA tower with a head that says the score of a clip of 3 s (`{system}` of Zhang et
al., ISMIR 2021): {learnt}. It learnt {label}. The score is {said}."""

_SEVERITY = """the weak label 100 x (1 - severity), {grade}, which the
renderer knows and no listener gave"""
_MARK = "people's mean mark of {target} for the whole performance, brought to 0 to 100"

_LEARNT = {
    "direct": "it is shown the take alone",
    "delta": "it is shown the take less the original's voice{key}, channel by channel",
    "embdirect": "three layers on the embedding of the frozen tower of `{tower}`, which is shown "
    "the take alone",
}
_HEARD_FROM, _UNHEARD_BELOW = 0.8, 0.65
_REFERENCES = {"rori": "the original's", "racc": "the accompaniment's"}

_USES = """## Intended use

Practice: a singer's own solo takes, clip by clip, {beside}; to find the places that are worth
another try, and to see whether takes of one song by one singer get better.

## Out-of-scope

- Grading, hiring, casting, or ranking people: {marks}.
- Identifying singers, or telling anything of a person from the voice.
- Mixes with accompaniment, choirs, speech, rap and instruments."""

_HOW = """## How to use

With ASA Desktop: put this folder into the program's folder of models, or `asa models add` a pack
that holds it; then `asa analyze TAKE --song SONG --model {id}`. In Python:

```python
from pathlib import Path

from asa_desktop.core import analyse, load_model, load_song

model = load_model(Path("{id}"))
found = analyse(Path("take.flac"), load_song(Path("song")), model=model)
print(found.overall.score)
```"""

_HOW_FROM_A_HUB = """## How to use

In the folder that this file lies in, with ASA Desktop installed:

```
asa models add .
asa models list
```

Nothing is installed before all of it was checked: card and format, every file's hash, safetensors
and nothing else. Then `asa analyze TAKE --song SONG --model {id}`, with a recording and a song of
yours, or {id} chosen in the window's settings. In Python, from the same folder, without installing
it, on the take that comes with the program:

```python
from pathlib import Path

from asa_desktop.core import analyse, load_model, load_song
from asa_desktop.services.example import bundled_example

model = load_model(Path("."))
example = bundled_example()
found = analyse(example.audio, load_song(example.song), model=model)
print(found.overall)
```"""

_CITATION = """## Citation and attribution

The method: Zhang, Jiang, Jiang and Hu, "Learn by Referencing: Towards Deep Metric Learning for
Singing Assessment", ISMIR 2021. The training data, to be named wherever the weights go:

{credits}"""


def model_card(card: dict[str, Any], *, hub: bool = False) -> str:
    """The whole text; for a `hub`, how to use the model from a folder of that hub."""
    parts = [
        front_matter(card),
        _details(card),
        _USES.format(
            beside=_beside(card["system"]),
            marks="the marks that it was made from are a few people's, and of whole performances"
            if _saw_marks(card)
            else "it was not made from people's marks",
        ),
        data(card),
        procedure(card),
        evaluation(card),
        _limits(card),
        (_HOW_FROM_A_HUB if hub else _HOW).format(id=card["id"]),
        _CITATION.format(credits="\n".join(f"- {line}" for line in card["attribution"])),
    ]
    return "\n\n".join(part.strip() for part in parts) + "\n"


def _details(card: dict[str, Any]) -> str:
    return _DETAILS.format(
        id=card["id"],
        network=_network(card),
        scale=card["scale"],
        judged=_JUDGED_BY_MARKS if _saw_marks(card) else _JUDGED,
        hears=_hears(card),
        shape=_shape(card["network"]),
        licence=card["licence"],
        sha256=card["weights"]["sha256"],
    )


def _network(card: dict[str, Any]) -> str:
    system, count = card["system"], len(card["views"])
    key = ", with the key removed once a take" if card["features"]["key_removed"] else ""
    if system in TRIPLETS:
        mean = f"mean cosine of their embeddings in {count} transpositions"
        return _TRIPLET.format(
            towers=_TWO if card["towers"] == "two" else _SHARED,
            system=system,
            key=key,
            reference=_REFERENCES[system],
            cosine=mean if count > 1 else "cosine of their embeddings",
        )
    tower = card["training"].get("tower", {}).get("id", "")
    return _HEADED.format(
        system=system,
        label=_MARK.format(**_by_marks(card))
        if _by_marks(card)
        else _SEVERITY.format(grade=GRADES[card["training"]["grade"]]),
        learnt=_LEARNT[system].format(key=key, tower=tower),
        said=f"the mean of what it says in {count} transpositions" if count > 1 else "what it says",
    )


def _by_marks(card: dict[str, Any]) -> dict[str, Any]:
    """Whose marks of what the run learnt; empty where it learnt from renditions."""
    found: dict[str, Any] = card["training"].get("marks", {})
    return found


def _saw_marks(card: dict[str, Any]) -> bool:
    """Whether marks went into the weights, be it in a run that this one began with."""
    return any("marks" in each for each in card["training"]["data"])


def _shape(network: dict[str, Any]) -> str:
    channels = network.get("channels")
    seen = f"channels {', '.join(channels)}" if channels else "all five channels"
    return (
        f"width {network['width']}, {network['layers']} encoder layers of {network['heads']} heads,"
        f" feed-forward {network['feed_forward']}, embedding {network['embedding']}, positions "
        f"{network['positions']}, CLS vector {network['cls']}, {seen} of 3.008 s at 16 kHz"
    )


def _hears(card: dict[str, Any]) -> str:
    """Which faults it tells from none, by what was measured on the test."""
    each = card["evaluation"]["auc_each_0.5"]
    known = {name: value for name, value in each.items() if value is not None}
    well = _names(name for name, value in known.items() if value >= _HEARD_FROM)
    hardly = _names(name for name, value in known.items() if value < _UNHEARD_BELOW)
    return (
        f"At half strength it tells from good singing (AUC {_HEARD_FROM} and more): "
        f"{well or 'nothing'}; hardly or not at all (under {_UNHEARD_BELOW}): "
        f"{hardly or 'nothing'}."
    )


def _names(names: Iterable[str]) -> str:
    return ", ".join(name.replace("_", " ") for name in names)


def _beside(system: str) -> str:
    if SYSTEMS[system] == "vocal":
        return "beside the original's voice"
    return "beside the accompaniment" if SYSTEMS[system] == "accompaniment" else "by themselves"


def _limits(card: dict[str, Any]) -> str:
    each = card["evaluation"]["auc_by_singer"]
    singers = ", ".join(f"{name} {value:.3f}" for name, value in each.items())
    lines = [
        f"AUC by singer (severity 0.5): {singers or 'no clips'}.",
        _of_the_reference(card["system"]),
        f"Trained on {_people(card)}; children, choirs, rap, growl and noisy rooms were not tried.",
        "A mark stands for a whole performance and hangs on more than singing: voice, song, room."
        if _saw_marks(card)
        else "Words, expression and style were no defects in training.",
        "Rendered defects are cleaner than people's: rank among renditions says little about rank "
        "among singers.",
        _of_the_key(card),
        *_of_other_songs(card),
    ]
    return "## Known failures and limitations\n\n" + "\n".join(f"- {line}" for line in lines)


def _of_other_songs(card: dict[str, Any]) -> tuple[str, ...]:
    if card["system"] not in ("rori", "racc") or card["training"].get("strangers", 1.0):
        return ()
    return (
        "No other song was among what it learnt from: a well-sung one may lie no farther away than"
        " a middling take. The program looks for that by itself, before it asks a network.",
    )


def _people(card: dict[str, Any]) -> str:
    data = card["training"]["data"]
    count = len({each["singer"] for each in data if "singer" in each})
    count += sum(each.get("singers", 0) for each in data)
    return f"{count} singers" if count > 1 else "one singer"


def _of_the_reference(system: str) -> str:
    if SYSTEMS[system] == "vocal":
        return (
            "Reference and take of the test are renderings of one recording: another singer of the "
            "same song differs in more than any rendering does."
        )
    if SYSTEMS[system] == "accompaniment":
        return (
            "The takes of the test are renderings: people differ in more than any rendering does."
        )
    return "It compares with nothing: what is in tune and not in the song cannot be heard."


def _of_the_key(card: dict[str, Any]) -> str:
    if SYSTEMS[card["system"]] == "nothing":
        return "In which key or octave one sings is no matter to it."
    if card["features"]["key_removed"]:
        return "An octave apart is forgiven, and so is another key (it is reported)."
    return "The key is not removed: a take in another key than the song's is judged as it stands."
