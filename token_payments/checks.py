"""System checks for what an operator can get wrong."""
