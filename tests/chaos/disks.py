"""Small disks that fail as real ones do. Each is undone on every way out, the last one first."""

import os
import signal
import subprocess
import time
from contextlib import suppress

FILL_BLOCK = bytes(1 << 20)
ENDINGS = {signal.SIGTERM, signal.SIGHUP, signal.SIGINT}


class DiskError(Exception):
    """A disk could not be made or removed."""


def call(*command):
    """Not to be interrupted: half a mount is undone by nobody."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ENDINGS)
    try:
        done = subprocess.run([str(word) for word in command], text=True, capture_output=True,
                              check=False)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
    if done.returncode:
        raise DiskError(f"{' '.join(map(str, command))}: {done.stderr.strip()}")
    return done.stdout.strip()


def unmount(mountpoint):
    """Its last user may still be about to go; after that lazily, so that nothing stays behind."""
    for _ in range(50):
        with suppress(DiskError):
            return call("umount", mountpoint)
        time.sleep(0.1)
    return call("umount", "--lazy", mountpoint)


def mount(undo, mountpoint, *arguments):
    mountpoint.mkdir(parents=True, exist_ok=True)
    undo.append(lambda: os.path.ismount(mountpoint) and unmount(mountpoint))
    call("mount", *arguments, mountpoint)
    return mountpoint


def tmpfs(undo, mountpoint, megabytes):
    return mount(undo, mountpoint, "-t", "tmpfs", "-o", f"size={megabytes}m", "chaos")


def image_file(path, megabytes):
    with open(path, "wb") as file:
        file.truncate(megabytes << 20)
    return path


def ext4(image, *options):
    call("mkfs.ext4", "-q", "-F", "-E", "lazy_itable_init=0,nodiscard", *options, image)


def materialize(image, megabytes):
    """Allocates the first blocks, where ext4 keeps its tables: only data can then fail."""
    with open(image, "r+b") as file:
        head = file.read(megabytes << 20)
        file.seek(0)
        file.write(head)


def fill(path):
    """Writes until there is no space; appends to what a former call wrote."""
    with suppress(OSError):
        with open(path, "ab", buffering=0) as file:
            while True:
                size = len(FILL_BLOCK)
                with suppress(OSError):
                    while file.write(FILL_BLOCK[:size]):
                        pass
                while size > 1:  # to the last byte
                    size //= 2
                    with suppress(OSError):
                        file.write(FILL_BLOCK[:size])
                return


def free(path):
    with suppress(FileNotFoundError):
        path.unlink()
