"""What templates of the plugin may load."""
