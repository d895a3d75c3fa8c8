"""The questions: one per file, each a pure function of a view (and of facts, for what-if)."""
