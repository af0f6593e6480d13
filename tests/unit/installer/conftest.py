"""The set-up's package lies outside the installed one; here it is put on the path."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "installer"))

from asa_setup.layout import Layout, Machine  # noqa: E402


@pytest.fixture
def checkout() -> Layout:
    """The real checkout, to read its locks."""
    return Layout(ROOT, windows=False)


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    """An empty checkout with the real locks' shape: small locks and a pyproject.toml."""
    locks = tmp_path / "installer" / "locks"
    locks.mkdir(parents=True)
    (tmp_path / "installer" / "wheels").mkdir()
    hashed = "--hash=sha256:" + "a" * 64
    (locks / "universal.txt").write_text(
        f"numpy==2.0 \\\n    {hashed}\n    # via -r program.in\n"
        f"pip==1.0 \\\n    {hashed}\n    # via -r program.in\n"
        f"pytest==9.0 \\\n    {hashed}\n    # via -r developer.in\n"
    )
    (locks / "torch.txt").write_text(
        f"torch==2.0+cpu ; sys_platform == 'linux' \\\n    {hashed}\n"
        f"torch==2.0 ; sys_platform != 'linux' \\\n    {hashed}\n"
        f"torchcrepe==0.1 \\\n    {hashed}\n"
    )
    (locks / "gpu.txt").write_text(f"torch==2.0 ; sys_platform == 'linux' \\\n    {hashed}\n")
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "asa-desktop"\nversion = "1"\n')
    return Layout(tmp_path, windows=False)


@pytest.fixture
def machine() -> Machine:
    """A Linux PC with Python 3.11."""
    return Machine("linux", "x86_64", "3.11")
