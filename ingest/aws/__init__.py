"""AWS: the calls that are read and what their answers say, a file per family."""
