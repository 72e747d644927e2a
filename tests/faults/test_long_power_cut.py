"""The power fails at many calls of every operation, and right after it has said that it is done.

Project and store lie on an ext4 of their own. The power cut is its shutdown without a flush: whatever was not made
durable is gone, and a file that was renamed before its content was written out is empty.
"""
import ctypes
import fcntl
import os
import pathlib
import struct
import subprocess
import sys
import tempfile
import unittest

import matrix
import test_git_calls

NEW_MOUNT_NAMESPACE = 0x00020000
SHUTDOWN, WITHOUT_FLUSH = 0x8004587D, 2
OPTIONS = "loop,noauto_da_alloc,commit=600"  # so that ext4 makes nothing durable on its own


class Disk:
    """An ext4 in a file, whose power can be cut."""

    def __init__(self, directory):
        self.directory = directory
        descriptor, image = tempfile.mkstemp(prefix="savepoint-disk-", dir=os.environ.get("SAVEPOINT_TEST_DIR"))
        self.image = pathlib.Path(image)
        os.truncate(descriptor, 256 << 20)
        os.close(descriptor)
        subprocess.run(["mkfs.ext4", "-q", "-F", image], check=True)

    def mount(self):
        subprocess.run(["mount", "-o", OPTIONS, self.image, self.directory], check=True, capture_output=True)

    def unmount(self):
        subprocess.run(["umount", self.directory], check=True)

    def remove(self):
        if os.path.ismount(self.directory):
            self.unmount()
        self.image.unlink()

    def sync(self):
        subprocess.run(["sync", "-f", self.directory], check=True)

    def cut_power(self):
        root = os.open(self.directory, os.O_RDONLY)
        try:
            fcntl.ioctl(root, SHUTDOWN, struct.pack("I", WITHOUT_FLUSH))
        finally:
            os.close(root)
        self.unmount()
        self.mount()


def keep_mounts_to_ourselves():
    """Another's copy of our mounts would keep a disk that was shut down alive; and ours go with this process."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(NEW_MOUNT_NAMESPACE) != 0:
        raise OSError(ctypes.get_errno(), "cannot have a mount namespace")
    subprocess.run(["mount", "--make-rprivate", "/"], check=True, capture_output=True)


def why_not():
    """What keeps power cuts from being tried here, or nothing."""
    try:
        keep_mounts_to_ourselves()
    except (OSError, subprocess.CalledProcessError) as error:
        return f"no file system can be mounted here, which takes root: {error}"
    with tempfile.TemporaryDirectory() as directory:
        try:
            disk = Disk(directory)
        except (OSError, subprocess.CalledProcessError) as error:
            return f"no ext4 can be made here: {error}"
        try:
            disk.mount()
            disk.cut_power()
        except (OSError, subprocess.CalledProcessError) as error:
            return f"no ext4 can be mounted and shut down here, which takes root and loop devices: {error}"
        finally:
            disk.remove()
    return None


class OnADisk:
    """What is common to all: the disk, and a power cut wherever something is killed."""

    @classmethod
    def setUpClass(cls):
        if reason := why_not():
            print(f"NOT TRIED: power cuts: {reason}", file=sys.stderr, flush=True)
            raise unittest.SkipTest(reason)

    def prepare_directory(self):
        self.disk = Disk(self.top)
        self.addCleanup(self.disk.remove)
        self.disk.mount()

    def reset(self):
        super().reset()
        self.disk.sync()

    def chosen(self, total):
        return [*super().chosen(total), total + 1]  # the last: it comes to its end

    def fault(self, effect, *arguments):
        outcome = super().fault(effect, *arguments)
        if effect == "kill":
            self.disk.cut_power()
        return outcome


class PowerCuts(OnADisk, matrix.Kills):
    step = 7


class PowerCutsWithManyFiles(OnADisk, matrix.Kills):
    """Many files are made durable in another way than few."""
    step = 67
    test_pin = test_prune = test_recover_backwards = test_restore_into_a_directory = test_snapshot = None

    def write_many(self, text):
        for number in range(100):
            self.write(f"many/{number}", f"{text} {number}")

    def prepare(self):
        self.write_many("then")

    def destroy(self):
        self.write_many("now, and longer")


class PowerCutsWithGit(OnADisk, test_git_calls.Kills):
    """The state of git as well: what git itself wrote for us is durable, and what it left locked is known for ours."""
    step = 5


if __name__ == "__main__":
    unittest.main()
