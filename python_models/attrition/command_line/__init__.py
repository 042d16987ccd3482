"""What the commands of `attrition` run and show."""
