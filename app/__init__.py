"""The dashboard: Streamlit pages over the published copy, started by `make app`."""
