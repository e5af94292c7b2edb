"""Pure builders: from an experiment and its traces to a scene or a Plotly figure. Nothing here knows Streamlit."""
