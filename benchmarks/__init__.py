"""What the project is measured by: quality against peers, the effect of each control, a replay."""
