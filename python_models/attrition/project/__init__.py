"""The dbt project as the library uses it: runs of dbt, its profile, its file, a scratch build."""
