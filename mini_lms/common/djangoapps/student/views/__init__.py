"""Views about the signed-in learner."""
