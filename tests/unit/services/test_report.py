"""The report: one page that says what it shows, the same bytes twice, nobody's files touched."""

import dataclasses
import itertools
import json
import math
import re
import sys
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from fake_analysis import CLIP_S, HOP_S, fake_analysis, reason_text
from hypothesis import given
from hypothesis import strategies as st

from asa_desktop.core.errors import PlaceError
from asa_desktop.core.types import (
    Alignment,
    Attribute,
    AttributePlace,
    Clip,
    ClipScore,
    Melody,
    Note,
    NoteKind,
    Notice,
    Overall,
    Pictures,
    PitchTrack,
)
from asa_desktop.services.report import write_report
from asa_desktop.services.report.histogram import pitch_histogram
from asa_desktop.services.report.maps import mel_row, sung_chroma
from asa_desktop.services.report.pitch_plot import PitchAxis, moved, pitch_axis
from asa_desktop.services.report.pitches import curve, note_name, sung_midi
from asa_desktop.services.report.rows import LONGEST_ROW_S, clock, rows_of
from asa_desktop.services.report.sentences import DEFECTS, alignment_words
from asa_desktop.services.report.tokens import DARK, LIGHT, by_night
from asa_desktop.services.result import dumps, to_json

_SUNG = fake_analysis(20)


class _Page(HTMLParser):
    """Text, tags and pictures of a page; fails on a tag that is closed out of turn."""

    def __init__(self, text):
        super().__init__()
        self.open, self.tags, self.images, self.said = [], [], [], []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        if tag == "img":
            self.images.append(dict(attrs))
        if tag not in ("img", "meta", "source"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if "style" not in self.open:
            self.said.append(data)

    @property
    def text(self):
        return re.sub(r"\s+", " ", " ".join(self.said))


def _report(analysis, folder):
    page = write_report(analysis, folder, reason_text=reason_text)
    return _Page(page.read_text(encoding="utf-8"))


@dataclasses.dataclass(frozen=True)
class _Report:
    folder: Path
    page: _Page


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    """The report of `_SUNG`, for looking at."""
    folder = tmp_path_factory.mktemp("report") / "shown"
    return _Report(folder, _report(_SUNG, folder))


def _files(folder):
    found = sorted(each for each in folder.rglob("*") if each.is_file())
    return {each.relative_to(folder).as_posix(): each.read_bytes() for each in found}


def _names(folder):
    return sorted(each.name for each in folder.iterdir())


def _pictures(hz, *, voiced=None):
    hz = np.asarray(hz, dtype=np.float32)
    grid = np.zeros((96, len(hz)), np.float32)
    sung = hz > 0 if voiced is None else np.asarray(voiced)
    return Pictures(HOP_S, PitchTrack(HOP_S, hz, np.ones_like(hz)), grid, grid - 40, sung)


def test_the_page_shows_every_plot_in_both_themes_and_says_what_it_shows(report):
    page = report.page
    assert _names(report.folder) == ["analysis.json", "plots", "report.html"]
    shown = {image["src"].removeprefix("plots/") for image in page.images}
    dark = {name.replace(".svg", "-dark.svg") for name in shown}
    assert shown == {"clips-1.svg", "pitch-1.svg", "maps-1.svg", "pitch-histogram.svg"}
    assert set(_names(report.folder / "plots")) == shown | dark
    assert all(len(image["alt"]) > 20 for image in page.images)
    assert "script" not in page.tags


def _assessed():
    places = (
        AttributePlace(2.0, 2.5, "high", 30.0, 62.0),
        AttributePlace(4.0, 4.5, "low", 85.0, 69.0),
        AttributePlace(5.0, 5.5, "wrong_note", 210.0, 60.0),
        AttributePlace(6.0, 6.5, "missed_note", 0.0, 64.0),
    )
    clips = tuple(
        each
        if each.score is None
        else dataclasses.replace(
            each,
            parts={"likeness": 61.0, "intonation": 40.0},
            channels={"f0": 6.2, "spec": 1.0},
        )
        for each in _SUNG.clips
    )
    return dataclasses.replace(
        _SUNG,
        clips=clips,
        attributes={
            "vibrato": Attribute(44.0, 0.31, "share", 0.2),
            "intonation": Attribute(62.0, 41.0, "cents", 0.9, places),
            "tone": Attribute(None, None, "dB", 0.0, reason="no_comparison"),
        },
    )


def test_attributes_are_bars_with_their_worst_places(tmp_path):
    page = _report(_assessed(), tmp_path / "a")
    text = page.text
    assert "Intonation 62 41 cents" in text
    worst = text.index("another note, D4, 210 cents too high")
    assert worst < text.index("E4 at 0:06: not sung") < text.index("A4 at 0:04: 85 cents low")
    assert "30 cents high" not in text
    assert "and 1 more" in text
    assert "Vibrato 44 31 % vibrato, little to go by" in text
    assert "Tone – No score: there is nothing to compare with" in text
    (image,) = (one for one in page.images if "places-1" in one["src"])
    assert "Intonation at 0:02, 0:04, 0:05, 0:06" in image["alt"]
    html = (tmp_path / "a" / "report.html").read_text(encoding="utf-8")
    assert '<i style="width:62%">' in html
    _report(_assessed(), tmp_path / "a")  # and is replaced by a later one


def test_each_clip_tells_what_it_is_made_of(report, tmp_path):
    text = _report(_assessed(), tmp_path / "a").text
    assert "Clip Intonation Likeness Would gain most by" in text
    assert re.search(r" 2 40 61 pitch \(6 points\)", text)
    assert "made of" not in report.page.text
    assert "Attributes" not in report.page.text


def test_nothing_is_fetched_from_elsewhere(report):
    for name, content in _files(report.folder).items():
        for place in re.findall(rb'(?:src|srcset|href|url)\s*[=(]\s*"?([^")\s>]+)', content):
            assert place.startswith((b"plots/", b"#", b"data:image/png")), (name, place)


def test_every_plot_is_an_svg_with_a_name_and_its_own_colours(report):
    for path in (report.folder / "plots").iterdir():
        root = ElementTree.fromstring(path.read_text(encoding="utf-8"))
        assert root[0].tag.endswith("title")
        assert len(root[0].text) > 10
        used = set(re.findall(r"#[0-9a-f]{6}\b", path.read_text(encoding="utf-8")))
        palette = DARK if path.stem.endswith("-dark") else LIGHT
        assert used
        assert used <= set(palette.values()), path.name


def test_the_head_says_score_range_and_scale(tmp_path):
    analysis = dataclasses.replace(fake_analysis(9), overall=Overall(64.4, 59.6, 68.0))
    text = _report(analysis, tmp_path / "a").text
    assert "64 of 100, range 60 to 68" in text
    assert "Morning medley take-3.flac" in text
    assert DEFECTS in text
    by_notes = _report(fake_analysis(9, case="notes"), tmp_path / "b").text
    assert DEFECTS not in by_notes
    assert "against the notes of the song" in by_notes


def test_what_is_not_scored_says_why(tmp_path):
    text = _report(fake_analysis(9, case=None), tmp_path / "a").text
    assert "Not scored: worded: nothing_to_compare" in text
    assert DEFECTS not in text
    assert "No clip was scored." in text


def test_every_clip_stands_in_the_table_with_its_score_or_reason(report):
    for number, each in enumerate(_SUNG.clips, 1):
        score = "–" if each.score is None else f"{each.score:.1f}"
        reason = " too little singing in this clip" if each.reason == "too_little_voice" else ""
        pattern = rf" {number} \S+ \S+ {score} {each.clip.voiced * 100:.0f} %{reason}"
        assert re.search(pattern, report.page.text), number


def test_the_foot_says_how_it_was_measured(tmp_path):
    analysis = dataclasses.replace(
        fake_analysis(9, key=-12.0),
        notices=(Notice("tag_missing"),),
        alignment=Alignment(1.25, 0.98, -12.0),
    )
    text = _report(analysis, tmp_path / "a").text
    assert "rori" in text
    assert analysis.features in text
    assert "12 semitones (an octave) below its key" in text
    assert "worded: tag_missing" in text


def test_notices_get_their_own_words(tmp_path):
    analysis = dataclasses.replace(fake_analysis(9), notices=(Notice("x", {"file": "a.txt"}),))
    page = write_report(
        analysis,
        tmp_path / "a",
        reason_text=reason_text,
        notice_text=lambda notice: f"{notice.facts['file']} was mended",
    )
    assert "a.txt was mended" in page.read_text(encoding="utf-8")


def test_names_are_escaped(tmp_path):
    nasty = '<script>alert("1")</script> & \x00\x1b[31m'
    page = _report(fake_analysis(9, song=nasty, take=nasty + "\udcff"), tmp_path / "a")
    assert "script" not in page.tags
    assert '<script>alert("1")</script> & [31m' in page.text


def test_the_same_analysis_gives_the_same_bytes(report, tmp_path):
    _report(dataclasses.replace(_SUNG, timings={"features": 99.0}), tmp_path / "b")
    assert _files(report.folder) == _files(tmp_path / "b")


def test_the_settings_of_the_plotting_library_are_left_alone_and_have_no_say(report, tmp_path):
    import matplotlib

    had_pyplot = "matplotlib.pyplot" in sys.modules
    with matplotlib.rc_context({"lines.linewidth": 9, "svg.fonttype": "path"}):
        before = matplotlib.rcParams.copy()
        _report(_SUNG, tmp_path / "b")
        assert matplotlib.rcParams.copy() == before
    assert _files(report.folder) == _files(tmp_path / "b")
    assert ("matplotlib.pyplot" in sys.modules) == had_pyplot


def test_the_json_is_the_analysis(report):
    written = (report.folder / "analysis.json").read_text(encoding="utf-8")
    assert written == dumps(to_json(_SUNG))


def test_an_earlier_report_is_replaced_whole(tmp_path):
    _report(fake_analysis(70), tmp_path / "a")
    (tmp_path / "a" / ".DS_Store").touch()
    assert (tmp_path / "a" / "plots" / "pitch-2.svg").exists()
    _report(fake_analysis(9, song="second"), tmp_path / "a")
    assert not (tmp_path / "a" / "plots" / "pitch-2.svg").exists()
    assert json.loads((tmp_path / "a" / "analysis.json").read_text())["song"] == "second"
    assert _names(tmp_path) == ["a"]


def test_an_empty_folder_and_missing_parents_will_do(tmp_path):
    (tmp_path / "empty").mkdir()
    _report(fake_analysis(9), tmp_path / "empty")
    _report(fake_analysis(9), tmp_path / "new" / "deep")
    assert (tmp_path / "empty" / "report.html").exists()
    assert (tmp_path / "new" / "deep" / "report.html").exists()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("take.wav", b"RIFF"),
        ("report.html", b"<html>somebody else's</html>"),
        ("analysis.json", b'{"mine": true}'),
        ("plots/mine.svg", b"<svg/>"),
        ("plots", b"a file"),
    ],
)
def test_foreign_files_are_never_touched(tmp_path, name, content):
    folder = tmp_path / "a"
    (folder / name).parent.mkdir(parents=True)
    (folder / name).write_bytes(content)
    before = _files(tmp_path)
    with pytest.raises(PlaceError) as caught:
        _report(fake_analysis(9), folder)
    assert caught.value.code == "report_folder_not_ours"
    assert caught.value.facts == {"path": folder, "found": name.split("/")[0]}
    assert _files(tmp_path) == before


