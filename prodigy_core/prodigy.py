"""Prodigy: Adam that finds its own step size, as an optax gradient transformation.

K. Mishchenko and A. Defazio, "Prodigy: An Expeditiously Adaptive Parameter-Free Learner", arXiv 2306.06101. The
arguments are those documented for `optax.contrib.prodigy`; `growth_rate`, `slice_p` and `use_bias_correction` are
those of the authors' PyTorch package `prodigyopt`.

The symbols, for step k = 0, 1, ...; sums run over all entries of all leaves, <a, b> = sum Re(conj(a) b):

    g        the gradient at the parameters p
    d        the estimate of the distance D from the start p0 to a solution; d' the next one
    d_hat    what this step alone would estimate
    m, v     Adam's moments of the gradient (exp_avg, exp_avg_sq)
    r, s     numerator and, before its norm is taken, denominator of d_hat (numerator_weighted, grad_sum)
    q        learning rate times Adam's bias correction; d q is the step size
    c        the residual: the part of p that p's own dtype is too coarse to hold

Two things differ from the listing in the paper, neither of them in what is computed:

* m, v, s and r are stored divided by the d of the step that wrote them (d, d^2, d^2 and d^2), and rescaled by
  rho = d_prev / d as they are read. So they stay of the size of the gradient: a large D cannot overflow them and a
  small `estim_lr0` cannot underflow them.
* With the first d of 1e-6, a step is often less than half a unit in the last place of a parameter. Added to it, it
  would vanish; p0 - p would stay zero, and with it d_hat: D stuck at `estim_lr0` for ever. What p cannot hold is
  kept in c and added to the next step (compensated summation), and D is estimated from p + c.

`prodigy_core.prodigy` is the function: the package exports it under the name of this module, so `import prodigy_core.prodigy
as m` binds the function too. Take what else is public here by `from prodigy_core.prodigy import ProdigyState`.

The file is longer than most here so that the whole optimizer, checks and all, can be read and copied as one.
"""

import math
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import optax
from jax import lax
from jax.typing import ArrayLike


class ProdigyState(NamedTuple):
    """State of Prodigy between two steps. A is the accumulators' dtype, S the scalars'; see `prodigy`."""

    exp_avg: optax.Updates  # m, like the params, A.
    exp_avg_sq: optax.Updates  # v, like the params, real part of A.
    grad_sum: optax.Updates  # s, like the params or, sliced, (ceil(n / slice_p),), A.
    params0: optax.Params  # p0, shaped like s, the params' dtype.
    residual: optax.Updates | None  # c, like the params, A; None without compensation.
    estim_lr: jax.Array  # d, shape (), S.
    estim_lr_max: jax.Array  # the largest d_hat so far, at least estim_lr0, shape (), S.
    estim_lr_prev: jax.Array  # the d that wrote m, v, s and r, shape (), S.
    numerator_weighted: jax.Array  # r, shape (), S.
    count: jax.Array  # type: ignore[assignment]  # k, shape (), int32.


