"""What the program says: one sentence for every code, and what to do about it.

Below the surface a fault is a code and facts; here it gets its words, for the command line and
the window alike. In a sentence ``{fact}`` stands for a fact of the error, and a part in square
brackets is left out where one of its facts is missing or empty; what follows a bar in the
brackets is said instead.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import TYPE_CHECKING, Any

from asa_desktop import words_models, words_separation, words_updates
from asa_desktop.core.errors import AsaError

if TYPE_CHECKING:
    from asa_desktop.core.types import Case, Notice
    from asa_desktop.services.findings import Finding

_LONGEST = 120
_LONGEST_NAME = 255
_LONGEST_TO_COPY = 400  # of a path or a command: with its middle left out nobody could use it

_MARKS = frozenset("\u061c\u200e\u200f\u2066\u2067\u2068\u2069")
"""Of writing direction: nothing is drawn for them, and a name means the same without."""

_translate: Callable[[str], str] = str
_english: ContextVar[bool] = ContextVar("english", default=False)


def speak(translate: Callable[[str], str]) -> None:
    """Have every sentence said in another language: `translate` is given ours, facts unfilled."""
    global _translate  # noqa: PLW0603 - a program speaks one language at a time
    _translate = translate


@contextmanager
def in_english() -> Iterator[None]:
    """Say everything in English in here, on this thread: what leaves the program is of one cast."""
    before = _english.set(True)
    try:
        yield
    finally:
        _english.reset(before)


class _Said(str):
    """Words of ours, which go into another sentence as they are: their facts are clean."""

    __slots__ = ()


def _translated(text: str) -> _Said:
    return _Said(text if _english.get() else _translate(text))


FAULTS: dict[str, str] = {
    # Files and folders
    "missing_file": "There is no file {path}; check its name and folder.",
    "missing_folder": "There is no folder {path}; make it first, or choose another.",
    "is_folder": "{path} is a folder; name a file.",
    "not_a_file": "{path} is a device or pipe, not a file; name a file.",
    "no_rights": "The system does not let this program use {path}; change its permissions or choose"
    " another place.",
    "read_only": "{path} is on a disk that cannot be written; choose another place.",
    "disk_full": "The disk is full, so {path} was not written; make room and try again.",
    "file_too_big": "{path} became larger than this system allows; choose another disk.",
    "name_too_long": "The name {path} is too long for this system; use a shorter one.",
    "in_the_way": "{path} is in the way of what should be written there; choose another name.",
    "io_failed": "{path} could not be read or written ({why}); check the disk and try again.",
    "copy_differs": "The copy {path} differs from what was written; the disk may be failing, so use"
    " another one.",
    "bundled_missing": "The folder {name} that came with the program is not at {path}; install the"
    " program again.",
    "worker_died": "The analysis [was ended from outside ({signal})|ended] twice in the midst of"
    " this, and the recording is kept; try again, or restart the program.",
    "analysis_failed": "The analysis met a fault of this program, and the recording is kept;"
    " please report it with the log.",
    "out_of_memory": "There is not enough memory for this; close other programs or use a shorter"
    " take.",
    "no_device": "The networks cannot run on {device} here; use cpu or auto.",
    # Sound devices and the engine
    "no_portaudio": "Sound needs the library PortAudio, which is missing; install it (Debian and"
    " Ubuntu: `sudo apt-get install libportaudio2`).",
    "no_input": "The system has no microphone; plug one in, or see that the sound server runs.",
    "no_output": "The system has no headphones or speakers; plug some in, or see that the sound"
    " server runs.",
    "device_missing": "There is no sound device {name}; plug it in, or choose one that"
    " `asa devices` lists.",
    "device_busy": "Another program is using {name}; close it and try again.",
    "device_silent": "{name} was opened, but no sound comes from it; plug it in again, or choose"
    " another with `asa devices`.",
    "device_refused": "The system does not open {name} ({why}); allow this program to use the"
    " microphone in the system's privacy settings, or choose another device.",
    "device_lost": "The sound device went away; plug it in again and start once more.",
    "rate_refused": "{name} cannot run at {rate} Hz; leave --rate out to use its own rate.",
    "channel_missing": "{name} has no channel {channel}; choose one from 1 to {channels}.",
    "no_device_open": "No sound device is open; open one first.",
    "only_plays": "The sound devices were opened for playing alone; open the microphone too.",
    "no_loop": "Only {found} of {played} sounds came back; hold the headphones against the"
    " microphone and turn them up, or use `asa calibrate --by-ear`.",
    "delay_unsteady": "The sounds came back {spread_ms} ms apart, more than {limit_ms}, so nothing"
    " was kept; close other programs, use a cable instead of Bluetooth, and calibrate again.",
    "taps_missing": "Only {found} of {played} claps were heard; clap louder and closer to the"
    " microphone, with the sound in headphones.",
    "taps_unsteady": "The claps strayed by {spread_ms} ms, more than {limit_ms},"
    " so nothing was kept; clap along once more, evenly.",
    "engine_busy": "The sound engine is busy with something else; end that first.",
    "engine_died": "The sound engine [was ended from outside ({signal})|ended by itself][; what was"
    " sung until then is kept at {part}, and `asa check --repair` makes a take of it|; try again].",
    "engine_silent": "The sound engine does not answer; unplug and plug in the sound device, then"
    " try again.",
    "rate_differs": "{path} has {rate} Hz where {wanted} are played; please report this.",
    "decoder_died": "The reading of {path} [was ended from outside ({signal}); try again|failed, so"
    " it is probably damaged; copy or export it again].",
    "disk_low": "The disk of {path} has {free_mb} MB left, and this take may need {needed_mb}; make"
    " room first.",
    # Recordings
    "empty_file": "{path} is empty (0 bytes); record or copy it again.",
    "not_audio": "{path} holds no sound in a format that this program knows; use WAV, FLAC, MP3,"
    " Ogg, Opus, AIFF or M4A.",
    "damaged": "{path} is damaged and cannot be read to its end; copy or export it again.",
    "cut_short": "{path} is cut short: only {readable_s} of {promised_s} s can be read; copy or"
    " export it again.",
    "no_samples": "{path} holds no sound (0 s); record or export it again.",
    "not_finite": "{path} holds samples that are not numbers; export it again.",
    "too_many_channels": "{path} has {channels} channels; export it as mono or stereo.",
    "odd_rate": "{path} has a sample rate of {rate} Hz, outside 8000 to 384000; export it at 44100"
    " or 48000.",
    "too_long": "{path} is {minutes} minutes long, more than {limit}; cut it into shorter takes.",
    "no_sound_track": "{path} is a video without sound; choose one that has a sound track.",
    "unknown_codec": "{path} holds sound that cannot be decoded[ (codec {codec})], perhaps because"
    " it is copy-protected; export it as WAV or FLAC.",
    "needs_formats": "{path} is in a format that needs PyAV or ffmpeg: run `pip install av`, or"
    " install ffmpeg, or export it as WAV or FLAC.",
    "write_check_failed": "{path} did not read back as it was written; the disk may be failing, so"
    " use another one.",
    "not_a_part": "{path} is not an unfinished recording of this program; move it away.",
    "nothing_recorded": "Nothing was recorded, so {path} was not made; start again and wait for the"
    " song.",
    # Songs
    "song_not_found": "There is no song {path}; name a folder or file[, or one of the"
    " bundled songs: {known}].",
    "no_audio": "The song folder {path} holds no recording[, nor the {named} that its notes name];"
    " put one into it.",
    "ambiguous": "{path} holds several files that could be its {entry} ({candidates}); name the"
    " right one in a song.toml there.",
    "unknown_song_type": "{path} is neither a recording nor notes; name a song's folder, its"
    " recording or its notes.",
    "bad_song_toml": "{path} is not TOML ({why}); correct it or take it away.",
    "bad_song_toml_value": "{path} has an entry {key} that cannot be; write {wanted}.",
    "named_file_missing": "{path} names a file for {entry} that is not there ({name}); correct the"
    " name or add the file.",
    "path_refused": "{path} names a file for {entry} that may not be used ({name}); name a file"
    " inside the song's folder.",
    "empty_folder": "The song folder {path} is empty; put the song's files into it.",
    "too_many_files": "The folder {path} holds more than {limit} files; put one song's files into a"
    " folder of their own.",
    "file_too_large": "{path} is larger than {limit_mb} MB, too large for notes or lyrics; check"
    " that it is the right file.",
    "no_notes": "{path} holds no notes; choose a file with a melody.",
    "too_many_notes": "{path} holds {count} notes, more than {limit}; keep only the melody.",
    "lyrics_without_times": "{path} holds no lyrics with times; choose an LRC file.",
    "too_many_lines": "{path} holds more than {limit} lines; check that it is the right file.",
    "bad_midi": "{path} is not a MIDI file that can be read; export it again.",
    "bad_musicxml": "{path} is not a MusicXML file that can be read; export it again.",
    "unsafe_xml": "{path} defines entities of its own, which could do harm; export it again from a"
    " notation program.",
    "separate_songs": "{path} holds several separate songs (MIDI type 2); export one of them.",
    "not_ultrastar": "{path} is not an UltraStar song; check that it is the right text file.",
    "too_new_version": "{path} is UltraStar version {version}, newer than this program knows; save"
    " it as version 1.",
    "no_bpm": "{path} has no #BPM line; add the song's tempo.",
    "bad_bpm": "{path} has the tempo #BPM:{value}, which cannot be; correct it.",
    "no_such_voice": "{path} has no voice {wanted}; choose one of {voices}.",
    # Models
    "no_model": "The program came without a model; install it again.",
    "unknown_model": "There is no model {model}[; choose one of {known}].",
    "model_missing": "{path} holds no model (no card.json); choose another model.",
    "card_broken": "The model card {path} is damaged; install the model again.",
    "card_version": "The model card {path} is of version {found}, which this program does not know;"
    " use a model made for this version.",
    "features_unknown": "The model was trained on features that this program does not have; use a"
    " model made for this version.",
    "network_unknown": "The model has a network that this program does not have; use a model made"
    " for this version.",
    "system_unknown": "The model card {path} names a system ({system}) that this program does not"
    " have; use a model made for this version.",
    "score_map_broken": "The model's scale of scores is damaged; install the model again.",
    "weights_missing": "The model's weights {path} are missing; install the model again.",
    "weights_changed": "The model's weights {path} are not those that its card names; install the"
    " model again.",
    "crepe_missing": "The pitch network (CREPE {capacity}) is missing; install the program again.",
    # Library
    "library_missing": "The library {path} is gone, but there is a backup {backup}; run"
    " `asa check --repair` to bring it back.",
    "library_newer": "The library {path} was written by a newer version of this program; install"
    " that version.",
    "library_not_ours": "{path} is a database of another program; move it away.",
    "library_corrupt": "The library {path} is damaged[; run `asa check --repair` to go back to its"
    " backup {backup}| and has no backup; move it away to start a new one].",
    "library_busy": "Another program is using the library {path}; close it and try again.",
    "library_read_only": "The library {path} cannot be written; change the permissions of its"
    " folder.",
    "library_full": "The disk is full, so the library {path} was not changed; make room and try"
    " again.",
    "library_disk_fault": "The disk failed while the library {path} was used; check the disk, then"
    " run `asa check`.",
    "migration_failed": "The library {path} could not be brought to version {version} and is as it"
    " was[; there is a backup {backup}]; please report this.",
    "backup_unusable": "The backup {path} is damaged; choose an older one.",
    "name_empty": "A name is empty; write one.",
    "song_unknown": "The library has no song number {song}; choose one of its songs.",
    "song_twice": "The song {path} is in the library already; choose it there.",
    "person_unknown": "The library has no person number {person}; choose one of its people.",
    "take_unknown": "The library has no take number {take}; choose one of its takes.",
    "analysis_unknown": "The library has no analysis number {analysis}; choose one of the take's.",
    "part_unnamed": "Nobody knows any more who sang which song[ in {path}]; say so when it is"
    " taken in.",
    "part_held": "{path} is being recorded just now; wait until the take is over.",
    "bin_elsewhere": "The recording {name} is in the system's bin; restore it there, then try"
    " again.",
    "too_many_folders": "The folder {path} holds more than {limit} folders, and the rest was not"
    " looked at; add its parts one by one.",
    "inside_library": "The folder {path} is the program's own and holds the recordings; choose"
    " another one.",
    "bin_emptied": "The recording {name} is in the bin no more; bring it back from a backup of"
    " yours, or sing it again.",
    "note_unusable": "The note beside the take {path} cannot be read; run `asa check`.",
    # Window
    "window_library_missing": "The window needs libraries of the system that are missing"
    " ({libraries}); install them (on Debian and Ubuntu: sudo apt-get install {packages}).",
    # Requests
    "usage": "{command}: {what}; `{command} --help` shows what can be asked for.",
    "unknown_system": "There is no system {name}; choose from {known}.",
    "unknown_command": "There is no command {command}; choose one of {known}.",
    "empty_name": "A file or folder has an empty name; write its name.",
    "no_take": "No take was named; write `asa analyze` and the name of a recording.",
    "take_without_song": "A take without a song cannot go to the library; name a song with --song,"
    " or a new file with --out.",
    "take_kind": "A take is written as FLAC or WAV; give {path} a name that ends in .flac or .wav.",
    "start_beyond": "The song is {length_s} s long, so a take cannot begin at {start_s} s; choose"
    " an earlier --start.",
    "song_and_reference": "Both --song and --reference were given; keep one of them.",
    "unknown_device": "There is no device {device}; choose one of {known}.",
    "json_name": "JSON goes to a file whose name ends in .json, not to {path}; put --json last for"
    " JSON on the screen.",
    "json_not_ours": "{path} holds something else than an earlier result and stays as it is; choose"
    " another name.",
    "report_place_taken": "{path} is a file, and a report needs a folder; choose another name.",
    "report_folder_not_ours": "The folder {path} holds other files ({found}) and stays as it is;"
    " choose a new folder for the report.",
}

REASONS: dict[str, str] = {
    "no_reference": "this song has no original voice and no notes",
    "no_model": "no model was loaded",
    "silence": "the recording is silent; check the microphone",
    "too_short": "the take is shorter than one clip of 3 seconds; sing longer",
    "no_voice": "no singing was found in the recording; sing nearer to the microphone",
    "noise": "there is noise, but hardly any pitch; record where it is quieter",
    "bleed": "the microphone heard music rather than a voice; wear headphones",
    "clipped": "the recording is overdriven; turn the microphone down",
    "instrument": "this sounds like an instrument, not a voice; sing the melody",
    "speech": "this sounds like speech, not singing; hold the notes",
    "not_sung": "hardly any singing here",
    "no_pitch": "hardly any pitch here",
    "reference_silent": "the original does not sing here",
    "no_accompaniment": "the model compares with the accompaniment, and this song has none",
    "accompaniment_silent": "the accompaniment is silent here",
    "no_notes": "the song has no notes where the take sings",
    "not_aligned": "it does not follow this song; choose the song that was sung",
    "needs_reference": "it needs the original voice",
    "needs_notes": "it needs the song's notes",
    "needs_sound": "it needs the sound of the take, not only its pitch",
    "needs_alignment": "it needs to know where the take lies to the song",
    "too_little_pitch": "there is too little pitch",
    "too_few_onsets": "hardly any beginnings of notes were found",
    "gap": "the microphone was away here",
}

NOTICES: dict[str, str] = {
    "audio_taken": "{name} was taken for the song's {taken_as}; a song.toml can say otherwise.",
    "bad_line": "{file}, line {line}: {text} was not understood and left out.",
    "copy_left": "{path} is an unfinished copy from a broken import.",
    "file_unlisted": "{path} lies among the recordings, but is in no list; import it or move it"
    " away.",
    "import_lost": "The import of {name} was broken off; import it again.",
    "library_restored": "The library was damaged and went back to its backup {backup}; the damaged"
    " one is {aside}.",
    "part_left": "{path} is a recording that was under way when the program stopped[; it became the"
    " take {to}|; `asa check --repair` makes a take of it].",
    "part_finished": "{path} is the rest of a recording that became the take {to}.",
    "part_empty": "{path} is a recording that was broken off before the first sound.",
    "part_unreadable": "{path} lies among the unfinished recordings, but is none; move it away.",
    "removed_file_left": "{path} belongs to a removed take and should be in the trash.",
    "rows_without_parents": "{count} rows of {table} in the library belong to nothing; go back to a"
    " backup.",
    "song_gone": "The song {title} is no longer at {path}; bring it back, or say where it is now.",
    "take_changed": "The recording {path} ({singer}, {song}) is not what was brought in; it may be"
    " damaged, so restore it from a backup.",
    "take_file_missing": "The recording {path} ({singer}, {song}) is missing; restore it from a"
    " backup.",
    "take_in_trash": "The recording {path} ({singer}, {song}) lies in the trash, though its take is"
    " in the list.",
    "take_unlisted": "The recording {path} was brought in, but not listed.",
    "both_voices": "{file}, line {line}: notes for both voices were given to both.",
    "encoding_broken": "{file} is not quite {encoding}; what could not be read shows as �.",
    "encoding_guessed": "{file} does not say how its letters are stored; {encoding} was taken.",
    "encoding_unknown": "{file} names an unknown #ENCODING ({encoding}); UTF-8 was taken.",
    "graces_left_out": "{file}: {count} grace notes were left out.",
    "demo_take": "This is the bundled take of the demo song: a rendering, not a recording of a"
    " singer.",
    "jumps_not_followed": "{file}: {count} jumps (D.C., D.S., coda) were not followed.",
    "line_end_skipped": "{file}, line {line}: a second end of line was passed over.",
    "line_mended": "{file}, line {line}: {text} was read as well as it could be.",
    "lyric_line_skipped": "{file}, line {line}: {text} has no time and was left out.",
    "lyrics_not_chosen": "No lyrics were taken, for there are several ({candidates}); a song.toml"
    " can say which.",
    "lyrics_outside": "{file}: {count} lines outside the song's time were left out.",
    "more_of_this": "{file}: {count} more of this kind ({code}).",
    "named_file_missing": "{file} names {name} for #{entry}, which is not in the folder.",
    "named_file_not_audio": "{file} names {name} for #{entry}, which is no recording.",
    "no_end_line": "{file} has no E at its end; it was read to the last line.",
    "note_without_length": "{file}, line {line}: a note without length was left out.",
    "notes_outside": "{file}: {count} notes before #START or after #END were left out.",
    "notes_overlap": "{file}: {count} notes that overlap the next were shortened.",
    "notes_taken": "{name} was taken for the song's notes; a song.toml can say otherwise.",
    "notes_unclosed": "{file}: {count} notes without an end were ended with their track.",
    "notes_unsorted": "{file}: the notes were not in order of time and were sorted.",
    "parts_missing": "The song comes without {parts}.",
    "path_refused": "{file}: {name} was not used, because it leads out of the song's folder or"
    " is no plain name.",
    "relative_ignored": "{file}: #RELATIVE does not belong into version {version} and was ignored.",
    "setting_ignored": "The setting {name} in {path} cannot be used; the usual one was taken.",
    "settings_broken": "The settings {path} could not be read; they were moved to {aside}.",
    "song_toml_unknown": "{file}: the entry {key} is not known and was passed over.",
    "tag_missing": "{file} has no #{tag}.",
    "tag_not_whole": "{file}: #{tag}:{value} should be a whole number and was taken as written.",
    "tag_twice": "{file}, line {line}: #{tag} comes twice; the first was taken.",
    "tag_unreadable": "{file}: #{tag}:{value} was not understood and left out.",
    "timing_unusable": "{file}: what was noted in it about its delay cannot be and was passed"
    " over.",
    "tempo_ignored": "{file}: {count} tempo marks that cannot be were ignored.",
    "track_guessed": "{file}: track {track} was taken for the melody, of {tracks}.",
    "unknown_note_type": "{file}, line {line}: a note of unknown type {type} is not judged.",
    "voices_left_out": "{file}: {count} notes of further voices were left out.",
    "voice_taken": "{file} is a duet ({voices}); {voice} was taken.",
}

SENTENCES: dict[str, str] = {
    "cancelled": "Stopped.",
    "no_command": "There is no screen to open the window on; `asa demo` shows what the program"
    " does without, and `asa --help` what can be asked for.",
    "drawing": "drawing the report",
    "report_at": "report:",
    "no_library": "There is no library yet at {path}.",
    "library_checked": "The library at {path} was looked through; things found: {count}.",
    "checking": "recording {done} of {of}",
    "repaired": "This was put right.",
    "model_good": "sound.",
    "check_left": "Left for you to decide or repair: {count}; `asa check --repair` puts right"
    " what it can.",
    "our_fault": "Something went wrong in the program itself ({kind})[; the details are in {log}].",
    "preparing": "making the song ready",
    "finishing": "ending the take",
    "recording": "Recording[ {singer}][ over {song}][ ({length})] from {input} at {rate} Hz, heard"
    " over {output}; Ctrl-C ends the take.",
    "device_away": "At {at} {why}; plug it in or choose it in the system again and the take goes"
    " on, or end it with Ctrl-C.",
    "device_back": "The sound is back after {away_s} s, and the take goes on.",
    "kept_as_part": "What was sung ({length}) is safe at {path}; `asa check --repair` makes a take"
    " of it.",
    "row_later": "The take is whole at {path}; `asa check --repair` puts it on the list.",
    "parts_left": "Takes that were broken off: {count}; they are safe at {path}, and"
    " `asa check --repair` brings them in.",
    "take_at": "take: {path} ({length})",
    "delay_chirps": "delay: {ms} ms, as calibrated[ ({kept_ms} ms) and moved by what the time"
    " stamps say of this start]",
    "delay_taps": "delay: {ms} ms, as clapped by ear[ ({kept_ms} ms) and moved by what the time"
    " stamps say of this start]",
    "delay_given": "delay: {ms} ms, as given with --delay",
    "delay_stamps": "delay: {ms} ms by the system's own word, which may be far off; not calibrated:"
    " run `{command}`",
    "delay_noted": "delay: {ms} ms, as noted in the recording",
    "clock_put_right": "clock: the microphone's ran {ppm} millionths faster than the song's; put"
    " right",
    "placed": "the song begins {offset} s into the take, sung at {tempo} % of its tempo ({sure} %"
    " sure)",
    "placed_later": "the take begins {at} into the song, sung at {tempo} % of its tempo ({sure} %"
    " sure)",
    "all_too_high": "all of it is too high for the accompaniment; semitones: {count}",
    "all_too_low": "all of it is too low for the accompaniment; semitones: {count}",
    "all_late": "all of it comes {ms} ms late",
    "all_early": "all of it comes {ms} ms early",
    "as_it_lies": "if it is this song after all, --in-step takes it as it lies",
    "sung_not": "of the song not sung: {where}",
    "sung_more": "in the take and not in the song: {where}",
    "sung_from": "from {at} of the song on",
    "dropouts": "dropouts: {count}; close other programs or use a larger --block",
    "gap": "gap: from {start} to {end} of the recording {why} ({away_s} s)",
    "clipped": "too loud: {count} places clipped; turn the microphone down",
    "too_low": "very soft: the loudest moment was {db} dB; turn the microphone up",
    "heard_nothing": "silent: nothing was heard from {device}; check its switch and the system's"
    " microphone permission",
    "analyse_next": "next: {command}",
    "not_sung": "So nothing can be recorded here, and the bundled take is shown instead.",
    "sing_demo": "Sing along: the demo song {song} plays now, and your microphone records you on"
    " this computer; Ctrl-C ends the take early. (`asa demo` shows a bundled take instead.)",
    "count_down": "starting in {left} s",
    "calibrate_by_chirps": "Twelve chirps will play on {output}, and {input} must hear them: hold"
    " the headphones against the microphone, or turn the speakers on.",
    "calibrate_by_ear": "Clicks will play on {output}: listen to the four high ones, then clap"
    " with each of the sixteen low ones, close to {input}.",
    "press_enter": "Press Enter when ready.",
    "calibrated_chirps": "delay: {ms} ms, spread {spread_ms} ms, {found} of {played} chirps heard"
    " (the system's own word: {stamps_ms} ms)",
    "calibrated_taps": "delay: {ms} ms, spread {spread_ms} ms, {found} of {played} claps heard; by"
    " ear it is good to about 30 ms",
    "delay_kept": "It is kept for {input} with {output} ({api}, {rate} Hz, {block} frames at a"
    " time).",
    "no_devices": "The system has no sound devices; plug some in, or see that the sound server"
    " runs.",
    "default_input": "default microphone",
    "default_output": "default headphones",
    "delays_known": "Calibrated delays:",
    "delay_line": "{input} with {output} ({api}, {rate} Hz, {block} frames): {ms} ms, spread"
    " {spread_ms} ms, {method}, {date}",
    "no_delays": "No delay is calibrated yet; run `asa calibrate`.",
    "unworded": "Something is wrong here that this version has no words for ({code}).",
}
"""What is said beside faults, reasons and notices."""

FAULTS |= words_models.FAULTS | words_updates.FAULTS | words_separation.FAULTS
SENTENCES |= words_models.SENTENCES | words_updates.SENTENCES | words_separation.SENTENCES

_CASES: dict[Case, str] = {
    "in_step": "against the original voice, in step with the song",
    "free": "against the original voice, after alignment",
    "notes": "against the song's notes",
}

_STAGES = {
    "take": "listening to the take",
    "reference": "listening to the original",
    "align": "finding the take in the song",
    "score": "comparing",
}

_METHODS = {"chirps": "by chirps", "taps": "by ear"}

_LOSSES = {
    "lost": "the sound device went away",
    "suspended": "the system put the sound device to sleep",
    "moved": "the system changed to another sound device",
    "overflow": "the disk was too slow",
}


def say(error: AsaError) -> str:
    """The sentence for a fault."""
    return sentence(error.code, error.facts)


def reason_text(code: str) -> str:
    """Why a take or clip has no score: a clause that goes on after "not scored:"."""
    reason = REASONS.get(code)
    return _translated(reason) if reason else filled(SENTENCES["unworded"], {"code": code})


def notice_text(notice: Notice | Finding) -> str:
    """The sentence for what a reader repaired or guessed or a check found."""
    template = NOTICES.get(notice.code)
    if template is None:
        # A fault that was not worth stopping for, such as lyrics that cannot be read.
        named = {"path": Path(str(notice.facts["file"]))} if "file" in notice.facts else {}
        return sentence(notice.code, {**named, **notice.facts})
    return filled(template, {"file": _translated("The song"), **notice.facts})


def sentence(code: str, facts: Mapping[str, Any] | None = None) -> str:
    """The sentence of any code, one line; a general one where there is none."""
    template = FAULTS.get(code) or SENTENCES.get(code)
    if template is None:
        return filled(SENTENCES["unworded"], {"code": code})
    return filled(template, facts or {})


def our_fault(error: BaseException, log: Path | None) -> str:
    """What is said when the program itself is at fault; `log` tells the rest."""
    return sentence("our_fault", {"kind": type(error).__name__, "log": log or ""})


def value_text(value: float, unit: str) -> str:
    """A system's raw value with its unit, as many digits as say something."""
    shown = f"{value:.3g}" if abs(value) < 100 else f"{value:.1f}"
    return f"{shown} {unit}".strip()


