"""One sentence for each code that importing and reading data raises, for the command line."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from pathlib import Path

from asa_desktop.core.errors import AsaError

LONGEST = 120

SENTENCES = {
    "manifest_kind": "{path} is neither .csv nor .parquet; name a manifest of one of these kinds.",
    "manifest_too_large": "{path} has more than {limit}, the most a manifest may have; split it, or"
    " name the right file.",
    "manifest_not_utf8": '{path} is not UTF-8 (line {line}); save it as "CSV UTF-8".',
    "manifest_empty": "{path} has no rows; import some recordings first.",
    "manifest_broken": "{path} cannot be read as Parquet ({why}); write it anew, or use CSV.",
    "manifest_needs_pyarrow": "{path} is Parquet, which needs pyarrow; run `pip install pyarrow`,"
    " or use CSV.",
    "manifest_faulty": "{path} has {count} faults, the first of them: {first}",
    "layout_unknown": "There is no layout {layout}; choose one of {known}.",
    "layout_not_found": "{path} is not laid out as {layout}: no {looked_for} is there; name the"
    " corpus' own folder.",
    "source_not_a_folder": "There is no folder {path}; name the one that holds the recordings.",
    "root_too_low": "{path} does not lie below {root}; give a higher --root.",
    "manifest_in_the_way": "{path} is there already; choose another name, or give --replace.",
    "marks_missing": "{path} holds no .csv with marks; put one there, with a column called file.",
    "marks_ambiguous": "{path} holds several .csv ({found}); call the one with the marks"
    " marks.csv.",
    "marks_without_files": "{path} has no column with the recordings' names; call it file.",
    "table_too_large": "{path} is larger than {limit}, the most a table of marks may be; name the"
    " right folder.",
    "table_broken": "{path} cannot be read ({why}); save or copy it again.",
    "table_ragged": "{path}, row {row}, has {count} cells and the first row {columns}; put decimal"
    " commas in quotes, or write points.",
    "f0_unreadable": "{path} is no F0 track ({where}); it holds seconds and Hz, or Hz alone.",
    "f0_uneven": "The frames of {path} are not evenly spaced in time; resample it first.",
    "f0_empty": "{path} holds no F0 frames; copy it again.",
    "nothing_rated": "Nobody's marks of {target} are in {path}; it has marks of: {known}. Choose"
    " one by --target, or another --split.",
    "unmarked": "No recording of {path} has a mark; write some into a column such as overall"
    " [1-5].",
    "scales_differ": "{path} has marks of {target} on several scales ({scales}); bring them to"
    " one.",
    "models_of_one_name": "Two of the models are called {name}; give one of them another id in its"
    " card.json, so that the table can tell them apart.",
    "table_of_another_run": "{path} holds another table, or one of another song (its notes, voice"
    " and accompaniment count), model or other systems; choose another --out.",
    "no_recordings": "No recordings were found in {path}; name files or a folder that holds some.",
    "nothing_to_evaluate": "Nothing to evaluate: give --manifest, or --model with --renders and"
    " --cache.",
    "unknown_system": "There is no system {name}; choose from {known}.",
    "unknown_split": "There is no split {split}; choose from {known}.",
    "unknown_engine": "There is no engine {engine}; choose from {known}.",
    "training_data_missing": "{path} does not hold the corpora; training/README.md says how they"
    " have to lie.",
    "nothing_of_split": "{path} has no recording of the split {split} that was asked for; look at"
    " the column split, at --only and at --exclude.",
    "ids_collide": "{path}: {one} and {other} would both be called {id}; give singer, song, part or"
    " take names that differ in letters or digits.",
    "too_little_sung": "{path} is too short, silent or no singing (three notes are needed); name a"
    " clean solo recording.",
    "rendered_of_another": "{path} does not have {name}, which was rendered ({count} such); name"
    " what the renditions were made from.",
    "renders_missing": "{path} holds no renditions; run `asa-train render` first.",
    "config_broken": "{path} is no usable configuration ({fault}); compare it with those in"
    " training/configs.",
    "reference_missing": "{system} compares with an accompaniment, and the renditions have none;"
    " put accompaniment.flac beside them.",
    "run_of_another": "{path} holds a run with other settings ({what}); choose another --run, or"
    " give the settings it began with.",
    "train_on_what": "Give --manifest, or --renders with --validation, and not both.",
    "scale_missing": "{path} does not say on which scale the marks of {target} are ({place}); write"
    " it behind them, as in {target}=3.5 [1-5].",
    "split_lacks": "{path} has no recording with split {split} and a mark of {target}; write"
    " {split} into the column split of some.",
    "marked_lacks": "No recording of {split} in {path} names a sound as {column}, and {system}"
    " compares with that; name one, or choose another system.",
    "singers_in_both": "{names} sing in train and in validation of {path}; put all recordings of a"
    " singer into one split.",
    "marked_not_prepared": "No recording of {split} in {path} is prepared; run `asa-train prepare"
    " --manifest {path}` with the same --cache first.",
    "no_clips": "Of {count} recordings of {split} in {path} no clip can be judged: they are not"
    " sung, or not the song of their references; listen to them.",
    "nothing_to_pair": "{system} learns from a take marked 80 and more beside one under 40 (of 100)"
    " at the same seconds of a song, and there is no such pair; mark more, or choose delta or"
    " direct.",
    "nothing_to_train_on": "There are too few renditions for {system}; render more.",
    "nothing_to_validate": "At step {step} nothing of the validation could be compared; render, or"
    " mark, more for it.",
    "needs_lightning": "Training needs Lightning; run `pip install lightning`.",
    "needs_tensorboard": "--tensorboard needs TensorBoard; run `pip install tensorboard`, or leave"
    " --tensorboard out.",
    "clips_uneven": "The {clips} clips of a batch cannot be shared evenly by {processes} processes;"
    " change clips in the configuration, or --devices and --nodes.",
    "half_needs_gpu": "16-mixed needs a GPU of NVIDIA's; choose bf16-mixed or 32.",
    "sync_needs_gpus": 'Norms over several processes ("sync") need GPUs; choose "batch" or'
    ' "fixed".',
    "devices_missing": "--devices {asked}, and there are {there} of them; give fewer, or --device"
    " cpu.",
    "processes_differ": "{begun} processes were begun, and --devices by --nodes come to {asked};"
    " give torchrun the same numbers.",
    "tower_unnamed": "embdirect stands on a trained tower; name its run or model by tower_from in"
    " the configuration.",
    "tower_missing": "There is no trained tower in {path}; name the run or the model of one.",
    "tower_of_another": "{path} is of the system {system}, which has no tower to stand on; name one"
    " of rori or racc.",
    "test_was_trained_on": "The test renditions share a {what} with training or validation:"
    " {names}. Results on them would mean nothing; render others.",
    "licence_unknown": "The licence of the weights ({licence}) is none to give a model away under;"
    " if the recordings' owners allow it, say so in the manifest's column licence.",
    "export_lacks": "A run is exported with {names}, too; or give --hf and --model with a model"
    " that is there.",
    "export_of_what": "--model goes with --hf and without --run; leave one of them out.",
    "card_bare": "{path} lacks what a README is made of ({why}); take a model that"
    " `asa-train export` wrote.",
    "model_missing": "{path} holds no model (no card.json); name a model's folder.",
    "card_broken": "{path} is damaged; get the model again.",
    "card_version": "{path} is of version {found}, which this program does not know; use a model"
    " made for this version.",
    "features_unknown": "The model was trained on features that this program does not have; use a"
    " model made for this version.",
    "network_unknown": "The model has a network that this program does not have; use a model made"
    " for this version.",
    "system_unknown": "{path} names a system ({system}) that this program does not have; use a"
    " model made for this version.",
    "score_map_broken": "The model's scale of scores is damaged; get the model again.",
    "weights_missing": "The weights {path} are missing; get the model again.",
    "weights_changed": "{path} is not what its card names; get the model again.",
    "too_few_alike": "Of one severity there are {count} takes with a score, and {least} are needed;"
    " render more with --design alike.",
    "model_orders_nothing": "The model tells good from poor too badly for a scale ({low}, {middle},"
    " {high}); train longer.",
    "weights_too_large": "The weights come to {size} MB and may have {most} at most; choose a"
    " narrower network.",
    "rounding_moves_scores": "Rounded to half precision a clip's score moves by {most} points, more"
    " than {limit}; give --precision float32.",
    "nothing_to_prepare": "Nothing to prepare: give --renders, --manifest or --recordings.",
    "features_failed": "{path} could not be worked through ({why}); listen to it, and convert it"
    " again.",
    "bytes_differ": "{path} is not the file that the manifest lists (another sha256); restore it,"
    " or import it anew.",
    "changed_meanwhile": "{path} changed while it was read; run it again.",
    "entry_damaged": "{path} is damaged; delete it and run `asa-train prepare` again.",
    "worker_lost": "{path} is left out: {count} workers died over it; it may need more memory than"
    " there is.",
    "workers_die": "{count} workers died one after the other; is there enough memory? What is"
    " done is kept.",
    "needs_distributed": "--dask needs Dask; run `pip install distributed`, or leave --dask out.",
    "cluster_unreachable": "No Dask scheduler answers at {address} ({why}); check the address.",
    "cluster_without_workers": "The Dask cluster at {address} has no workers; start some with"
    " `dask worker`.",
    "cluster_lost": "The Dask cluster is gone; what is done is kept, run it again.",
    "nothing_prepared": "Nothing of {path} is prepared; run `asa-train prepare` first.",
    "trial_broken": "{text} is no variation of the configuration ({why}); write name=value.",
    "trials_of_one_name": "Two trials are called {name}; rename one of the configurations.",
    "trial_on_a_tower": "embdirect stands on another trained tower and cannot be compared here;"
    " name configurations of the other systems.",
    "pack_id": "The id {name} cannot be a folder's name everywhere; give the model another one, of"
    " letters, digits and -_.+ alone.",
    "pack_twice": "Two of the models are called {name}; a pack has one of each id.",
    "calls_broken": "{path} is damaged; move it away and run `asa-train render` again with the"
    " same arguments (nothing is rendered twice).",
    "calls_unknown": "{path} does not say how it was rendered; run `asa-train render` again with"
    " the same arguments (nothing is rendered twice).",
    "accompaniment_by_hand": "The accompaniments were not made by `asa-train render --accompany`;"
    " nobody could make them again.",
    "learnt_from_marks": "The run learnt from marked recordings, which `asa-train rebuild` does not"
    " know; {list} beside the model has their sha256.",
    "recipe_broken": "{path} is no manifest to rebuild by ({why}); take the rebuild.json that came"
    " with the model.",
    "recipe_version": "{path} is of version {found}, which this program does not know; use the"
    " program that wrote it.",
    "corpus_missing": "There is no {path}: the model was trained on {edition}; put it there as"
    " training/README.md says.",
    "corpus_file_missing": "{count} of {of} files of {corpus} are missing, the first {path}; the"
    " edition is: {edition}.",
    "corpus_file_differs": "{count} of {of} files of {corpus} are not those that the model was"
    " trained on, the first of them {path}; the edition is: {edition}.",
    "nothing_rendered": "Nothing could be rendered in {path}; the lines above say why.",
    "tower_is_another": "{path} is not the tower that the model stood on ({id}); name that one by"
    " --tower.",
    "not_bundled": "{path} did not come with the program; golden scores are of bundled takes and"
    " songs.",
    "golden_empty": "The model scored no clip of {path}; choose another take.",
    "golden_material": "The bundled take {path} is not the one of then; use the program's version"
    " of then.",
    "golden_missed": "{count} of {of} golden scores lie off by more than {limit} point; the model"
    " is not the same.",
    "mixes_of_one_name": "{path} and {other} have one name, and their parts would have one folder;"
    " separate them into two folders.",
    "no_demucs": "Separating needs demucs; run `python -m pip install demucs torch==2.13.0`.",
    "weights_unusable": "{path} holds no weights for separating; name a file of HTDemucs.",
    "weights_file_too_large": "{path} has more than {limit_mb} MB; name a file of HTDemucs.",
    "mix_silent": "{path} is silent; there is nothing to separate.",
    "separation_room": "The disk of {path} has {free_mb} MB left and the parts may need"
    " {needed_mb}; make room and run it again.",
    "separation_memory": "There is not enough memory for separating, which takes about 2 GB; close"
    " other programs and run it again.",
    "missing_file": "There is no {path}; check its name and folder.",
    "in_the_way": "{path} is a file where a folder is needed; choose another name.",
    "not_audio": "{path} is no sound that can be read; copy or convert it again.",
    "damaged": "{path} is damaged; copy or convert it again.",
    "cut_short": "{path} ends before its time; copy it again.",
    "empty_file": "{path} is empty; copy it again.",
    "no_samples": "{path} holds no sound; copy it again.",
    "no_sound_track": "{path} has no sound track.",
    "not_finite": "{path} holds samples that are no numbers; convert it again.",
    "too_long": "{path} is longer than {limit} minutes; cut it into parts.",
    "too_many_channels": "{path} has {channels} channels; convert it to mono or stereo.",
    "odd_rate": "{path} has {rate} samples a second, and 8000 to 384000 can be read; convert it.",
    "unknown_codec": "{path} is of a kind that cannot be read; convert it to FLAC.",
    "needs_formats": "{path} needs PyAV to be read; run `pip install av`, or convert it to FLAC.",
    "disk_full": "The disk is full at {path}; make room and run it again.",
    "no_rights": "{path} may not be read or written; check its rights.",
    "channel_not_there": "{path} has no {channel} channel; it is not the stereo file that the"
    " manifest means.",
}


def say(error: AsaError) -> str:
    """The sentence of an error, its code and facts where it is none of ours."""
    template = SENTENCES.get(error.code)
    return str(error) if template is None else filled(template, error.facts)


def filled(template: str, facts: Mapping[str, object]) -> str:
    """`template` with ``{name}`` replaced by facts, each short and on one line."""
    return re.sub(r"\{(\w+)\}", lambda match: _shown(facts.get(match[1], "?")), template)


def _shown(fact: object) -> str:
    if isinstance(fact, tuple):
        return ", ".join(_shown(each) for each in fact)
    text = "".join(character if _is_plain(character) else "\N{REPLACEMENT CHARACTER}"
                   for character in str(fact))  # fmt: skip
    # A fact that is a sentence itself is not cut.
    if len(text) > LONGEST and not isinstance(fact, Sentence):
        half = (LONGEST - 3) // 2
        text = f"{text[:half]}...{text[-half:]}"
    return f'"{text}"' if isinstance(fact, Path) else text


class Sentence(str):
    """A fact that is a whole sentence."""

    __slots__ = ()


def _is_plain(character: str) -> bool:
    return unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Zl", "Zp")
