"""Other linkage programs and Sanctuary on the same files, counted the same way."""
