"""From the modeling dataset to a candidate version."""
