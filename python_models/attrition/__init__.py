"""What the dbt project calls from Python: training, scoring, the sample, the command line."""

__version__ = "0.1.0"
