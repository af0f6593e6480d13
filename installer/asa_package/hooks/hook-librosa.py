"""For PyInstaller: librosa without its displays and without what asks for scikit-learn.

librosa's parts are found through stubs (lazy_loader), so these come along as files with its small
tables, and the parts have to be named. The program uses its filters and its onset strength.
"""

from PyInstaller.utils.hooks import collect_data_files, collect_submodules

_NOT_ASKED_FOR = ("librosa.decompose", "librosa.segment", "librosa.display")

datas = collect_data_files("librosa")
hiddenimports = collect_submodules(
    "librosa", filter=lambda name: not name.startswith(_NOT_ASKED_FOR)
)
