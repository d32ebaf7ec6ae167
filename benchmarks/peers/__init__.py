"""Other programs beside ours, each in an environment of its own, on the same pictures and processors in one run."""
