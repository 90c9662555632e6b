"""Learners' and buyers' pages."""
