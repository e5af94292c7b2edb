"""Colours as they are seen: contrast, and how far apart two colours are for each kind of sight."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import cast

import numpy as np
from jaxtyping import Float, Real

BACKGROUNDS = {"light": "#ffffff", "dark": "#030508"}
CONTRAST = 3.0  # to either background: WCAG 2.2 for a graphical object, success criterion 1.4.11

# Machado, Oliveira and Fernandes, 2009, table 1, severity 1: linear light as a person without red, green or blue cones sees it.
SIGHT: Mapping[str, Float[np.ndarray, "3 3"]] = {
    "usual": np.eye(3),
    "protanopia": np.array([[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
}
TRITANOPIA = np.array([[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]])
EVERY_SIGHT: Mapping[str, Float[np.ndarray, "3 3"]] = {**SIGHT, "tritanopia": TRITANOPIA}

TO_XYZ = np.array([[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]])
WHITE = np.array([0.95047, 1.0, 1.08883])  # D65, XYZ


def linear(colour: str) -> Float[np.ndarray, "3"]:
    """Return an sRGB colour, "#rrggbb", as linear light from 0 to 1 (IEC 61966-2-1)."""
    return linear_light(np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]))


def linear_light(parts: Real[np.ndarray, "*n 3"]) -> Float[np.ndarray, "*n 3"]:
    """Return sRGB colours, their parts from 0 to 255, as linear light from 0 to 1."""
    c = parts / 255
    return np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)


def contrast(a: str, b: str) -> float:
    """Return the contrast ratio of WCAG 2.2, from 1 to 21."""
    low, high = sorted(float(TO_XYZ[1] @ linear(colour)) for colour in (a, b))
    return (high + 0.05) / (low + 0.05)


def least_contrast(colour: str) -> float:
    """Return the lower of a colour's contrasts to the two backgrounds."""
    return min(contrast(colour, background) for background in BACKGROUNDS.values())


@lru_cache(maxsize=20_000)
def lab(colour: str, sight: str) -> Float[np.ndarray, "3"]:
    """Return a colour as a person of this sight sees it, in CIELAB; read-only."""
    seen = lab_of(linear(colour), sight)
    seen.setflags(write=False)
    return seen


def lab_of(light: Float[np.ndarray, "*n 3"], sight: str) -> Float[np.ndarray, "*n 3"]:
    """Return linear light as a person of this sight sees it, in CIELAB."""
    xyz = np.clip(light @ EVERY_SIGHT[sight].T, 0, 1) @ TO_XYZ.T / WHITE
    f = np.where(xyz > 216 / 24389, np.cbrt(xyz), (24389 / 27 * xyz + 16) / 116)
    x, y, z = np.moveaxis(f, -1, 0)
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=-1)


def difference(a: str, b: str, sight: str) -> float:
    """Return the CIELAB distance between two colours for a person of this sight."""
    return float(np.linalg.norm(lab(a, sight) - lab(b, sight)))


def delta_e(a: Float[np.ndarray, "*n 3"], b: Float[np.ndarray, "*n 3"]) -> Float[np.ndarray, "*n"]:
    """Return the differences CIEDE2000 of colours in CIELAB (Sharma, Wu and Dalal, 2005); the shapes broadcast."""
    (l1, a1, b1), (l2, a2, b2) = np.moveaxis(a, -1, 0), np.moveaxis(b, -1, 0)
    mean7 = ((np.hypot(a1, b1) + np.hypot(a2, b2)) / 2) ** 7
    stretch = 1.5 - 0.5 * np.sqrt(mean7 / (mean7 + 25.0**7))
    c1, c2 = np.hypot(stretch * a1, b1), np.hypot(stretch * a2, b2)
    h1, h2 = np.arctan2(b1, stretch * a1), np.arctan2(b2, stretch * a2)
    turn = np.where(c1 * c2 == 0, 0.0, (h2 - h1 + np.pi) % (2 * np.pi) - np.pi)
    chroma, lightness = (c1 + c2) / 2, (l1 + l2) / 2
    hue = np.where(c1 * c2 == 0, h1 + h2, h1 + turn / 2)
    waves = ((1, -30.0, -0.17), (2, 0.0, 0.24), (3, 6.0, 0.32), (4, -63.0, -0.2))
    t = 1 + sum(weight * np.cos(order * hue + np.radians(phase)) for order, phase, weight in waves)
    blue = np.degrees(hue) % 360 - 275
    rotation = -np.sin(np.radians(60) * np.exp(-((blue / 25) ** 2))) * 2 * np.sqrt(chroma**7 / (chroma**7 + 25.0**7))
    dl = (l2 - l1) / (1 + 0.015 * (lightness - 50) ** 2 / np.sqrt(20 + (lightness - 50) ** 2))
    dc = (c2 - c1) / (1 + 0.045 * chroma)
    dh = 2 * np.sqrt(c1 * c2) * np.sin(turn / 2) / (1 + 0.015 * chroma * t)
    return cast("np.ndarray", np.sqrt(dl**2 + dc**2 + dh**2 + rotation * dc * dh))
