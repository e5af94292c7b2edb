"""Small models: each step takes another batch of examples, so their loss is noisy, unlike a test function's."""

from prodigy_core.problems.models.factorisation import FACTORISATION
from prodigy_core.problems.models.images import IMAGES
from prodigy_core.problems.models.modular import MODULAR
from prodigy_core.problems.models.physics import PHYSICS
from prodigy_core.problems.models.tabular import TABULAR

__all__ = ["MODELS"]

MODELS = (*TABULAR, *IMAGES, *MODULAR, *PHYSICS, *FACTORISATION)
