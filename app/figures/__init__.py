"""Pure builders: experiment and traces in, a scene or a Plotly figure out. Nothing here knows Streamlit."""
