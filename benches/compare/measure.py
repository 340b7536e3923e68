"""A complete run of a program, measured from outside: start-up, work and exit.

A child's peak memory is never less than that of the process that forked it. So each run is started by a
small process of its own: this file as a program, which therefore imports next to nothing.

    python -I -S measure.py DIRECTORY OUTPUT COMMAND…
"""

import os
import sys
import time


class Run:
    def __init__(self, wall, processor, peak_bytes, floor_bytes, exit_code):
        self.wall, self.processor = float(wall), float(processor)
        # A peak that isn't above the floor, which is what the small process had, can't be told.
        self.peak_bytes, self.floor_bytes = int(peak_bytes), int(floor_bytes)
        self.exit_code = int(exit_code)


def run(command, directory, output):
    """Runs `command` in `directory`; what it prints goes to the file `output`."""
    import subprocess
    launch = [sys.executable, "-I", "-S", __file__, directory, output, *command]
    return Run(*subprocess.run(launch, capture_output=True, text=True, check=True).stdout.split())


def warm(directory):
    """Reads all files below a directory once, so that each tool finds them in the page cache."""
    block = bytearray(1 << 20)
    for parent, _, names in os.walk(directory):
        for name in names:
            with open(os.path.join(parent, name), "rb", buffering=0) as file:
                while file.readinto(block):
                    pass


def main(directory, output, *command):
    log = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    nothing = os.open(os.devnull, os.O_RDONLY)
    # Not ru_maxrss, which remembers what the process was copied from.
    with open("/proc/self/status") as status:
        floor = next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
    start = time.perf_counter()
    child = os.fork()
    if child == 0:
        try:
            os.chdir(directory)
            for file, target in ((nothing, 0), (log, 1), (log, 2)):
                os.dup2(file, target)
            os.execvp(command[0], command)
        finally:
            os._exit(127)
    _, status, usage = os.wait4(child, 0)
    wall = time.perf_counter() - start
    print(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024, floor * 1024,
          os.waitstatus_to_exitcode(status))


if __name__ == "__main__":
    main(*sys.argv[1:])
