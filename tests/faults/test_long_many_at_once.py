"""Everybody at once, for ten minutes or SAVEPOINT_THRASH_SECONDS."""
import os
import unittest

import many_at_once


class ManyAtOnce(many_at_once.ManyAtOnce):
    seconds = float(os.environ.get("SAVEPOINT_THRASH_SECONDS", "600"))


if __name__ == "__main__":
    unittest.main()
