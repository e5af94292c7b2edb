"""The names of the contenders of a race: each says how it differs from the others, and nothing else."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from prodigy_core.experiment.contender import Contender
from prodigy_core.optimizers import OPTIMIZERS
from prodigy_core.param import Param, Value, format_number, value_text


def labels(contenders: Sequence[Contender], apart_from: Sequence[Collection[str]] = ()) -> tuple[str, ...]:
    """Return a name for each contender, all different.

    It is the title of the optimizer. Where several contenders share the optimizer, the hyperparameters in which they differ
    follow, with their values, the defaults too: "Prodigy · estim_lr0 1e-4". An untouched optimizer beside another that is the
    same but tuned is called the default. Whatever is then alike is numbered: "Prodigy", "Prodigy #2".

    Args:
      contenders: the contenders of a race.
      apart_from: for each contender the hyperparameters that its name leaves out, those that a sweep varies; () for none.
    """
    searches = [OPTIMIZERS[contender.optimizer].search for contender in contenders]
    untuned = {search.untuned for search in searches if search}
    names: list[str] = []
    for i, contender in enumerate(contenders):
        name = OPTIMIZERS[contender.optimizer].title
        if contender.optimizer in untuned and not contender.changed:
            name += ", default"
        else:
            left_out = apart_from[i] if apart_from else ()
            params = [param for param in differing(contender, contenders) if param.name not in left_out]
            if texts := [_told(param, contender.knobs[param.name]) for param in params]:
                name += " · " + ", ".join(texts)
        repeats = sum(other == name or other.startswith(f"{name} #") for other in names)
        names.append(f"{name} #{repeats + 1}" if repeats else name)
    return tuple(names)


def differing(contender: Contender, contenders: Sequence[Contender]) -> list[Param]:
    """Return the hyperparameters of a contender in which those that share its optimizer differ.

    One that has no effect for this contender is not among them, nor one that is the same for all for whom it has an effect.
    """
    alike = [other for other in contenders if other.optimizer == contender.optimizer]
    params = OPTIMIZERS[contender.optimizer].params
    return [
        param
        for param in params
        if param.applies(contender.knobs)
        and len({other.knobs[param.name] for other in alike if param.applies(other.knobs)}) > 1
    ]


def short_text(value: Value) -> str:
    """Return a value as it stands in a name: as in every other text, but 1e-4 in place of 0.0001 or 1e-04."""
    if not isinstance(value, float):
        return value_text(value)
    digits, _, exponent = f"{value:.5e}".partition("e")
    scientific = f"{digits.rstrip('0').rstrip('.')}e{int(exponent)}"
    plain = format_number(value)
    return scientific if "e" in plain or len(scientific) + 1 < len(plain) else plain


def _told(param: Param, value: Value) -> str:
    if value is not None:
        return f"{param.name} {short_text(value)}"
    return param.none_means if param.none_means.startswith("no ") else f"{param.name} {param.none_means}"
