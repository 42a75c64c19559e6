"""Install a hash-pinned list into .venv: with uv when it can be had, with plain pip otherwise. Standard library only."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PYTHON = ROOT / ".venv" / "bin" / "python"
TOOLS = ROOT / "requirements" / "tools.txt"


def main() -> int:
    wanted = sys.argv[1]
    lines = (ROOT / wanted).read_text().splitlines()
    count = sum(1 for line in lines if line[:1].isalnum())
    print(f"Installing {count} packages from {wanted} (about {max(5, count // 3)} s with a quick connection)", flush=True)
    if not _works("-m", "pip", "--version"):
        _works("-m", "ensurepip", "--upgrade")
    if not _works("-m", "uv", "--version"):
        _works("-m", "pip", "install", "-q", "--disable-pip-version-check", "--require-hashes", "-r", str(TOOLS))
    if _works("-m", "uv", "--version"):
        if _run("-m", "uv", "pip", "install", "-q", "--python", str(PYTHON), "--require-hashes", "-r", wanted) == 0:
            return 0
        print("uv could not install the list; trying pip", flush=True)
    return _run("-m", "pip", "install", "-q", "--disable-pip-version-check", "--require-hashes", "-r", wanted)


def _run(*arguments: str) -> int:
    return subprocess.run([str(PYTHON), *arguments], cwd=ROOT, stdin=subprocess.DEVNULL, check=False).returncode


def _works(*arguments: str) -> bool:
    quiet = subprocess.run([str(PYTHON), *arguments], cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    return quiet.returncode == 0


if __name__ == "__main__":
    sys.exit(main())
