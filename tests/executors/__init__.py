"""Where sweeps are computed."""
