"""The settings of sound: devices as they are now, a test that is heard, the known delay."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import soundfile
from PySide6.QtGui import QAccessible
from pytestqt.qtbot import QtBot
from record_room import until, with_engine
from test_accessibility import unnamed

from asa_desktop.engine.messages import Device, Opened
from asa_desktop.services.delays import keep_delay
from asa_desktop.ui.context import AppContext
from asa_desktop.ui.pages.settings_sound import SoundSection, tone_file
from tests import fake_engine

pytestmark = pytest.mark.usefixtures("ring")

WIDE = (
    Device("desk", "ALSA", 4, 6, 48_000, default_input=True, default_output=True),
    Device("USB headset", "ALSA", 1, 2, 48_000),
    Device("jack", "JACK", 2, 2, 48_000),
)


@pytest.fixture
def section(qtbot: QtBot, context: AppContext) -> SoundSection:
    made = SoundSection(with_engine(context, fake_engine.main))
    qtbot.addWidget(made)
    made.resize(720, 640)
    made.show()
    until(qtbot, lambda: bool(made.devices))
    return made


def texts(choice: object) -> list[str]:
    return [choice.itemText(at) for at in range(choice.count())]  # type: ignore[attr-defined]


def test_the_list_is_there_when_it_is_shown(section: SoundSection) -> None:
    assert texts(section.input) == ["System default: mic", "mic"]
    assert texts(section.output) == ["System default: phones", "phones"]
    assert not section.api.isVisible()
    assert section.delay.text() == "Not measured for these devices."


def test_a_choice_is_a_setting_and_starts_at_its_first_channel(section: SoundSection) -> None:
    context = section.context
    section._listed(WIDE)
    assert section.api.isVisible()
    assert section.channel.isVisible()
    assert section.pair.isVisible()
    section.channel.picked.emit("3")
    section.pair.picked.emit("4")
    assert (context.settings.input_channel, context.settings.output_channel) == (3, 4)
    section.input.picked.emit("USB headset")
    assert (context.settings.input, context.settings.input_channel) == ("USB headset", 0)
    assert not section.channel.isVisible()
    section.api.picked.emit("JACK")
    assert (context.settings.host_api, context.settings.input) == ("JACK", "")
    assert texts(section.input)[1:] == ["jack"]
    section.block.picked.emit("1024")
    assert context.settings.block == 1024


def test_a_chosen_device_that_is_away_stays_chosen(section: SoundSection) -> None:
    section.context.change(input="USB headset")
    section._listed(WIDE[:1])
    assert section.input.value == "USB headset"
    assert texts(section.input)[-1] == "USB headset (not there)"
    section._listed(WIDE)
    assert texts(section.input)[-1] == "jack"


def test_a_device_plugged_in_is_found_without_a_restart(
    qtbot: QtBot, section: SoundSection, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorder = section.context.recorder.value
    assert recorder is not None
    monkeypatch.setattr(recorder, "devices", lambda: WIDE)
    section.refresh.click()
    until(qtbot, lambda: "USB headset" in texts(section.input))
    assert section.refresh.isEnabled()


def test_the_tone_plays_and_the_microphone_is_shown_and_let_go(
    qtbot: QtBot, section: SoundSection
) -> None:
    section.test.click()
    assert section.testing
    assert section.meter.isVisible()
    until(qtbot, section._frames.isActive)
    section.test.click()
    assert not section.testing
    assert not section.meter.isVisible()
    section.test.click()
    section.hide()
    assert not section.testing


def test_what_stands_in_the_way_is_said_in_place(qtbot: QtBot, section: SoundSection) -> None:
    section.context.change(input="gone")
    section.test.click()
    until(qtbot, lambda: "device gone is not there" in section.fault.text())
    assert not section.testing


def test_the_tone_is_soft_and_fades(tmp_path: Path) -> None:
    path = tone_file(tmp_path / "check", rate=44_100)
    sound, rate = soundfile.read(path)
    assert rate == 44_100
    assert 0.05 < abs(sound).max() < 0.1
    assert abs(sound[:400]).max() < 0.01
    assert tone_file(tmp_path / "check", rate=44_100) == path


def test_a_known_delay_is_shown_for_just_these_devices(qtbot: QtBot, section: SoundSection) -> None:
    from asa_desktop.engine.messages import Calibrated

    opened = Opened("mic", "phones", "Fake", 16_000, 512, "low", True, 0.03)
    found = Calibrated(0.038, 0.0004, 12, 12, "chirps", 0.03)
    for each in (opened, replace(opened, input="other")):
        section.context.library.run(lambda it, each=each: keep_delay(each, found, library=it))
    section.look()
    until(qtbot, lambda: section.delay.text().startswith("38 ms, spread 0.4 ms"))
    section.block.picked.emit("1024")
    section.look()
    until(qtbot, lambda: section.delay.text().startswith("Not measured"))


def test_the_check_is_a_click_away(section: SoundSection) -> None:
    went: list[str] = []
    section.context.went.connect(lambda page, arguments: went.append(page))
    section.check.click()
    assert went == ["check"]


def test_everything_has_a_name(section: SoundSection) -> None:
    QAccessible.setActive(True)
    section._listed(WIDE)
    assert unnamed(section) == []


def test_nothing_there_is_said(section: SoundSection) -> None:
    section._listed(())
    assert "no sound devices" in section.fault.text()
