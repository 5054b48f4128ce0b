"""Data worth backing up."""