def case_text(case: Case) -> str:
    """What a take was measured against."""
    return _translated(_CASES[case])


def stage_text(stage: str) -> str:
    """What the program is doing, for a line of progress."""
    return _translated(_STAGES.get(stage, stage))


def method_text(method: str) -> str:
    """How a delay was measured."""
    return _translated(_METHODS.get(method, method))


def loss_text(reason: str) -> str:
    """Why sound stopped coming in: a clause."""
    return _translated(_LOSSES.get(reason, _LOSSES["lost"]))


def on_one_line(text: str | Path) -> str:
    """`text` without control characters, and its middle left out where it is very long.

    A path is left whole much longer, unless its name is one that no system can hold.
    """
    real = isinstance(text, Path) and len(text.name) <= _LONGEST_NAME
    return _shortened(str(text), _LONGEST_TO_COPY if real else _LONGEST)


def _shortened(text: str, most: int) -> str:
    kept = (c for c in _with_its_bytes(text) if c not in _MARKS)
    shown = "".join("\N{REPLACEMENT CHARACTER}" if _is_odd(c) else c for c in kept)
    half = (most - 3) // 2
    return shown if len(shown) <= most else f"{shown[:half]}...{shown[-half:]}"


def _with_its_bytes(text: str) -> str:
    # Under an old locale a UTF-8 name comes as escaped bytes, which can be put together again.
    try:
        return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    except UnicodeEncodeError:
        return text


