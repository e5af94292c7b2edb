"""Figures of sweeps: what they measure, and the Plotly figures of it."""
