"""The settings: their only definition, and everything that is derived from it."""
