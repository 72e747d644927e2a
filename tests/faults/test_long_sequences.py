"""Many random sequences of edits, commits, snapshots, restores and undos."""
import unittest

import sequences


class Many(sequences.Sequence):
    first_seed, sequences = 1000, 300


if __name__ == "__main__":
    unittest.main()
