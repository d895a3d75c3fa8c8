"""Excess privilege: what identities were granted and did not use, how much that weighs, and a smaller policy for it."""
