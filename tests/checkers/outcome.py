"""What the checks found: a line each, and the count at the end."""


class Outcome:
    def __init__(self):
        self.passed = self.failed = 0

    def check(self, what, good, *details):
        """Notes one check; the details are shown when it failed."""
        print(f"{'ok  ' if good else 'FAIL'} {what}", flush=True)
        if good:
            self.passed += 1
        else:
            self.failed += 1
            for detail in details:
                print(f"     {detail}", flush=True)
        return good

    def guard(self, what, function, *arguments):
        """Runs a group of checks; what it raises is a failure, never the end of the run."""
        try:
            return function(*arguments)
        except Exception as error:  # whatever a checker's library raises
            self.check(f"{what}: runs to its end", False, f"{type(error).__name__}: {error}")
            return None

    def finish(self):
        """Prints the count as the last line; the exit code."""
        print(f"{self.passed} passed, {self.failed} failed", flush=True)
        return 1 if self.failed or not self.passed else 0


class Quiet(Outcome):
    """For a tampered copy: keeps the names of the checks that failed and prints nothing."""

    def __init__(self):
        super().__init__()
        self.failures = set()

    def check(self, what, good, *details):
        if not good:
            self.failures.add(what)
        return good
