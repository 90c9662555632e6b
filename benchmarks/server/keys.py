"""What the server and its clients agree on; it protects nothing."""

KEY = "a key for benchmarks, it protects nothing at all"
ISSUER = "http://localhost:8000/oauth2"
AUDIENCE = "lms-key"
