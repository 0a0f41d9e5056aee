"""Real parts for the tests: programs, brokers, boards, a client that knows nothing of this project."""
