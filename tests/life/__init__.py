"""Two simulated years of random life, against a model that a reader can check by eye.

``model.py`` is the model and knows nothing of the plugin's code; ``world.py`` holds it beside the
real thing; each other module has the rules of one part of life. What is new in the plugin gets a
class of rules of its own, which ``test_two_years.py`` names.
"""
