"""Pure builders: experiment and traces in, Plotly figure out. Nothing here knows Streamlit."""
