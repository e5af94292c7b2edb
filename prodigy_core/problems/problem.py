"""Problems: a loss to minimise, with everything that the rest of the program asks of it."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from prodigy_core.param import Param, Value

if TYPE_CHECKING:
    from prodigy_core.data.datasets import Dataset

Point = tuple[float, float]
# Name of a setting -> its value: a static one as it is, any other as a traced scalar (a choice as its index).
Settings = Mapping[str, Any]
Params = Any  # a pytree of floating-point arrays
Batch = Mapping[str, Any]  # arrays whose first axis is the examples
Family = Literal["plane", "space", "model", "formula"]


@dataclass(frozen=True, kw_only=True)
class Learning:
    """The part of a problem that makes it a model: its examples, its start, its loss and its metrics.

    All functions that are not traced work in NumPy, so that nothing compiles before the first step.

    Attributes:
      examples: (settings, the uploaded data or None, generator) -> the training and the validation examples, each a
        Batch of NumPy arrays; floating-point ones in float64, whole numbers in int32. The generator has the
        experiment's seed: label noise comes from it, the split does not.
      start: (settings, its training examples, generator) -> the parameters to start from, NumPy float64 leaves.
      loss: (params, batch, settings) -> the mean loss of the examples, a scalar. Traced; without the L2 penalty.
      metrics: (params, batch, settings) -> further measures of the model, scalars by name ("accuracy" is a
        fraction in [0, 1]). Traced.
      outputs: (params, batch, settings) -> a classifier's logits, (examples, classes), from which `loss` and
        `metrics` are computed too; None for every other model. Traced; it reads the inputs of the batch, not its labels.
      dataset: (settings, the uploaded data or None) -> the table behind the examples, with the names of its columns and
        classes; None where there is none.
      uses: about how often one example uses each parameter in one forward pass; 1 for a dense layer, the number of
        positions for a convolution. Only the limits on the size of a run read it.
    """

    examples: Callable[[Mapping[str, Value], Dataset | None, np.random.Generator], tuple[Batch, Batch]]
    start: Callable[[Mapping[str, Value], Batch, np.random.Generator], Params]
    loss: Callable[[Params, Batch, Settings], Float[Array, ""]]
    metrics: Callable[[Params, Batch, Settings], dict[str, Float[Array, ""]]] = lambda params, batch, settings: {}
    outputs: Callable[[Params, Batch, Settings], Float[Array, "examples classes"]] | None = None
    dataset: Callable[[Mapping[str, Value], Dataset | None], Dataset] | None = None
    uses: float = 1.0


@dataclass(frozen=True, kw_only=True)
class Problem:
    """Something to minimise: a function of the plane, a function of many variables, or a model that learns from data.

    Attributes:
      name: its name in an experiment, lower case with underscores.
      title: its name on the page.
      formula: LaTeX, without dollar signs; settings by their usual symbol.
      teaches: one sentence on the difficulty that an optimizer meets here.
      source: author and year.
      family: its group in the catalogue.
      fn: the function (x of shape (dim,), settings) -> loss, a scalar; None for a model. Traceable, differentiable almost
        everywhere with a finite gradient, in the dtype of x. A function of the plane reads x[0] and x[1] only, since x
        may be a pair of scalars.
      domain: for a function of the plane, the window of the landscape, ((x low, x high), (y low, y high)); usual bounds
        of the literature. None where there is no landscape.
      start: the usual start; () where the settings `start_at` and `start_spread` or a model's `start` give it.
      minimisers: every known global minimiser of a function of the plane, to at least six digits; () where the
        function has no minimum.
      solution: for a function of many variables, the value of every coordinate of its minimiser.
      minimum: the loss at the minimisers; None where the function is not bounded below, or where it is not known.
      layers: for a function of many variables, (their number) -> the sizes of the parts that stand for layers of a model,
        in the order of the variables; None for a single one. On the plane each coordinate stands for one.
      settings: the problem's own hyperparameters.
      levels: spacing of the contour levels above the lowest value: "log" for narrow valleys, "linear" for mild ones.
      learning: the examples and functions of a model; None for a function.
      usual: fields of an experiment that have another default here: "steps", "precision".
    """

    name: str
    title: str
    formula: str
    teaches: str
    source: str
    family: Family = "plane"
    fn: Callable[[Float[Array, " dim"], Settings], Float[Array, ""]] | None = None
    domain: tuple[Point, Point] | None = None
    start: tuple[float, ...] = ()
    minimisers: tuple[Point, ...] = ()
    solution: float | None = None
    minimum: float | None = None
    layers: Callable[[int], tuple[int, ...]] | None = None
    settings: tuple[Param, ...] = ()
    levels: Literal["log", "linear"] = "log"
    learning: Learning | None = None
    usual: Mapping[str, Value] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def start_params(self) -> tuple[Param, ...]:
        """The coordinates of the start as hyperparameters: sliders over the domain, exact numbers up to 1e6 either way."""
        return _start_params(self.start, self.domain)

    def objective(self, params: Params, batch: Batch | None, settings: Settings) -> Float[Array, ""]:
        """Return the loss to minimise: the function, or the mean loss of a batch plus the L2 penalty. Traced.

        The sums are in the dtype of the parameters: widen parameters of 16 bits before.
        """
        if self.learning is None or batch is None:
            assert self.fn is not None
            return self.fn(params, settings)
        loss = self.learning.loss(params, batch, settings)
        if "l2" in settings:
            squares = sum(jnp.sum(leaf**2) for leaf in jax.tree.leaves(params) if leaf.ndim >= 2)
            loss += settings["l2"] / 2 * squares
        return loss

    def split(self, x: Float[Array, " dim"]) -> tuple[Float[Array, " layer"], ...]:
        """Return a function's variables as its layers. Traced."""
        sizes = (1, 1) if self.domain is not None else self.layers(len(x)) if self.layers else (len(x),)
        ends = itertools.accumulate(sizes, initial=0)
        return tuple(x[start:end] for start, end in itertools.pairwise(ends))

    def origin(self, start: tuple[float, ...], settings: Mapping[str, Value], seed: int) -> Float[np.ndarray, " dim"] | None:
        """Return the start of a function: the given point, else the one that the settings describe; None for a model."""
        if self.fn is None:
            return None
        if start:
            return np.asarray(start, float)
        dimension, at, spread = (settings[name] for name in ("dimension", "start_at", "start_spread"))
        assert isinstance(dimension, int)
        assert isinstance(at, float)
        assert isinstance(spread, float)
        return at + spread * np.random.default_rng((seed, 0)).uniform(-1, 1, dimension)

    def to_minimiser(self, origin: Float[np.ndarray, " dim"]) -> Float[np.ndarray, " dim"] | None:
        """Return the vector to the known minimiser that is nearest in the L-infinity norm; None where none is known."""
        if self.solution is not None:
            return self.solution - origin
        if not self.minimisers:
            return None
        vectors = np.asarray(self.minimisers) - origin
        nearest: np.ndarray = vectors[np.abs(vectors).max(axis=1).argmin()]
        return nearest

    def distance_to_minimiser(self, origin: Float[np.ndarray, " dim"] | None) -> float | None:
        """Return the L-infinity distance from `origin` to the nearest known minimiser; None where either is unknown."""
        vector = None if origin is None else self.to_minimiser(origin)
        return None if vector is None else float(np.abs(vector).max())


@lru_cache(maxsize=256)
def _start_params(start: tuple[float, ...], domain: tuple[Point, Point] | None) -> tuple[Param, ...]:
    names = ("x", "y") if domain else tuple(f"x{i}" for i in range(1, len(start) + 1))
    spans = domain or ((-5.0, 5.0),) * len(start)
    return tuple(
        Param(
            name=name,
            label=f"start {name}",
            default=float(at),
            low=-1e6,
            high=1e6,
            span=span,
            help=f"Where every run starts, coordinate {name}.",
        )
        for name, at, span in zip(names, start, spans, strict=True)
    )
