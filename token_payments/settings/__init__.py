"""What the plugin adds to the LMS's settings, at the points where the LMS asks."""