def prodigy(
    learning_rate: optax.ScalarOrSchedule = 1.0,
    betas: tuple[ArrayLike, ArrayLike] = (0.9, 0.999),
    beta3: ArrayLike | None = None,
    eps: ArrayLike = 1e-8,
    estim_lr0: ArrayLike = 1e-6,
    estim_lr_coef: ArrayLike = 1.0,
    weight_decay: ArrayLike = 0.0,
    safeguard_warmup: bool | jax.Array = False,
    weight_decay_mask: Any | Callable[[optax.Params], Any] | None = None,
    *,
    use_bias_correction: bool | jax.Array = True,
    growth_rate: ArrayLike | None = None,
    slice_p: int | None = None,
    axis_name: str | tuple[str, ...] | None = None,
    compensate: bool = True,
) -> optax.GradientTransformationExtraArgs:
    """Learning-rate-free AdamW by Mishchenko and Defazio, arXiv 2306.06101.

    Works best with a schedule whose usual (and highest) value is 1: linear or cosine to 0, after a warm-up of up to
    20 % of the steps. For Adam's regular, coupled decay chain `optax.add_decayed_weights` in front.

    Every number may be a traced scalar (under jit, vmap or `optax.inject_hyperparams`). With T the dtype of a leaf of
    the params, its accumulators are A = promote(T, float32) and all scalars S = promote(float32, real part of every T).

    Args:
      learning_rate: factor on the estimated step size, >= 0, or a schedule: count -> factor. Leave it near 1.
      betas: decay rates of the two moments, each in [0, 1).
      beta3: decay rate of r and s, in [0, 1]; None for sqrt(beta2).
      eps: added, times d', to the root of v; >= 0.
      estim_lr0: the first estimate d, > 0. Too small costs a few steps, too large can diverge.
      estim_lr_coef: factor on every estimate, > 0; the knob to turn if a larger or smaller step is wanted.
      weight_decay: decoupled decay, times d and the learning rate; >= 0.
      safeguard_warmup: keep the learning rate out of s, so that a long warm-up does not inflate D.
      weight_decay_mask: booleans in a tree like the params, or a prefix of it, or a function of the params that
        returns one; True where decay applies.
      use_bias_correction: Adam's correction of the step size in the first steps.
      growth_rate: the most by which d may grow in one step, as a factor >= 1, after a first free rise; None for no cap.
      slice_p: estimate D from every slice_p-th entry of each leaf, to save memory; None for all. Static.
      axis_name: mesh axes over which the params are sharded inside `shard_map`, to sum over. Static.
      compensate: keep the residual c. Costs one copy of the params. Static.

    Returns:
      The transformation. `update` needs the params; its updates have the dtypes of the params.

    Raises:
      ValueError: a concrete argument outside the range given here, or (from `update`) no params.
      TypeError: slice_p is an array; from `init`, a leaf is not of a floating or complex dtype; from `update`, a leaf
        of the mask is not a boolean.
    """
    _check(learning_rate, betas, beta3, eps, estim_lr0, estim_lr_coef, weight_decay, growth_rate, slice_p)
    beta1, beta2 = betas
    stride = slice_p or 1

    def sliced(x: jax.Array) -> jax.Array:
        return x if stride == 1 else x.ravel()[::stride]

    def init(params: optax.Params) -> ProdigyState:
        for path, p in jax.tree_util.tree_leaves_with_path(params):
            if not jnp.issubdtype(jnp.result_type(p), jnp.inexact):
                where = jax.tree_util.keystr(path) or "the params"
                raise TypeError(f"prodigy needs floating or complex params; {where} is {jnp.result_type(p)}.")

        def zeros(p: Any) -> jax.Array:
            return jnp.zeros_like(p, dtype=_accumulator_dtype(p))

        def copy(p: Any) -> Any:
            if isinstance(p, jax.ShapeDtypeStruct):  # abstract params have no values to copy
                return p if stride == 1 else jax.ShapeDtypeStruct((-(-p.size // stride),), p.dtype)
            return sliced(jnp.array(p, copy=True))

        def sliced_zeros(p: Any) -> jax.Array:
            return zeros(p) if stride == 1 else jnp.zeros_like(copy(p), dtype=_accumulator_dtype(p))

        dtype = _scalar_dtype(params)
        return ProdigyState(
            exp_avg=jax.tree.map(zeros, params),
            exp_avg_sq=jax.tree.map(lambda p: jnp.zeros_like(p, dtype=jnp.finfo(_accumulator_dtype(p)).dtype), params),
            grad_sum=jax.tree.map(sliced_zeros, params),
            params0=jax.tree.map(copy, params),
            residual=jax.tree.map(zeros, params) if compensate else None,
            # Each a buffer of its own, so that the state can be donated.
            estim_lr=jnp.array(estim_lr0, dtype, copy=True),
            estim_lr_max=jnp.array(estim_lr0, dtype, copy=True),
            estim_lr_prev=jnp.array(estim_lr0, dtype, copy=True),
            numerator_weighted=jnp.zeros((), dtype),
            count=jnp.zeros((), jnp.int32),
        )

    def update(
        updates: optax.Updates, state: ProdigyState, params: optax.Params | None = None, **extra_args: Any
    ) -> tuple[optax.Updates, ProdigyState]:
        del extra_args
        if params is None:
            raise ValueError("prodigy needs the params: call update(updates, state, params).")
        gradients, tree = jax.tree.flatten(updates)
        leaves = tree.flatten_up_to  # type: ignore[attr-defined]
        p = [jnp.asarray(x) for x in leaves(params)]
        g = [jnp.asarray(x).astype(_accumulator_dtype(y)) for x, y in zip(gradients, p, strict=True)]
        c = leaves(state.residual) if compensate else [None] * len(p)
        decayed = leaves(_spread(weight_decay_mask, params))

        dtype = state.estim_lr.dtype
        b1, b2, b3, coef, decay, floor = (
            _scalar(x, dtype) for x in (beta1, beta2, beta2**0.5 if beta3 is None else beta3, estim_lr_coef, weight_decay, eps)
        )
        d, rho = state.estim_lr, state.estim_lr_prev / state.estim_lr  # d > 0: it starts so and never falls
        lr = jnp.asarray(learning_rate(state.count) if callable(learning_rate) else learning_rate, dtype)
        count = optax.safe_increment(state.count)
        q = lr * jnp.where(use_bias_correction, bias_correction(b1, b2, count.astype(dtype)), 1)
        w = jnp.where(safeguard_warmup, 1, q).astype(dtype)
        dlr = d * q

        def total(terms: Iterable[jax.Array]) -> jax.Array:
            here = sum((jnp.sum(x, dtype=dtype) for x in terms), start=jnp.zeros((), dtype))
            return here if axis_name is None else lax.psum(here, axis_name)

        def displacement(p0: jax.Array, p: jax.Array, c: jax.Array | None, g: jax.Array) -> jax.Array:
            x = _like(g, p0) - _like(g, sliced(p))
            return x if c is None else x - sliced(c)

        # The moments and the sums behind the estimate. Every result returns to the dtype of its leaf.
        m = [_like(x, b1 * rho * x + (1 - b1) * y) for x, y in zip(leaves(state.exp_avg), g, strict=True)]
        v = [
            _like(x, b2 * rho**2 * x + (1 - b2) * jnp.real(jnp.conj(y) * y))
            for x, y in zip(leaves(state.exp_avg_sq), g, strict=True)
        ]
        s = [_like(x, b3 * rho**2 * x + w * sliced(y)) for x, y in zip(leaves(state.grad_sum), g, strict=True)]
        x = [displacement(*leaf) for leaf in zip(leaves(state.params0), p, c, g, strict=True)]
        increment = total(jnp.real(jnp.conj(sliced(a)) * b) for a, b in zip(g, x, strict=True))
        r = jnp.asarray(b3 * rho**2 * state.numerator_weighted + q * increment)
        denominator = total(jnp.abs(a) for a in s)

        positive = denominator > 0
        d_hat = coef * r / jnp.where(positive, denominator, 1)
        # A step of no length or without a gradient says nothing new: neither rounding nor a cap may raise d then.
        news = q * increment != 0
        d_hat = jnp.where(positive & jnp.isfinite(d_hat) & news, d_hat, d)
        if growth_rate is None:
            d_new, d_max = jnp.maximum(d, d_hat), jnp.maximum(d, d_hat)  # equal, but each a buffer of its own
        else:
            d_max = jnp.maximum(state.estim_lr_max, d_hat)
            risen = jnp.where(d == jnp.asarray(estim_lr0, dtype), jnp.maximum(d, d_hat), d)
            d_new = jnp.where(news, jnp.minimum(d_max, risen * _scalar(growth_rate, dtype)), d)

        def step(
            m: jax.Array, v: jax.Array, p: jax.Array, c: jax.Array | None, decayed: Any
        ) -> tuple[jax.Array, jax.Array | None]:
            below = _sqrt(v) + d_new / d * floor
            dead = below == 0  # no gradient yet and eps = 0: 0/0 counts as 0
            adam = jnp.where(dead, 0, m / jnp.where(dead, 1, below))
            u = _like(m, -dlr * adam - jnp.where(decayed, decay * dlr * p, 0))
            u, c = (u, None) if c is None else _compensate(u, c, p)
            return _like(p, u), c

        steps = [step(*leaf) for leaf in zip(m, v, p, c, decayed, strict=True)]
        return jax.tree.unflatten(tree, [u for u, _ in steps]), ProdigyState(
            exp_avg=jax.tree.unflatten(tree, m),
            exp_avg_sq=jax.tree.unflatten(tree, v),
            grad_sum=jax.tree.unflatten(tree, s),
            params0=state.params0,
            residual=jax.tree.unflatten(tree, [c for _, c in steps]) if compensate else None,
            estim_lr=d_new,
            estim_lr_max=d_max,
            estim_lr_prev=d,
            numerator_weighted=r,
            count=count,
        )

    return optax.GradientTransformationExtraArgs(init, update)


def _compensate(u: jax.Array, c: jax.Array, p: jax.Array) -> tuple[jax.Array, jax.Array]:
    """Return the part of the wanted step u + c that p can take in its own dtype, and the residual for later steps."""
    at, wanted = p.astype(u.dtype), u + c
    # A leaf that is not trained stays where it is and keeps its c, and so does one whose step does not even show in c.
    taken = jnp.where(wanted == c, 0, _round(_round(at + wanted, p.dtype) - at, p.dtype))
    left = wanted - (_round(at + taken, p.dtype) - at)
    return taken, jnp.where(jnp.isfinite(left), left, 0)


def bias_correction(beta1: ArrayLike, beta2: ArrayLike, j: jax.Array) -> jax.Array:
    """Return sqrt(1 - beta2^j) / (1 - beta1^j), without the cancellation that costs float32 three digits; j >= 1."""

    def one_minus_power(beta: ArrayLike) -> jax.Array:
        if isinstance(beta, int | float):  # keeps the digits that a float32 of 0.999 would lose
            return -jnp.expm1(j * (math.log(beta) if beta > 0 else -math.inf))
        return -jnp.expm1(j * jnp.log(beta))

    return jnp.sqrt(one_minus_power(beta2)) / one_minus_power(beta1)  # beta1 < 1: positive


def _round(x: jax.Array, dtype: Any) -> jax.Array:
    """Return x rounded to the nearest number of `dtype`. XLA may drop a cast there and back; it keeps this."""
    info = jnp.finfo(dtype)
    if jnp.iscomplexobj(x):
        return lax.complex(_round(x.real, info.dtype), _round(x.imag, info.dtype))
    rounded = lax.reduce_precision(x, info.nexp, info.nmant)
    if info.nexp == jnp.finfo(x.dtype).nexp:
        return rounded
    least = info.smallest_subnormal  # float16 is fine-grained down to here, but reduce_precision knows no subnormals
    return jnp.where(jnp.abs(x) < info.smallest_normal, jnp.round(x / least) * least, rounded)


def _sqrt(x: jax.Array) -> jax.Array:
    """Return the root of x >= 0, with derivative 0 at 0, so that gradients through the optimizer stay finite."""
    zero = x == 0
    return jnp.where(zero, 0, jnp.sqrt(jnp.where(zero, 1, x)))


def _like(leaf: jax.Array, x: ArrayLike) -> jax.Array:
    return jnp.asarray(x).astype(leaf.dtype)


def _scalar(x: ArrayLike, dtype: Any) -> ArrayLike:
    """Return a hyperparameter for arithmetic in `dtype`: a Python number stays weakly typed, with all its digits."""
    return float(x) if isinstance(x, int | float) else jnp.asarray(x).astype(dtype)  # a NumPy float is one, but not weak


def _accumulator_dtype(p: Any) -> Any:
    return jnp.promote_types(jnp.result_type(p), jnp.float32)


def _scalar_dtype(params: optax.Params) -> Any:
    """Return promote(float32, the real part of every leaf's dtype): one bfloat16 leaf does not make D coarse."""
    return jnp.result_type(jnp.float32, *(jnp.finfo(jnp.result_type(p)).dtype for p in jax.tree.leaves(params)))


def _spread(mask: Any, params: optax.Params) -> optax.Params:
    """Return the decay mask as a boolean for each leaf of the params."""
    if mask is None:
        mask = True
    # A tree of booleans may itself be callable, as an Equinox module is: then its leaves are not.
    if callable(mask) and all(callable(leaf) for leaf in jax.tree.leaves(mask)):
        mask = mask(params)
    for path, leaf in jax.tree_util.tree_leaves_with_path(mask):
        if not isinstance(leaf, bool) and getattr(leaf, "dtype", None) != jnp.dtype(bool):
            where = jax.tree_util.keystr(path) or "the whole mask"
            raise TypeError(f"weight_decay_mask must hold booleans; {where} is {leaf!r}.")
    return jax.tree.map(lambda leaf, below: jax.tree.map(lambda _: leaf, below), mask, params)


def _check(
    learning_rate: Any,
    betas: Any,
    beta3: Any,
    eps: Any,
    estim_lr0: Any,
    estim_lr_coef: Any,
    weight_decay: Any,
    growth_rate: Any,
    slice_p: Any,
) -> None:
    """Raise ValueError for a concrete argument outside its range; traced arguments and schedules pass."""

    def require(name: str, value: Any, fine: Callable[[Any], Any], allowed: str) -> None:
        concrete = value is not None and not isinstance(value, jax.core.Tracer) and not callable(value)
        if concrete and not bool(fine(value)):
            raise ValueError(f"prodigy: {name} is {value!r}; it must be {allowed}.")

    try:
        beta1, beta2 = betas
    except (TypeError, ValueError):
        raise ValueError(f"prodigy: betas is {betas!r}; it must be a pair (beta1, beta2), each in [0, 1).") from None
    require("learning_rate", learning_rate, lambda x: 0 <= x < math.inf, "a schedule or a finite number >= 0")
    require("betas[0]", beta1, lambda x: 0 <= x < 1, "in [0, 1)")
    require("betas[1]", beta2, lambda x: 0 <= x < 1, "in [0, 1)")
    require("beta3", beta3, lambda x: 0 <= x <= 1, "in [0, 1], or None for sqrt(betas[1])")
    require("eps", eps, lambda x: x >= 0, ">= 0")
    require("estim_lr0", estim_lr0, lambda x: 0 < x < math.inf, "finite and > 0")
    require("estim_lr_coef", estim_lr_coef, lambda x: x > 0, "> 0")
    require("weight_decay", weight_decay, lambda x: x >= 0, ">= 0")
    require("growth_rate", growth_rate, lambda x: x >= 1, ">= 1, or None for no cap")
    if isinstance(slice_p, jax.Array):
        raise TypeError(
            "prodigy: slice_p is an array, but it sets shapes; pass an int, and inside optax.inject_hyperparams name it "
            "in static_args."
        )
    whole = isinstance(slice_p, int) and not isinstance(slice_p, bool)
    if slice_p is not None and not (whole and slice_p >= 1):
        raise ValueError(f"prodigy: slice_p is {slice_p!r}; it must be an int >= 1, or None for every entry.")
