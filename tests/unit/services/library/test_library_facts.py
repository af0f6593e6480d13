"""What the bench of packages reads of a library past the program, so that it can find a loss."""

from __future__ import annotations

from asa_desktop.services.library import Library, TakeRow
from asa_desktop.services.library.rows import ClipRow
from benchmarks.library_facts import Facts, backups, facts


def looked(library: Library) -> Facts:
    return facts(library.database.path.parent)


def analysed(library: Library, take: TakeRow, *, score: float) -> None:
    library.add_analysis(
        take=take.id, document="{}", status="scored", reason=None, score=score, low=None,
        high=None, case=None, model="rori-1", features="1", latency_s=0.0,
        clips=[ClipRow(start=0.0, end=3.0, score=score)],
    )  # fmt: skip


def test_an_open_library_is_read_with_what_is_not_yet_in_its_file(
    library: Library, take: TakeRow
) -> None:
    analysed(library, take, score=61.4)
    found = looked(library)
    assert found.sound
    assert len(found.takes) == 1
    assert found.scores == [61]
    assert found.differing == ()
    assert found.version == library.database.pragma("user_version")


def test_what_comes_later_is_no_loss_and_what_goes_is(library: Library, take: TakeRow) -> None:
    analysed(library, take, score=61.0)
    before = looked(library)
    analysed(library, take, score=80.0)
    after = looked(library)
    assert after.keeps(before)
    assert not before.keeps(after)
    library.rename_take(take.id, title="another")
    assert not looked(library).keeps(before)


def test_recordings_that_are_not_those_of_the_rows_are_told(
    library: Library, take: TakeRow
) -> None:
    audio = library.audio(take)
    audio.chmod(0o600)
    audio.write_bytes(audio.read_bytes()[:-1])
    assert looked(library).differing == (audio.name,)
    audio.unlink()
    assert looked(library).differing == (audio.name,)


def test_backups_are_read_like_libraries(library: Library, take: TakeRow) -> None:
    folder, before = library.database.path.parent, looked(library)
    library.close()
    with Library.open():  # a day's first opening makes one
        pass
    assert [one.keeps(before) for one in backups(folder).values()] == [True]
