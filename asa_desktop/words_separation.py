"""What is said about taking a mix apart; `words` takes these tables in."""

from __future__ import annotations

FAULTS: dict[str, str] = {
    "no_demucs": "Separating voice and accompaniment needs demucs, which is not installed; install"
    " it into the program's environment: `python -m pip install demucs torch==2.13.0`.",
    "no_demucs_packaged": "This package of the program comes without demucs, which separating voice"
    " and accompaniment needs; run the program from its sources, or separate the song elsewhere and"
    " add a folder with vocal and accompaniment.",
    "no_weights": "Separating needs weights that are not on this computer ({size_mb} MB from"
    " {address}); run `asa separate --fetch` and say yes, or name a file with --weights.",
    "weights_unreached": "The weights could not be fetched from {address}[ ({why})]; see that this"
    " computer is online and try again, what has come is kept.",
    "weights_refused": "What came from {address} is not what was asked for, or somebody changed it;"
    " it was thrown away.",
    "fetched_changed": "{path} is not what was fetched any more; remove it and fetch it again.",
    "weights_other": "{path} is not {name}, or somebody changed it; nothing was taken over.",
    "weights_file_too_large": "{path} has more than {limit_mb} MB, the most that weights for"
    " separating may have; name the right file.",
    "weights_unusable": "{path} holds no weights for separating; name a file of HTDemucs,"
    " .safetensors or .th.",
    "no_mix": "{path} has no mix to separate: it holds no recording of voice and accompaniment"
    " together.",
    "mix_silent": "{path} is silent, so there is nothing to separate; export it again.",
    "separation_room": "The disk of {path} has {free_mb} MB left, and voice and accompaniment may"
    " need {needed_mb}; make room first.",
    "separation_memory": "There is not enough memory for separating, which takes about 2 GB; close"
    " other programs and try again.",
    "mix_or_fetch": "Name a mix to separate, or give --fetch to fetch the weights alone.",
    "no_out": "Name a new folder for the parts with --out.",
    "no_https": "{address} is no https address; give the whole of it, as a browser shows it.",
    "separation_died": "The separating of {path} [was ended from outside ({signal}), perhaps for"
    " want of memory|ended by itself]; close other programs and try again.",
}

QUESTION: dict[str, str] = {
    "what": "Separating needs the weights of the network HTDemucs, which do not come with this"
    " program: {size_mb} MB from {address}.",
    "licence": "The page they lie on says MIT. Their author wrote in 2022 that weights of demucs"
    " are for scientific purposes alone. They were trained on MUSDB, whose songs are for"
    " education and research only, and on 800 songs that nobody else can see. Whether your use"
    " is allowed is for you to judge.",
    "sent": "Nothing about you is sent; the server sees your internet address, as with any page.",
}
"""What is to be known before the weights are fetched, in the window and on the command line."""

SENTENCES: dict[str, str] = {
    "separation_ask": "Fetch them? [y/N] ",
    "separation_declined": "Nothing was fetched.",
    "separation_fetching": "fetching the weights: {percent} %",
    "separation_fetched": "weights: {path}",
    "separation_working": "separating: {percent} %",
    "separation_voice": "voice: {path}",
    "separation_accompaniment": "accompaniment: {path}",
    "separation_kept": "Nothing had to be computed: these parts were there already.",
    "separation_next": "`{command}` scores a take against this voice.",
}
"""The command line's."""
