"""What is said about models that are listed or installed; `words` takes these tables in."""

from __future__ import annotations

FAULTS: dict[str, str] = {
    "pack_broken": "{path} is no pack of models, or a damaged one; get it again.",
    "pack_version": "{path} is a pack of version {found}, which this program does not know; use one"
    " made for this version.",
    "pack_hostile": "{path} holds {name}, which has no place in a pack of models; nothing of it was"
    " installed.",
    "pack_changed": "In {path} the file {name} is not the one that was packed; get the pack again.",
    "model_link": "{path} is a link, and links are not followed; download the model's folder anew,"
    " with the files themselves.",
    "weights_pointer": "{path} is Git LFS's note about the weights; run `git lfs pull` there, or"
    " download the file.",
    "weights_format": "The weights in {path} are no safetensors, the only format that is opened;"
    " get the model in it.",
    "model_there": "There is another model {model} already; --replace puts this one in its place.",
    "model_bundled": "Another model {model} came with the program and stays; use a pack whose model"
    " has another id.",
}

SENTENCES: dict[str, str] = {
    "model_line": "{name}: {system}, licence {licence}[, at {path}|, came with the program]",
    "model_added": "{model} is installed at {path}; `asa analyze --model {model}` uses it.",
    "model_kept": "{model} is there already, the very same.",
    "model_beside": "Beside it in {path}, not read: {names}.",
}
"""The command line's."""
