"""Every text of the window in every language, and catalogues that are not what they should be."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from window_texts import early_texts, window_texts

from asa_desktop.services import catalogues
from asa_desktop.services.catalogues import ENGLISH, LANGUAGES, fits, language_for, texts_in
from asa_desktop.services.paths import resources

OTHERS = tuple(one for one in LANGUAGES if one != ENGLISH)
TEXTS = window_texts()


def catalogue(language: str) -> dict[str, Any]:
    """The file as it lies; a key that comes twice is an error."""

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        keys = [key for key, _ in pairs]
        assert len(keys) == len(set(keys)), {key for key in keys if keys.count(key) > 1}
        return dict(pairs)

    path = resources() / catalogues.FOLDER / f"{language}.json"
    found = json.loads(path.read_text(encoding="utf-8"), object_pairs_hook=once)
    assert isinstance(found, dict)
    return found


def test_the_collector_finds_texts_of_every_kind() -> None:
    assert {
        "Play and listen",  # tr, on a page
        "Histogram, kurtosis",  # marked, said later
        "Songs",  # marked in the window's table of pages
        "{path} is a folder; name a file.",  # a fault
        "the recording is silent; check the microphone",  # a reason
        "another note[, {other}], {size} cents {side}",  # of singing
        "The song",  # said by words.py directly
        "Stopped.",
    } <= set(TEXTS)
    assert "next: {command}" not in TEXTS  # the command line's


def test_no_text_is_said_before_there_is_a_language() -> None:
    assert early_texts() == ()


@pytest.mark.parametrize("language", OTHERS)
def test_a_catalogue_has_every_text_and_no_other(language: str) -> None:
    said = catalogue(language)["texts"]
    assert [text for text in TEXTS if text not in said] == []
    assert [text for text in said if text not in TEXTS] == []


@pytest.mark.parametrize("language", OTHERS)
def test_every_entry_has_the_facts_of_its_text(language: str) -> None:
    said = catalogue(language)["texts"]
    assert {text: each for text, each in said.items() if not fits(text, each)} == {}
    assert texts_in(language) == said


@pytest.mark.parametrize("language", OTHERS)
def test_an_entry_ends_as_its_text_does(language: str) -> None:
    ends = {".": ".", "。": ".", "?": "?", "？": "?"}
    said = catalogue(language)["texts"]
    assert {
        text: each
        for text, each in said.items()
        if ends.get(text[-1]) != ends.get(each.rstrip("）")[-1])
    } == {}


@pytest.mark.parametrize("language", OTHERS)
def test_a_catalogue_tells_its_words_for_the_terms(language: str) -> None:
    found = catalogue(language)
    assert found["language"] == LANGUAGES[language]
    assert found["glossary"].keys() == catalogue(OTHERS[0])["glossary"].keys()
    assert all(found["glossary"].values())


@pytest.mark.parametrize(
    ("text", "said", "good"),
    [
        ("{count} takes", "{count} Takes", True),
        ("{count} takes", "Takes", False),
        ("{count} takes", "{cout} Takes", False),
        ("{count} takes", "{count} von {count}", False),
        ("{count} takes", "{count Takes", False),
        ("takes", "Takes }", False),
        ("takes", " ", False),
        ("takes", None, False),
        ("so[, {a}| or not]", "also[ ({a})| oder nicht]", True),
        ("so[, {a}| or not]", "also ({a})", False),
        ("so[, {a}| or not]", "also[ ({a})]", False),
        ("so[, {a}]", "also {a}[]", False),
    ],
)
def test_fitting(text: str, said: object, good: bool) -> None:
    assert fits(text, said) is good


@pytest.mark.parametrize(
    "content",
    [
        None,
        b"",
        b"\xff\xfe\x00",
        b"[]",
        b'{"texts": 3}',
        b'{"text": {}}',
        b'{"texts": {"Songs": "Lieder"',
        b"[" * 100_000,
    ],
)
def test_a_catalogue_that_cannot_be_read_leaves_english(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes | None
) -> None:
    folder = tmp_path / catalogues.FOLDER
    folder.mkdir()
    if content is not None:
        (folder / "de.json").write_bytes(content)
    monkeypatch.setattr(catalogues, "resources", lambda: tmp_path)
    assert texts_in("de") == {}


def test_one_bad_entry_leaves_the_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / catalogues.FOLDER
    folder.mkdir()
    texts = {"Songs": "Lieder", "{count} songs": "{cout} Lieder", "Takes": 3}
    (folder / "de.json").write_text(json.dumps({"texts": texts}))
    monkeypatch.setattr(catalogues, "resources", lambda: tmp_path)
    assert texts_in("de") == {"Songs": "Lieder"}


def test_english_and_unknown_languages_need_no_catalogue() -> None:
    assert texts_in(ENGLISH) == texts_in("../de") == texts_in("") == {}


@pytest.mark.parametrize(
    ("wanted", "system", "language"),
    [
        ("es", ("de-DE",), "es"),
        ("system", ("de-AT", "en-US"), "de"),
        ("system", ("fr-FR", "es-MX", "de"), "es"),
        ("system", ("zh-Hans-CN", "zh-CN", "zh"), "zh_CN"),
        ("system", ("zh-Hant-TW", "zh-TW", "en-US"), "en"),
        ("system", ("C",), "en"),
        ("system", (), "en"),
        ("klingon", ("de",), "de"),
    ],
)
def test_which_language_is_spoken(wanted: str, system: tuple[str, ...], language: str) -> None:
    assert language_for(wanted, system=system) == language
