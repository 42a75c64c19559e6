"""Services are kept alive; a job runs once, and one that failed waits for the next start."""

import sys
import threading
import time

from config.dev.supervisor import Child, Supervisor


def _run(*children: Child, until) -> list[tuple[str, str]]:
    said: list[tuple[str, str]] = []
    supervisor = Supervisor(children, cwd=".", say=lambda name, line: said.append((name, line)))

    def watch() -> None:
        deadline = time.monotonic() + 60
        while not until(said) and time.monotonic() < deadline:
            supervisor.stopping.wait(0.05)
        supervisor.stopping.wait(1.2)  # long enough for a service to be started again
        supervisor.stopping.set()

    threading.Thread(target=watch, daemon=True).start()
    supervisor.run()
    return said


def _says(word: str, code: int = 0) -> tuple[str, ...]:
    return (sys.executable, "-c", f"print({word!r}, flush=True); raise SystemExit({code})")


def test_a_job_that_ended_well_is_noted_and_not_begun_again():
    noted: list[str] = []
    job = Child("job", _says("done"), once=True, finished=lambda: noted.append("finished"))

    said = _run(job, until=lambda said: noted)

    assert noted == ["finished"]
    assert said == [("job", "done")]


def test_a_job_that_failed_is_left_for_the_next_start():
    noted: list[str] = []
    job = Child("job", _says("half", 3), once=True, finished=lambda: noted.append("finished"))

    said = _run(job, until=lambda said: len(said) >= 2)

    assert noted == []
    assert sorted(said) == [("job", "ended with 3; the next start goes on with it"), ("job", "half")]


def test_a_service_that_ended_is_started_again():
    said = _run(Child("service", _says("up")), until=lambda said: said.count(("service", "up")) >= 2)

    assert said.count(("service", "up")) >= 2
