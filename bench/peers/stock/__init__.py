"""The chat server of the Channels tutorial, as a Django developer would put it into production: what we compare with.

Written from the tutorial (part 3, asynchronous), plus one `objects.create` a message. Daphne, the pub/sub layer on
Redis, PostgreSQL through Django's psycopg pool, Django's own sessions. None of Parley's code is imported.
"""
