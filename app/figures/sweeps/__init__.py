"""Figures of sweeps: the measures of their runs, and Plotly figures of those."""