def test_a_report_with_a_file_of_the_users_beside_it_is_kept(tmp_path):
    _report(fake_analysis(9), tmp_path / "a")
    (tmp_path / "a" / "my notes.txt").write_text("breathe!")
    before = _files(tmp_path)
    with pytest.raises(PlaceError, match="my notes"):
        _report(fake_analysis(9, song="second"), tmp_path / "a")
    assert _files(tmp_path) == before


def test_a_file_is_never_replaced(tmp_path):
    (tmp_path / "take.wav").write_bytes(b"RIFF")
    for place in ("take.wav", "take.wav/below"):
        with pytest.raises(PlaceError) as caught:
            _report(fake_analysis(9), tmp_path / place)
        assert caught.value.code in ("report_place_taken", "in_the_way", "missing_file")
    assert _files(tmp_path) == {"take.wav": b"RIFF"}


def test_a_failure_leaves_all_as_it_was(tmp_path):
    _report(fake_analysis(9), tmp_path / "a")
    before = _files(tmp_path)

    def broken(code):
        raise RuntimeError("no words")

    for place in ("a", "new/deep"):
        with pytest.raises(RuntimeError):
            write_report(fake_analysis(9, case=None), tmp_path / place, reason_text=broken)
    assert _files(tmp_path) == before
    assert _names(tmp_path) == ["a"]


