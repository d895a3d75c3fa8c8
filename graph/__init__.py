"""What the graph is and where it lives: values, schema, stores, projection."""
