"""Who is told of what: the mails that people get."""
