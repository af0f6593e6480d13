"""From a file of HTDemucs weights to a network, without running anything that the file holds.

Two forms are read: safetensors as demucs 4.1 has them on its hub (the network's arguments as JSON
in the file's metadata), and the older ``.th`` packages of `torch.save`, through torch's reader of
plain values with two names allowed, both replaced by stand-ins of ours.
"""

from __future__ import annotations

import json
import warnings
import zipfile
from collections.abc import Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from fractions import Fraction
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from asa_desktop.core.audio import sha256
from asa_desktop.core.errors import PlaceError, SeparationError, place_error

if TYPE_CHECKING:
    from collections.abc import Iterator

    import torch
    from torch import nn

LARGEST = 1 << 30
"""Bytes that a file of weights may have: htdemucs has 84 million."""

VOICE = "vocals"
_KLASS = "demucs.htdemucs.HTDemucs"
_MOST = 1_000_000
_MOST_LAYERS = 32
_LAYERS = ("depth", "t_layers", "dconv_depth", "multi_freqs_depth", "growth", "norm_starts")
_LONGEST_S = 60
_RATES = (8_000, 192_000)
# What a file that is no weights of this network can provoke in torch, demucs or json.
_BROKEN = (
    RuntimeError, TypeError, ValueError, KeyError, AttributeError, AssertionError, IndexError,
    ImportError, OverflowError, EOFError, ZeroDivisionError, RecursionError,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Network:
    """A network that takes (1, channels, segment) at `rate` to (1, sources, channels, segment)."""

    module: nn.Module
    sources: tuple[str, ...]
    rate: int
    channels: int
    segment: int
    sha256: str

    @property
    def voice(self) -> int:
        """Which of the sources is the voice."""
        return self.sources.index(VOICE)


def require_demucs() -> None:
    """Raise SeparationError ``no_demucs`` where it is not there."""
    if find_spec("demucs") is None:
        raise SeparationError("no_demucs")


def read_network(path: Path, *, digest: str | None = None) -> Network:
    """The network in a file, on the CPU and for use alone.

    Parameters
    ----------
    digest
        The file's sha256 where it is known already.

    Raises
    ------
    SeparationError
        ``no_demucs``; ``weights_file_too_large``; ``weights_unusable`` where the file is no
        HTDemucs with a source called vocals, or its numbers do not fit it or are not finite.
    PlaceError
        ``missing_file`` and the like.
    """
    require_demucs()
    _refuse_odd(path)
    digest = digest or sha256(path)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            arguments, state = _package(path) if zipfile.is_zipfile(path) else _safetensors(path)
            module = _built(arguments, state)
        return _described(module, digest)
    except OSError as error:
        raise place_error(error, path) from error
    except _BROKEN as error:
        raise SeparationError("weights_unusable", path=path, why=_why(error)) from error
    except Exception as error:  # safetensors and pickle have errors of their own
        if type(error).__module__.partition(".")[0] not in ("safetensors", "safetensors_rust",
                                                            "_pickle", "pickle"):  # fmt: skip
            raise
        raise SeparationError("weights_unusable", path=path, why=_why(error)) from error


def _refuse_odd(path: Path) -> None:
    try:
        if path.is_dir():
            raise PlaceError("is_folder", path=path)
        size = path.stat().st_size
    except OSError as error:
        raise place_error(error, path) from error
    except ValueError as error:  # a NUL in the name
        raise PlaceError("missing_file", path=path) from error
    if not path.is_file():
        raise PlaceError("not_a_file", path=path)
    if size > LARGEST:
        raise SeparationError("weights_file_too_large", path=path, limit_mb=LARGEST >> 20)


def _safetensors(path: Path) -> tuple[dict[str, Any], dict[str, torch.Tensor]]:
    from safetensors import safe_open

    with safe_open(str(path), framework="pt") as file:
        said = file.metadata() or {}
        if said.get("klass") != _KLASS or "structure" in said:
            raise ValueError("another network")
        arguments = _bound(json.loads(said["args"]), json.loads(said["kwargs"]))
        state = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    return arguments, state


def _package(path: Path) -> tuple[dict[str, Any], dict[str, torch.Tensor]]:
    """A package of `torch.save`, stored as it is: one that is packed could grow without end."""
    import torch

    with zipfile.ZipFile(path) as archive:
        entries = archive.infolist()
        if any(one.compress_type != zipfile.ZIP_STORED for one in entries):
            raise ValueError("packed")
        if sum(one.file_size for one in entries) > LARGEST:
            raise ValueError("size")
    names = [(_Named, _KLASS), (_fraction, "fractions.Fraction")]
    with torch.serialization.safe_globals(names):  # type: ignore[arg-type]
        package = torch.load(path, "cpu", weights_only=True)
    if package["klass"] is not _Named or not isinstance(package["state"], Mapping):
        raise ValueError("another network")
    return _bound(list(package["args"]), dict(package["kwargs"])), dict(package["state"])


class _Named:
    """Stands for the network's class in a package, which may name it and not make one."""

    def __init__(self) -> None:
        raise ValueError("a name that is called")


def _fraction(*parts: object) -> Fraction:
    match parts:
        case (int(above), int(below)):
            return Fraction(above, below)
        case (str(text),) if len(text) < 40:
            first, _, second = text.partition("/")
            return Fraction(int(first), int(second or "1"))
    raise ValueError("no fraction")


def _bound(args: list[Any], kwargs: dict[str, Any]) -> dict[str, Any]:
    """The network's arguments by name, each a plain value within reason."""
    import inspect

    from demucs.htdemucs import HTDemucs

    names = inspect.signature(HTDemucs).parameters
    given = {**dict(zip(names, args, strict=False)), **kwargs}
    # demucs, too, drops arguments that its network has no more.
    arguments: dict[str, Any] = {
        name: _plain(value) for name, value in given.items() if name in names
    }
    if len(args) > len(names) or not isinstance(arguments.get("sources"), list):
        raise ValueError("arguments")
    for layers in _LAYERS:
        if not 0 <= arguments.get(layers, 0) <= _MOST_LAYERS:
            raise ValueError(layers)
    return arguments


def _plain(value: Any) -> Any:
    if isinstance(value, dict) and value.get("_type") == "fraction":
        return Fraction(int(value["numerator"]), int(value["denominator"]))
    if isinstance(value, list | tuple) and len(value) <= 64:
        return [_plain(one) for one in value]
    if isinstance(value, str) and len(value) <= 64:
        return value
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int | float | Fraction) and -_MOST <= value <= _MOST:  # false for nan
        return value
    raise ValueError("arguments")