def test_a_full_disk_leaves_all_as_it_was(tmp_path, monkeypatch):
    _report(fake_analysis(9), tmp_path / "a")
    before = _files(tmp_path)
    plain = Path.write_text

    def full(self, *args, **kwargs):
        if self.name == "analysis.json":
            raise OSError(28, "No space left on device")
        return plain(self, *args, **kwargs)

    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(PlaceError) as caught:
        _report(fake_analysis(9, song="second"), tmp_path / "a")
    assert caught.value.code == "disk_full"
    assert _files(tmp_path) == before
    assert _names(tmp_path) == ["a"]


def test_silence_and_takes_of_no_length_are_drawn_too(tmp_path):
    blank = dataclasses.replace(
        fake_analysis(9, case=None, melody=False), take_pictures=_pictures(np.zeros(0))
    )
    assert "nothing sung" in _report(blank, tmp_path / "a").images[-1]["alt"]
    silent = dataclasses.replace(blank, take_pictures=_pictures(np.zeros(200)))
    assert "nothing sung" in _report(silent, tmp_path / "b").images[0]["alt"]


def test_odd_values_in_the_pictures_are_drawn_as_nothing(tmp_path):
    sung = fake_analysis(9).take_pictures
    hz, mel = sung.pitch.hz.copy(), sung.mel.copy()
    hz[40:50], mel[:, 60:70] = np.nan, np.nan
    odd = dataclasses.replace(sung, mel=mel, pitch=dataclasses.replace(sung.pitch, hz=hz))
    _report(dataclasses.replace(fake_analysis(9), take_pictures=odd), tmp_path / "a")


