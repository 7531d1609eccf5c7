"""Two issues of our own writing for the demo and the tests; see README.md."""
