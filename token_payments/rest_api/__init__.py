"""What programs are served, as JSON: ``front`` for buttons of front ends."""