def test_by_night_every_colour_changes_to_its_partner():
    assert len(set(LIGHT.values())) == len(LIGHT)
    assert LIGHT.keys() == DARK.keys()
    day = " ".join(LIGHT.values())
    assert by_night(day) == " ".join(DARK.values())


@given(seconds=st.floats(1, 900))
def test_rows_cover_the_take_without_gap_on_one_scale(seconds):
    frames = int(seconds / HOP_S)
    clips = tuple(
        ClipScore(Clip(k, k * CLIP_S, (k + 1) * CLIP_S, 1, 1), 50.0)
        for k in range(int(seconds / CLIP_S))
    )
    analysis = dataclasses.replace(
        _ANY, clips=clips, take_pictures=_pictures(np.zeros(frames)), reference_pictures=None
    )
    rows = rows_of(analysis)
    assert rows[0].start == 0
    assert rows[-1].end >= frames * HOP_S
    assert all(a.end == b.start for a, b in itertools.pairwise(rows))
    assert len({row.scale_s for row in rows}) == 1
    assert all(row.end - row.start <= row.scale_s + 1e-9 for row in rows)
    assert rows[0].scale_s <= LONGEST_ROW_S + 6
    if clips:
        starts = {each.clip.start for each in clips}
        assert all(row.start in starts for row in rows)
    for row in rows:
        assert 0 < len(row.ticks(apart=13)) <= 14


_ANY = fake_analysis(3, melody=False)


def test_a_long_take_has_all_its_clips_in_one_row_each(tmp_path):
    analysis = fake_analysis(70)
    page = _report(analysis, tmp_path / "a")
    words = [image["alt"] for image in page.images if "clips-" in image["src"]]
    assert len(words) == 2
    told = sum(len(re.findall(r"\d+:\d\d (?:\d+|not scored)", each)) for each in words)
    assert told == len(analysis.clips)


def test_only_sung_frames_are_drawn_and_lines_break():
    hz = np.array([220, 220, 0, 220, 440, 440, 220], np.float32)
    voiced = np.array([True, True, True, True, True, True, False])
    pictures = _pictures(hz, voiced=voiced)
    np.testing.assert_array_equal(np.isfinite(sung_midi(pictures)), [1, 1, 0, 1, 1, 1, 0])
    times, midi = curve(pictures, start=0, end=1)
    np.testing.assert_allclose(midi, [57, 57, np.nan, 57, np.nan, 69, 69, np.nan])
    np.testing.assert_allclose(times[[3, 5]], [3 * HOP_S, 4 * HOP_S])


def test_voiced_frames_of_another_hop_are_matched_by_time():
    track = PitchTrack(0.01, np.full(10, 220, np.float32), np.ones(10, np.float32))
    grid = np.zeros((96, 3), np.float32)
    pictures = Pictures(0.032, track, grid, grid, np.array([True, False, True]))
    expected = [1, 1, 0, 0, 0, 1, 1, 1, 1, 0]  # the last frame is centred on 0.064 s
    np.testing.assert_array_equal(np.isfinite(sung_midi(pictures)), expected)


@pytest.mark.parametrize(("midi", "name"), [(60, "C4"), (69.4, "A4"), (58, "B♭3"), (21, "A0")])
def test_note_names(midi, name):
    assert note_name(midi) == name


def test_the_original_is_moved_by_whole_semitones_into_the_singers_key():
    assert moved(fake_analysis(3, key=-11.7)) == -12
    assert moved(fake_analysis(3, key=None)) == 0
    assert moved(fake_analysis(3, key=math.nan)) == 0
    take = _pictures(np.full(100, 220.0))
    analysis = dataclasses.replace(
        _ANY,
        take_pictures=take,
        reference_pictures=_pictures(np.full(100, 440.0)),
        alignment=Alignment(key=-12.2),
    )
    axis = pitch_axis(analysis)
    assert axis.low < 57 < axis.high
    assert axis.high < 64