def _is_odd(character: str) -> bool:
    # Controls could repaint a terminal, lone surrogates cannot be printed, and what turns the
    # direction of writing round could hide a name's real end.
    return unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp")


def translated(text: str) -> str:
    """A text without facts in the language that `speak` was given."""
    return _translated(text)


def filled(template: str, facts: Mapping[str, Any]) -> str:
    """A template in that language with its facts; see above what its signs mean."""
    shown = {name: _fact(name, value) for name, value in facts.items()}

    def part(match: re.Match[str]) -> str:
        said, _, instead = match[1].partition("|")
        names = re.findall(r"\{(\w+)\}", said)
        return said if all(facts.get(name) not in (None, "", ()) for name in names) else instead

    whole = re.sub(r"\[([^\]]*)\]", part, _translated(template))
    return _Said(re.sub(r"\{(\w+)\}", lambda match: shown.get(match[1], "?"), whole))


def _fact(name: str, value: object) -> str:
    if isinstance(value, _Said):
        return value
    if name == "command":
        return _shortened(str(value), _LONGEST_TO_COPY)
    if isinstance(value, Path):
        return f'"{on_one_line(value)}"'
    if isinstance(value, float):
        return f"{value:.1f}"
    if isinstance(value, tuple | list):
        return ", ".join(on_one_line(str(each)) for each in value)
    return on_one_line(str(value))
