"""Whether what a rebuild begins with is what the model was made from."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

from asa_desktop.core.errors import PlaceError, UsageError
from asa_training.corpus import Recording, recordings
from asa_training.provenance import Corpus, versions
from asa_training.recipe import RECIPE, Recipe
from asa_training.sentences import say as sentence

Say = Callable[[str], None]


def verified(recipe: Recipe, data: Path, *, say: Say | None = None) -> dict[str, Recording]:
    """The recipe's recordings by id, every file of them as it was.

    With `say` files may hold something else, which is said; a corpus that was converted anew has
    other bytes and nearly the same sound.

    Raises
    ------
    PlaceError
        ``corpus_missing`` where a corpus has no folder in `data`, ``corpus_file_missing`` where
        files of it are not there; `path` is the first of them.
    UsageError
        ``corpus_file_differs`` where files hold something else, without `say`; ``recipe_broken``
        where this program does not know a recording of that name.
    """
    for corpus in recipe.corpora:
        try:
            _verify(corpus, data)
        except UsageError as fault:
            if say is None:
                raise
            say(sentence(fault))
    known = {one.id: one for one in recordings(data)}
    wanted = [one.id for corpus in recipe.corpora for one in corpus.files]
    if strange := [name for name in wanted if name not in known]:
        raise UsageError("recipe_broken", path=Path(RECIPE), why=f"{strange[0]} is unknown")
    return {name: known[name] for name in wanted}


def _verify(corpus: Corpus, data: Path) -> None:
    facts = {"corpus": corpus.name, "edition": corpus.edition}
    folder = data / corpus.files[0].path.split("/", 1)[0]
    if not folder.is_dir():
        raise PlaceError("corpus_missing", path=folder, **facts)
    of = len(corpus.files)
    missing = [one for one in corpus.files if not (data / one.path).is_file()]
    if missing:
        path = data / missing[0].path
        raise PlaceError("corpus_file_missing", path=path, count=len(missing), of=of, **facts)
    other = [one for one in corpus.files if _hash(data / one.path) != one.sha256]
    if other:
        path = data / other[0].path
        raise UsageError("corpus_file_differs", path=path, count=len(other), of=of, **facts)


def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def other_versions(recipe: Recipe) -> list[str]:
    """A line on the packages whose versions are others than then; none where all are the same."""
    here = versions()
    other = [
        f"{name} {here.get(name, 'missing')} (was {was})"
        for name, was in recipe.versions.items()
        if here.get(name) != was
    ]
    return [f"other versions than then, scores may differ: {', '.join(other)}"] if other else []
