"""What holds for all tests."""

from __future__ import annotations

import os

# Most of the suite's time goes into compiling small programs once each. XLA's older code generator, which the engine asks for
# too, takes half as long. Set before anything imports JAX.
os.environ.setdefault("XLA_FLAGS", "--xla_cpu_use_fusion_emitters=false")

from prodigy_core import xla

xla.prepare()  # as the page does: what is tested is what runs
