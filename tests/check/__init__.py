"""`make check`: what can be known about the code without running it as a server."""
