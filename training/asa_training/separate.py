"""`asa-train separate`: voice and accompaniment of many mixes, as the program does it with one.

Each mix becomes a folder below OUT, called as the mix and laid out as the folder that it was found
in, with vocal.flac, accompaniment.flac and a note. Added up, the two are the mix. What is done
already is passed over, known by the content of the mix and the weights.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from asa_desktop.core.audio import sha256
from asa_desktop.core.errors import AsaError, UsageError
from asa_desktop.core.examples import examples
from asa_desktop.core.separation.mix import survey
from asa_desktop.core.separation.overlap import Separate, on_device
from asa_desktop.core.separation.parts import beside, is_done, key_of, refuse_crowded, written
from asa_desktop.core.separation.weights import Network, read_network
from asa_training.rated.takes import takes_in
from asa_training.sentences import say

EXAMPLES = (
    examples("asa-train separate MIXES --weights WEIGHTS.safetensors --out parts")
    + "\n\n`asa separate --fetch` fetches weights and names them. Call it again and it goes on."
)


def register(subparsers: Any) -> argparse.ArgumentParser:
    """Add `asa-train separate`."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "separate",
        help="take mixes apart into voice and accompaniment",
        description=__doc__,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("mixes", type=Path, nargs="+", metavar="MIX", help="files, or folders")
    parser.add_argument("--out", type=Path, required=True, help="the folder of the parts' folders")
    parser.add_argument(
        "--weights", type=Path, required=True, help="of HTDemucs: .safetensors or .th"
    )
    parser.add_argument("--device", default="auto", choices=("auto", "cpu", "cuda", "mps"))
    parser.set_defaults(run=run)
    return parser


def run(args: argparse.Namespace) -> int:
    """Separate all of them; 2 where one could not be, after the rest."""
    folders = folders_of(args.mixes, args.out)
    network = read_network(args.weights)
    separate = on_device(network, args.device)
    made = kept = 0
    faults: list[str] = []
    for number, (mix, folder) in enumerate(folders.items(), start=1):
        began = time.monotonic()
        try:
            new = separated(mix, folder, network, separate)
        except AsaError as error:
            faults.append(say(error))
            print(f"asa-train: {faults[-1]}", file=sys.stderr, flush=True)
            continue
        made, kept = made + new, kept + (not new)
        if new:
            took = time.monotonic() - began
            print(f"{number} of {len(folders)}: {folder} ({took:.0f} s)", flush=True)
    print(f"{made} separated, {kept} were there already, {len(faults)} could not be")
    return 2 if faults else 0


def folders_of(places: Sequence[Path], out: Path) -> dict[Path, Path]:
    """Each mix in these files and folders, and the folder of its parts.

    Raises UsageError ``mixes_of_one_name``, and PlaceError as `takes_in`.
    """
    folders: dict[Path, Path] = {}
    taken: dict[str, Path] = {}
    for place in places:
        for mix in takes_in([place]):
            name = mix.relative_to(place) if place.is_dir() else Path(mix.name)
            folder = out / name.with_suffix("")
            other = taken.setdefault(str(folder).casefold(), mix)
            if other != mix:
                raise UsageError("mixes_of_one_name", path=mix, other=other)
            folders[mix] = folder
    return folders


def separated(mix: Path, folder: Path, network: Network, separate: Separate) -> bool:
    """Separate one; False where its parts are there already. Errors as `parts_of`, and `beside`."""
    digest = sha256(mix)
    if is_done(folder, key_of(digest, network.sha256)):
        return False
    folder.parent.mkdir(parents=True, exist_ok=True)
    with beside(folder) as temporary:
        known = survey(mix)
        refuse_crowded(temporary, known)
        written(mix, temporary, known, network, separate, mix_sha256=digest)
    return True