def _built(arguments: dict[str, Any], state: Mapping[str, Any]) -> nn.Module:
    """The network with these weights; on its way it takes no more room than they do."""
    import torch
    from demucs.htdemucs import HTDemucs

    if not all(isinstance(one, torch.Tensor) and one.is_floating_point() for one in state.values()):
        raise TypeError("not numbers")
    # Nothing is drawn for a start that is replaced at once: on tensors without memory that would
    # bring in torch's compiler, which takes longer than torch itself.
    with torch.device("meta"), _unfilled():
        module: nn.Module = HTDemucs(**{**arguments, "rescale": 0, "emb_smooth": False})
    single = {name: one.to(torch.float32) for name, one in state.items()}
    if not all(bool(torch.isfinite(one).all()) for one in single.values()):
        raise ValueError("not finite")
    module.load_state_dict(single, strict=True, assign=True)
    return module.eval().requires_grad_(False)


def _unfilled() -> AbstractContextManager[object]:
    """In here `torch.nn.init`, and what divides in place, leave tensors as they are."""
    from torch.overrides import TorchFunctionMode

    class Unfilled(TorchFunctionMode):
        def __torch_function__(
            self, func: Any, types: Any, args: Any = (), kwargs: Any = None
        ) -> Any:
            given = kwargs or {}
            fills = getattr(func, "__module__", "") == "torch.nn.init"
            if fills or getattr(func, "__name__", "") in ("__itruediv__", "div_"):
                return given.get("tensor", args[0] if args else None)
            return func(*args, **given)

    return Unfilled()


def _described(module: Any, digest: str) -> Network:
    sources = tuple(str(one) for one in module.sources)
    rate, channels = module.samplerate, module.audio_channels
    if VOICE not in sources or len(set(sources)) != len(sources):
        raise ValueError("sources")
    if type(rate) is not int or not _RATES[0] <= rate <= _RATES[1] or channels not in (1, 2):
        raise ValueError("rate")
    if not 0 < module.segment <= _LONGEST_S or not module.use_train_segment:
        raise ValueError("segment")
    return Network(module, sources, rate, channels, int(module.segment * rate), digest)


def _why(error: BaseException) -> str:
    first = str(error).strip().partition("\n")[0]
    return first[:80] or type(error).__name__


@contextmanager
def quiet_of_warnings() -> Iterator[None]:
    """demucs' network warns about its own affairs."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
