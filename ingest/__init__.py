"""From platform answers to facts: calls as data, pure shapes, snapshots, and loading them into a store."""
