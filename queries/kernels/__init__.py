"""The hot loops behind the questions: searches and sweeps over states. Each has a slow twin in `tests/oracle`."""
