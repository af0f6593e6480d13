"""What may be asked for on the command line. A slip costs one sentence, not a page of usage."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from asa_desktop import __version__
from asa_desktop.cli import sound_arguments
from asa_desktop.core.errors import PlaceError, UsageError
from asa_desktop.core.examples import examples

COMMANDS = {
    "analyze": "analyze",
    "record": "record",
    "calibrate": "calibrate",
    "devices": "devices",
    "demo": "demo",
    "self-test": "selftest",
    "check": "check",
    "models": "models",
    "separate": "separate",
    "updates": "updates",
}
"""Commands and the modules that carry them out, imported only when asked for."""

DEVICES = ("auto", "cpu", "cuda", "mps")
STDOUT = Path("-")
"""Stands for ``--json`` without a file."""

ENDING = """\
exit status:
  0    done, also where a take could not be scored
  1    a fault of the program itself; the sentence names the log
  2    something asked for, put in or around the program is wrong; one sentence says what
  130  stopped"""


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """The options, or `UsageError`; ``--help`` and ``--version`` raise SystemExit.

    Files and folders without a command are `files`, to be opened in the window.
    """
    if (files := _files(arguments)) is not None:
        return argparse.Namespace(command=None, files=files)
    _refuse_unknown_command(arguments)
    options = parser().parse_args(arguments)
    options.files = ()
    if options.command == "analyze":
        _check_analyze(options)
    elif options.command == "record":
        sound_arguments.check_record(options)
    elif options.command == "separate":
        _check_separate(options)
    return options


def _files(arguments: Sequence[str]) -> tuple[Path, ...] | None:
    """What is named without a command; None where there is one, or the first word is neither.

    Raises `PlaceError` ``missing_file`` where a further one is not there.
    """
    if not arguments or arguments[0].startswith("-") or arguments[0] in COMMANDS:
        return None
    if not _looks_like_file(arguments[0]):
        return None
    found = tuple(Path(os.path.abspath(each)) for each in arguments)  # noqa: PTH100 - as it is
    for path in found:
        if not os.path.lexists(path):
            raise PlaceError("missing_file", path=path)
    return found


def _looks_like_file(word: str) -> bool:
    try:
        there = os.path.lexists(word)
    except ValueError:
        return False
    return there or Path(word).name != word or bool(Path(word).suffix)


def _refuse_unknown_command(arguments: Sequence[str]) -> None:
    # argparse words this differently in every version of Python.
    first = next((each for each in arguments if not each.startswith("-")), None)
    if first is not None and first not in COMMANDS:
        raise UsageError("unknown_command", command=first, known=tuple(COMMANDS))


class _Parser(argparse.ArgumentParser):
    def __init__(self, **how: object) -> None:
        super().__init__(
            allow_abbrev=False,
            formatter_class=argparse.RawDescriptionHelpFormatter,
            **how,  # type: ignore[arg-type]
        )

    def error(self, message: str) -> NoReturn:
        raise UsageError("usage", what=message, command=self.prog)


def parser() -> argparse.ArgumentParser:
    """All commands with their options and their help."""
    parser = _Parser(
        prog="asa",
        description="ASA Desktop, a singing coach: how each three-second clip of a take went."
        " Without a command the window opens, with the recordings, songs and packs of models"
        " that are named.",
        epilog=examples("asa demo --report demo-report", "asa TAKE.wav SONG") + "\n\n" + ENDING,
    )
    parser.add_argument("--version", action="version", version=f"ASA Desktop {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", parser_class=_Parser)
    _add_analyze(commands)
    sound_arguments.add_record(commands, path=_path)
    sound_arguments.add_calibrate(commands)
    sound_arguments.add_devices(commands)
    _add_demo(commands)
    commands.add_parser(
        "self-test",
        help="analyse bundled singing and see that good scores above poor",
        description="Checks on this machine: bundled models, a library, a whole analysis, and"
        " what a look for newer versions needs; no connection is made.",
        epilog=examples("asa self-test"),
    )
    check = commands.add_parser(
        "check",
        help="look through the library and the models for damage",
        description="Looks through the library and the models for damage, and says what it found.",
        epilog=examples("asa check", "asa check --repair"),
    )
    check.add_argument("--repair", action="store_true", help="put right what can be put right")
    _add_models(commands)
    _add_separate(commands)
    updates = commands.add_parser(
        "updates",
        help="say where newer versions would be looked for, or look",
        description="Says where newer versions would be looked for and whether the window does so"
        " by itself; no connection is made. With --look one list is fetched and read.",
        epilog=examples("asa updates"),
    )
    updates.add_argument("--look", action="store_true", help="look now")
    return parser


def _add_models(commands: argparse._SubParsersAction[_Parser]) -> None:
    parser = commands.add_parser(
        "models",
        help="list the models, or install more of them",
        description="Lists the models that --model takes, or installs more of them.",
        epilog=examples("asa models list", "asa models add models/rori-3"),
    )
    actions = parser.add_subparsers(
        dest="action", metavar="ACTION", parser_class=_Parser, required=True
    )
    actions.add_parser(
        "list",
        help="which models there are, and where",
        description="Lists the models that --model takes, and where they are.",
        epilog=examples("asa models list"),
    )
    add = actions.add_parser(
        "add",
        help="install the models of a pack, or of a folder",
        description="Installs the models of a pack, or the one of a folder as model hubs keep it,"
        " zipped or not. Nothing in it is executed, and nothing is installed before all of it was"
        " checked.",
        epilog=examples("asa models add models/rori-3", "asa models add PACK.zip FOLDER"),
    )
    add.add_argument(
        "packs", nargs="+", type=_path, metavar="PACK", help="a .zip with models, or a folder"
    )
    add.add_argument("--replace", action="store_true", help="also in place of another of that id")


def _add_separate(commands: argparse._SubParsersAction[_Parser]) -> None:
    parser = commands.add_parser(
        "separate",
        help="take a mix apart into voice and accompaniment",
        description="Takes a mix apart into voice and accompaniment (by demucs, an extra), and"
        " makes a song's folder of them. Added up, the two are the mix again. The weights are"
        " fetched once, after a question; a stopped fetch goes on where it was.",
        epilog=examples("asa separate on-the-run --out on-the-run-apart") + "\n\n" + ENDING,
    )
    parser.add_argument(
        "mix", nargs="?", metavar="MIX", help="a recording, a song's folder or a bundled id"
    )
    parser.add_argument("--out", type=_path, metavar="FOLDER", help="a new folder for the parts")
    parser.add_argument(
        "--weights", type=_path, metavar="FILE", help="weights of HTDemucs, .safetensors or .th"
    )
    parser.add_argument("--yes", action="store_true", help="fetch the weights without asking")
    parser.add_argument(
        "--fetch", action="store_true", help="fetch the weights, say where they are, and end"
    )
    parser.add_argument(
        "--weights-from",
        metavar="ADDRESS",
        help="fetch the same weights from another https address",
    )
    parser.add_argument(
        "--device", default="auto", metavar="|".join(DEVICES), help="where the network runs"
    )


def _add_analyze(commands: argparse._SubParsersAction[_Parser]) -> None:
    parser = commands.add_parser(
        "analyze",
        help="score takes and say which clips went well",
        description="Scores takes clip by clip against a song's original voice or its notes.",
        epilog=examples(
            "asa analyze resources/demo/takes/pjs-medley.flac --song pjs-medley --json result.json",
            "asa analyze TAKE.wav --reference VOCAL.flac --report report",
        )
        + "\n\n"
        + ENDING,
    )
    parser.add_argument("takes", nargs="*", type=_path, metavar="TAKE", help="recordings of you")
    parser.add_argument("--song", metavar="SONG", help="a song's folder or file, or a bundled id")
    parser.add_argument("--reference", type=_path, metavar="VOCAL", help="the original voice alone")
    parser.add_argument("--accompaniment", type=_path, metavar="FILE", help="what was sung to")
    parser.add_argument("--model", metavar="ID", help="a model's id or folder")
    parser.add_argument(
        "--delay",
        type=sound_arguments.number(-1000, 5000),
        metavar="MS",
        help="how late the takes are behind the song, instead of what was noted in them",
    )
    parser.add_argument(
        "--in-step",
        action="store_true",
        help="the takes begin with the song and keep its tempo; else that is found out, but for"
        " takes that were recorded here",
    )
    parser.add_argument(
        "--systems",
        metavar="NAMES",
        help="score by further systems too: `all`, or names with commas between",
    )
    parser.add_argument(
        "--device", default="auto", metavar="|".join(DEVICES), help="where the networks run"
    )
    parser.add_argument(
        "--json",
        nargs="?",
        type=_path,
        const=STDOUT,
        metavar="FILE",
        help="write JSON: to FILE (its name ends in .json), else instead of the table",
    )
    parser.add_argument("--report", type=_path, metavar="DIR", help="write report.html and plots")
    parser.add_argument("--timings", action="store_true", help="also say how long each step took")


def _add_demo(commands: argparse._SubParsersAction[_Parser]) -> None:
    parser = commands.add_parser(
        "demo",
        help="analyse the bundled take of the demo song and write a report",
        description="Analyses the bundled take of the demo song and writes a report. With --sing"
        " you sing the song yourself, and your take is recorded and analysed.",
        epilog=examples("asa demo --report demo-report"),
    )
    parser.add_argument(
        "--sing",
        nargs="?",
        const="always",
        default="no",
        choices=("always", "auto"),
        metavar="auto",
        help="sing it yourself; with `auto` only where microphone and headphones can be opened",
    )
    parser.add_argument("--report", type=_path, metavar="DIR", help="where the report goes")


def _path(text: str) -> Path:
    if not text.strip():
        raise UsageError("empty_name")
    return Path(text)


def _check_analyze(options: argparse.Namespace) -> None:
    # --json takes the word after it, and that word must never be somebody's recording.
    target: Path | None = options.json
    if target not in (None, STDOUT) and target.suffix.lower() != ".json":
        raise UsageError("json_name", path=target)
    if not options.takes:
        raise UsageError("no_take")
    if options.song is not None and options.reference is not None:
        raise UsageError("song_and_reference")
    if options.song is not None and not options.song.strip():
        raise UsageError("empty_name")
    options.systems = _systems(options.systems)
    if options.device not in DEVICES:
        raise UsageError("unknown_device", device=options.device, known=DEVICES)


def _check_separate(options: argparse.Namespace) -> None:
    if options.fetch == (options.mix is not None):
        raise UsageError("mix_or_fetch")
    if options.mix is not None and options.out is None:
        raise UsageError("no_out")
    if options.mix is not None and not options.mix.strip():
        raise UsageError("empty_name")
    if options.device not in DEVICES:
        raise UsageError("unknown_device", device=options.device, known=DEVICES)
    if options.weights_from is not None:
        from asa_desktop.services.updates.place import is_page

        if not is_page(options.weights_from):
            raise UsageError("no_https", address=options.weights_from)


def _systems(text: str | None) -> tuple[str, ...]:
    from asa_desktop.core.assess.systems import SYSTEMS

    names = tuple(dict.fromkeys(each.strip() for each in (text or "").split(",") if each.strip()))
    for name in names:
        if name != "all" and name not in SYSTEMS:
            raise UsageError("unknown_system", name=name, known=("all", *SYSTEMS))
    return names
