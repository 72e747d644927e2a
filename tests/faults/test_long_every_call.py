"""Every operation dies, or meets an error, at each call that changes something."""
import unittest

import matrix


class Kills(matrix.Kills):
    pass


class Errors(matrix.Errors):
    pass


if __name__ == "__main__":
    unittest.main()
