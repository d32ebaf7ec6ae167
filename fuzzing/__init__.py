"""Coverage-guided fuzzing of everything that reads bytes from outside: `python -m fuzzing --minutes 60`."""
