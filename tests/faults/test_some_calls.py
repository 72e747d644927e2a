"""Every operation dies, or meets an error, at some of the calls that change something."""
import unittest

import matrix


class Kills(matrix.Kills):
    step = 13


class Errors(matrix.Errors):
    step = 29


if __name__ == "__main__":
    unittest.main()
