"""The rules, a file each: what they look at, what fails, and what would clear it. `queries.rule` collects them."""
