"""What only Snowflake needs: its account, its registry, its jobs, its feature store."""
