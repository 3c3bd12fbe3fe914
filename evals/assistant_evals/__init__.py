"""Evaluation suites, metrics and reports for the assistant."""
