"""Files, an SQLite and a PostgreSQL database together: an in-place restore is killed at each call that changes
something or speaks to the server, everything else at some."""
import unittest

import matrix
from servers import Postgres


class Kills(matrix.PostgresToo, matrix.Kills):
    @classmethod
    def setUpClass(cls):
        cls.server = Postgres()
        cls.addClassCleanup(cls.server.close)

    def setUp(self):
        super().setUp()
        self.step = 1 if self._testMethodName == "test_restore_in_place" else 9


class Errors(matrix.PostgresToo, matrix.Errors):
    step = 7
    kinds = matrix.Errors.kinds[1:3]

    @classmethod
    def setUpClass(cls):
        cls.server = Postgres()
        cls.addClassCleanup(cls.server.close)


if __name__ == "__main__":
    unittest.main()
