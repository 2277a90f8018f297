"""Faults that strace injects into system calls. Counts are one thread's own, of what `paths` name."""


def injecting(log, calls, what, paths=()):
    """The words before a command. The tracer detaches itself: the command is the child."""
    words = ["strace", "-D", "-f", "-qq", "--seccomp-bpf", "-o", log, "-e", f"trace={calls}"]
    if what:
        words += ["-e", f"inject={calls}:{what}"]
    for path in paths:
        words += ["-P", path]
    return words
