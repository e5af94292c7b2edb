"""Prodigy in plain NumPy, as in the paper (arXiv 2306.06101): `gradient` of the loss, from `x0`, a vector of float64."""

import numpy as np


def prodigy(gradient, x0, steps, beta1=0.9, beta2=0.999, d0=1e-6, eps=1e-8):
    x, d, r = x0, d0, 0.0  # D is the estimate of the distance from the start to the solution
    m, v, s = np.zeros_like(x0), np.zeros_like(x0), np.zeros_like(x0)
    beta3 = np.sqrt(beta2)
    for k in range(1, steps + 1):
        g = gradient(x)
        step = d * np.sqrt(1 - beta2**k) / (1 - beta1**k)  # Adam's bias correction, with D for a learning rate
        m = beta1 * m + (1 - beta1) * d * g  # Adam's two moments, of D times the gradient
        v = beta2 * v + (1 - beta2) * d**2 * g**2
        r = beta3 * r + d * step * (g @ (x0 - x))  # how far the run came, measured along the gradients
        s = beta3 * s + d * step * g
        d = max(d, r / np.sum(np.abs(s)))  # a lower bound of the distance (L∞) if the loss is convex
        x = x - step * m / (np.sqrt(v) + d * eps)  # Adam's step
        yield x, d
