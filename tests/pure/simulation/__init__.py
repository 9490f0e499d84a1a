"""Two processes, a log, people on several devices, and everything that can go wrong between them, in virtual time.

The hub, topics, sessions, greeter and consumers are the real ones. Simulated are the clock, the database (every
statement of a call sees its own moment), the layer between processes, and clients that follow docs/protocol.
"""
