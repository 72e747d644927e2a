"""Everybody at once, for a moment."""
import unittest

import many_at_once


class ManyAtOnce(many_at_once.ManyAtOnce):
    seconds = 20


if __name__ == "__main__":
    unittest.main()
