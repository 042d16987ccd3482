"""From a version to test predictions, scores and reasons."""
