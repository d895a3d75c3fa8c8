"""AWS: policy evaluation, capabilities and techniques."""