def test_rap_and_freestyle_notes_do_not_stretch_the_axis():
    rap = Note(0, 1, 100, kind=NoteKind.RAP)
    melody = Melody((Note(0, 1, 60), rap), beat_s=0.1)
    analysis = dataclasses.replace(
        _ANY, melody=melody, take_pictures=_pictures(np.zeros(9)), reference_pictures=None
    )
    assert pitch_axis(analysis).high < 70


@given(low=st.floats(20, 90), span=st.floats(10, 40))
def test_pitch_labels_never_overlap(low, span):
    axis = PitchAxis(low, low + span)
    levels = [level for level, _ in axis.labels()]
    apart = np.diff(levels) * axis.height / span
    assert len(levels) >= 1 or span < 12
    assert np.all(apart >= 11)


def test_the_histogram_is_folded_about_the_median():
    cents = np.concatenate([np.zeros(60), np.full(30, 1195.0), np.full(10, -405.0)])
    histogram = pitch_histogram(_pictures(440 * 2 ** (cents / 1200)))
    assert histogram.median == pytest.approx(69)
    assert histogram.share.sum() == pytest.approx(1)
    assert histogram.share[60] == pytest.approx(0.6)
    assert histogram.share[59] == pytest.approx(0.3)  # an octave less 5 cents up
    assert histogram.share[19] == pytest.approx(0.1)
    assert [round(peak.cents) for peak in histogram.peaks] == [-405, 5]


def test_the_width_of_a_normal_peak_is_its_half_power_width():
    rng = np.random.default_rng(0)
    sigma = 40.0
    hz = 440 * 2 ** (rng.normal(0, sigma, 200_000) / 1200)
    histogram = pitch_histogram(_pictures(hz))
    expected = 2 * math.sqrt(2 * math.log(2)) * math.hypot(sigma, 20)  # widened by the smoothing
    assert len(histogram.peaks) == 1
    assert histogram.width == pytest.approx(expected, rel=0.03)


def test_a_peak_across_the_seam_is_one_peak():
    cents = np.concatenate([np.zeros(100), np.linspace(560, 640, 41), np.linspace(-5, 5, 10)])
    peaks = pitch_histogram(_pictures(440 * 2 ** (cents / 1200))).peaks
    assert len([peak for peak in peaks if abs(abs(peak.cents) - 600) < 60]) == 1


def test_chroma_is_dark_where_nothing_is_sung():
    pictures = dataclasses.replace(
        _pictures(np.zeros(4)),
        chroma=np.ones((96, 4), np.float32),
        voiced=np.array([True, False, True]),
    )
    np.testing.assert_array_equal(sung_chroma(pictures).sum(axis=0), [96, 0, 96, 0])


@pytest.mark.slow
def test_mel_labels_stand_where_the_bands_are():
    librosa_filters = pytest.importorskip("librosa.filters")
    bands = librosa_filters.mel(sr=16_000, n_fft=2048, n_mels=96)
    hertz = np.arange(bands.shape[1]) * 16_000 / 2048
    for wanted in (500, 1000, 2000, 4000):
        row = round(mel_row(wanted, rows=96))
        centre = float((bands[row] * hertz).sum() / bands[row].sum())
        assert centre == pytest.approx(wanted, rel=0.04)


@pytest.mark.parametrize(("seconds", "words"), [(0, "0:00"), (59.6, "1:00"), (65, "1:05")])
def test_clock(seconds, words):
    assert clock(seconds) == words


@pytest.mark.parametrize(
    ("alignment", "words"),
    [
        (Alignment(), "starts with the song, at its tempo, key not measured"),
        (
            Alignment(0.12, 1.0, 0.01, melody_s=0.0),
            "starts 0.120 s before the song does, at its tempo, in its key",
        ),
        (
            Alignment(-2.5, 0.985, -1.0, melody_s=0.0),
            "starts 2.462 s into the song, at 98.5 % of its tempo, 1 semitone below its key",
        ),
        (
            Alignment(0, 1, 24),
            "starts with the song, at its tempo, 24 semitones (2 octaves) above its key",
        ),
        (Alignment(0, 1, math.nan), "starts with the song, at its tempo, key not measured"),
    ],
)
def test_alignment_in_words(alignment, words):
    assert alignment_words(alignment) == words
