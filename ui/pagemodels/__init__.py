"""What the pages show, as values: each page has `asked_of(params)` and `build_model(reading, asked)`, and no browser."""
