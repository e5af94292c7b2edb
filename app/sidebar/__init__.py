"""The widgets of an Experiment."""
