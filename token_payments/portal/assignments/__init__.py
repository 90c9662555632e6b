"""Giving an order's tokens to learners by e-mail: lists, previews, progress, reminders.

Nothing is kept between a preview and its confirmation: the page carries the list on, and it is
judged again. Addresses of learners are in no address of a page, so a search is always posted.
"""
