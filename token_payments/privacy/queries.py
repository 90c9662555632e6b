"""The reads about people's data, and the shapes that they give."""

from token_payments.privacy.export import export_person
