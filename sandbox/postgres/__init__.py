"""The real servers behind the emulated instances."""
