"""From what was dropped to songs."""

from __future__ import annotations

import errno
from pathlib import Path

import numpy as np
import pytest
import soundfile
from reading_here import looked_at

from asa_desktop.core.errors import AsaError
from asa_desktop.services import song_files
from asa_desktop.services.song_files import Found, find_songs, song_facts, stamp_of

NOTES = "#TITLE:{title}\n#ARTIST:Somebody\n#BPM:120\n#GAP:0\n: 0 8 0 la\n: 8 8 7 la\nE\n"


@pytest.fixture(autouse=True)
def _here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(song_files, "looked_at", looked_at)


def sound(path: Path, seconds: float = 2.0) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, np.zeros(round(8000 * seconds), np.float32), 8000)
    return path


def ultrastar(folder: Path, title: str, *, audio: str = "audio.ogg") -> Path:
    sound(folder / audio)
    (folder / f"{title}.txt").write_text(
        NOTES.format(title=title) if audio == "audio.ogg"
        else f"#MP3:{audio}\n" + NOTES.format(title=title)
    )  # fmt: skip
    return folder


def titles(found: Found) -> list[str]:
    return [one.title for one in found.songs]


def codes(found: Found) -> list[str]:
    return [one.code for one in found.faults]


def test_a_recording_alone_is_a_mix(tmp_path: Path) -> None:
    facts = song_facts(sound(tmp_path / "Nena - 99 Luftballons.ogg", 3.0))
    assert (facts.title, facts.artist, facts.parts) == ("99 Luftballons", "Nena", ("mix",))
    assert facts.seconds == pytest.approx(3.0)
    assert facts.low is None


def test_a_folder_with_notes_tells_its_range_and_length(tmp_path: Path) -> None:
    facts = song_facts(ultrastar(tmp_path / "song", "La la"))
    assert (facts.low, facts.high) == (60, 67)
    assert facts.parts == ("mix", "melody", "lyrics")
    assert facts.seconds == pytest.approx(2.0)


def test_a_folder_of_folders_gives_all_songs_and_no_complaint(tmp_path: Path) -> None:
    for name in ("A", "B/C"):
        ultrastar(tmp_path / "all" / name, name[-1])
    sound(tmp_path / "all" / "D" / "karaoke.ogg")
    ultrastar(tmp_path / "all" / ".hidden", "never")
    (tmp_path / "all" / "loop").symlink_to(tmp_path / "all", target_is_directory=True)
    found = find_songs([tmp_path / "all"])
    assert sorted(titles(found)) == ["A", "C", "D"]
    assert codes(found) == []


def test_many_songs_side_by_side_in_one_folder(tmp_path: Path) -> None:
    folder = tmp_path / "flat"
    ultrastar(folder, "One", audio="one.ogg")
    ultrastar(folder, "Two", audio="two.ogg")
    sound(folder / "X - Three.ogg")
    (folder / "license.txt").write_text("Do what you like.")
    found = find_songs([folder])
    assert titles(found) == ["One", "Two", "Three"]
    assert codes(found) == []
    recordings = tmp_path / "karaoke"
    for number in range(3):
        sound(recordings / f"{number}.ogg")
    assert titles(find_songs([recordings])) == ["0", "1", "2"]


def test_what_its_owner_has_to_decide_is_asked(tmp_path: Path) -> None:
    for name in ("one", "two"):
        sound(tmp_path / f"{name}.ogg")
    (tmp_path / "song.toml").write_text('title = "Mine"\n')
    found = find_songs([tmp_path])
    assert (titles(found), codes(found)) == ([], ["ambiguous"])


def test_a_recording_that_belongs_to_notes_beside_it_is_no_song_more(tmp_path: Path) -> None:
    ultrastar(tmp_path, "One", audio="one.ogg")
    alone = sound(tmp_path / "alone.ogg")
    found = find_songs([tmp_path / "one.ogg", tmp_path / "One.txt", alone])
    assert titles(found) == ["One", "alone"]


def test_the_unusable_is_said_and_the_good_comes_in(tmp_path: Path) -> None:
    good = sound(tmp_path / "good.ogg")
    (tmp_path / "text.mp3").write_text("I am no sound")
    (tmp_path / "empty.wav").touch()
    (tmp_path / "picture.png").write_bytes(b"\x89PNG")
    (tmp_path / "nothing").mkdir()
    paths = [tmp_path / name for name in ("text.mp3", "empty.wav", "picture.png", "nothing")]
    found = find_songs([*paths, good, tmp_path / "gone.ogg"])
    assert titles(found) == ["good"]
    assert sorted(codes(found)) == [
        "empty_file", "empty_folder", "missing_file", "not_audio", "unknown_song_type",
    ]  # fmt: skip


def test_a_folder_whose_recording_is_none_is_refused(tmp_path: Path) -> None:
    ultrastar(tmp_path / "song", "La")
    (tmp_path / "song" / "audio.ogg").write_text("no sound")
    with pytest.raises(AsaError) as caught:
        song_facts(tmp_path / "song")
    assert caught.value.code == "not_audio"


def test_the_stamp_follows_the_files(tmp_path: Path) -> None:
    folder = ultrastar(tmp_path / "song", "La")
    first = stamp_of(folder)
    assert first == stamp_of(folder) != ""
    (folder / "lyrics.lrc").write_text("[00:01.00]la\n")
    assert stamp_of(folder) != first
    assert stamp_of(tmp_path / "gone") == ""
    assert stamp_of(Path("a\0b")) == ""


def test_a_folder_that_cannot_be_read_keeps_no_other_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ultrastar(tmp_path / "good", "Good")
    (tmp_path / "locked").mkdir()
    scandir = song_files.os.scandir

    def refusing(path: Path) -> object:
        if Path(path).name == "locked":
            raise PermissionError(errno.EACCES, "no")
        return scandir(path)

    monkeypatch.setattr(song_files.os, "scandir", refusing)
    found = find_songs([tmp_path / "locked", tmp_path / "good"])
    assert titles(found) == ["Good"]
    assert codes(found) == ["no_rights"]


def test_more_folders_than_are_looked_at_are_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(6):
        ultrastar(tmp_path / "all" / f"song{number}", f"Song {number}")
    monkeypatch.setattr(song_files, "_MOST_FOLDERS", 4)
    found = find_songs([tmp_path / "all"])
    assert len(found.songs) == 3
    assert codes(found) == ["too_many_folders"]
