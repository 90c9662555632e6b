"""Tags and filters that the plugin's templates load."""
