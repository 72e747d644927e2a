"""Every byte of a small store is changed, and every file is cut off at every length."""
import unittest

import test_flips


class EveryFlip(test_flips.Flips):
    step = 1


if __name__ == "__main__":
    unittest.main()
