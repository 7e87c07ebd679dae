"""Real servers on one machine without Docker: PostgreSQL, RabbitMQ, Caddy and the suite itself.

`make suite` and the tests use the same classes. Everything listens on 127.0.0.1 only, has a generated
password, keeps its files in a directory of its own and never touches the distribution's services.
"""
