"""Files that are read in place of a platform: exports that people already have."""
