"""Tests of what was saved."""
