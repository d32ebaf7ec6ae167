"""A worker process: the program that it is, how one is begun, and how it talks with the server.

Nothing is imported here: a worker needs little of the server, and is begun before the server has imported anything.
"""
