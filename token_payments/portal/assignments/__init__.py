"""Giving an order's tokens to learners by e-mail: lists, previews, progress, reminders."""
