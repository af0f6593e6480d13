"""Whether what a rebuild begins with is what the model was made from."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from asa_desktop.core.audio import sha256
from asa_desktop.core.errors import PlaceError, UsageError
from asa_training.corpus import Recording, recordings
from asa_training.manifest.places import Disk, file_of, split_place
from asa_training.provenance import Corpus, versions
from asa_training.recipe import RECIPE, Recipe
from asa_training.sentences import say as sentence

Say = Callable[[str], None]


def verified(recipe: Recipe, data: Path, *, say: Say | None = None) -> dict[str, Recording]:
    """The recipe's recordings by id, every file of them as it was.

    Those of a manifest lie below `data` as its paths say.

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
    wanted = [one.id for corpus in recipe.corpora for one in corpus.files]
    known = _listed(recipe, data)
    if set(wanted) - set(known):
        known |= {one.id: one for one in recordings(data)}
    if strange := [name for name in wanted if name not in known]:
        raise UsageError("recipe_broken", path=Path(RECIPE), why=f"{strange[0]} is unknown")
    return {name: known[name] for name in wanted}


def _listed(recipe: Recipe, data: Path) -> dict[str, Recording]:
    """The recordings that manifests listed, by id, from what the recipe says of each row."""
    splits = {
        one.id: call.split
        for calls in recipe.renders.values()
        for call in calls
        for one in call.recordings
    }
    return {
        one.id: Recording(
            id=one.id,
            path=file_of(one.path, data),
            place=one.path,
            corpus=corpus.name,
            singer=one.singer,
            song=one.song,
            part=one.part,
            licence=one.licence,
            split=splits.get(one.id),
            channel=split_place(one.path)[1],
        )
        for corpus in recipe.corpora
        if corpus.is_manifest
        for one in corpus.files
    }


def _verify(corpus: Corpus, data: Path) -> None:
    facts = {"corpus": corpus.name, "edition": corpus.edition}
    folder = data / corpus.files[0].path.split("/", 1)[0]
    if not (corpus.is_manifest or folder.is_dir()):
        raise PlaceError("corpus_missing", path=folder, **facts)
    of = len(corpus.files)
    # What a manifest lists is not sought outside its root, as when the manifest itself is read.
    disk = Disk(data)
    missing = [
        one
        for one in corpus.files
        if (disk.fault(one.path) if corpus.is_manifest else not (data / one.path).is_file())
    ]
    if missing:
        path = file_of(missing[0].path, data)
        raise PlaceError("corpus_file_missing", path=path, count=len(missing), of=of, **facts)
    other = [one for one in corpus.files if sha256(file_of(one.path, data)) != one.sha256]
    if other:
        path = file_of(other[0].path, data)
        raise UsageError("corpus_file_differs", path=path, count=len(other), of=of, **facts)


def other_versions(recipe: Recipe) -> list[str]:
    """A line on the packages whose versions are others than then; none where all are the same."""
    here = versions()
    other = [
        f"{name} {here.get(name, 'missing')} (was {was})"
        for name, was in recipe.versions.items()
        if here.get(name) != was
    ]
    return [f"other versions than then, scores may differ: {', '.join(other)}"] if other else []
