"""What commands load: none imports what it does not use."""

import shutil
import subprocess
import sys
from pathlib import Path

RUN = Path(__file__).resolve().parents[2] / "runs" / "format_4" / "single"
COMMANDS = ("fit", "clean", "preview", "predict", "export", "report", "explain", "serve")
LIBRARIES = ("scipy", "sklearn", "keras", "tensorflow", "cv2", "pandas", "zoo.data.source")


def test_help_loads_no_library_that_reads_or_trains():
    """All commands in one process: a process each takes seconds."""
    code = (
        "import sys\n"
        "from zoo.cli.main import main\n"
        f"for command in {COMMANDS}:\n"
        "    sys.argv = ['zoo', command, '--help']\n"
        "    try: main()\n"
        "    except SystemExit as ended: assert ended.code == 0\n"
        f"    loaded = [name for name in {LIBRARIES} if getattr(sys.modules.get(name), '__file__', None)]\n"
        "    if loaded: break\n"
        "print([command, loaded] if loaded else loaded)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_pruning_a_run_loads_no_library_that_trains(tmp_path):
    run = shutil.copytree(RUN, tmp_path / "run")
    code = (
        f"import sys; sys.argv = ['zoo', 'prune', {str(run)!r}]\n"
        "from zoo.cli.main import main\n"
        "try: main()\n"
        "except SystemExit as ended: assert ended.code == 0\n"
        "print([name for name in ('keras', 'tensorflow') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
